/* Suites of arithmetic, which are run at every instruction level that this processor can run. */
#ifndef VICINAL_TESTS_SUPPORT_LEVELS_H
#define VICINAL_TESTS_SUPPORT_LEVELS_H

#include <check.h>

/* Makes the suite and runs it by `run`, which returns what main would, at each level. Returns what main
 * returns. */
int run_at_each_level(int (*run)(Suite *suite), Suite *(*make_suite)(void));

/* The whole of a main: the same with every test in a process of its own, unless the environment says
 * otherwise. */
int levels_main(Suite *(*make_suite)(void));

#endif
