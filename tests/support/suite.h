/* Suites that run on one rank, without MPI. */
#ifndef VICINAL_TESTS_SUPPORT_SUITE_H
#define VICINAL_TESTS_SUPPORT_SUITE_H

#include <check.h>

/* Runs the suite, every test in a process of its own unless the environment says otherwise. Returns what main
 * returns. */
int run_suite(Suite *suite);

#endif
