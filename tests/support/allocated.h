/* What this process has allocated, beside what was forecast. */
#ifndef VICINAL_TESTS_SUPPORT_ALLOCATED_H
#define VICINAL_TESTS_SUPPORT_ALLOCATED_H

#include <stdbool.h>

/* What tables of pointers take, MPI for a communicator, and shared memory up to whole pages. */
enum { SMALL_THINGS = 128 * 1024 };

/* Bytes that are allocated in this process now. */
double allocated(void);

/* A thousandth apart, and small things. */
bool is_near(double forecast, double taken);
/* Collective: fails on all ranks where it does on one. */
void assert_near(double forecast, double taken, const char *what);

#endif
