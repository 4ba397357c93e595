/* Convolutions by sums over taps: rows of every length, alone and several to a run, and long sums. */
#include "plain_convolution.h"
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>

enum { LONGEST_ROW = 100 };

static double bound(vic_precision precision) {
    return precision == VIC_FLOAT32 ? 2e-6 : 1e-14;
}

/* One sample, so that a row has as many numbers as columns, and sums of one block and of two; fewer channels
 * than Winograd's algorithm is for, in groups of all sizes. */
START_TEST(rows_of_every_length) {
    size_t columns = (size_t)_i % LONGEST_ROW + 1;
    vic_precision precision = _i < LONGEST_ROW ? VIC_FLOAT32 : VIC_FLOAT64;
    convolution_trial trial = {
        .precision = precision,
        .in = {3, {columns % 2 ? 2 : 60, columns % 3 + 1, columns}},
        .out = columns % 13 + 1,
        .kernel = 3,
        .stride = 1,
        .padding = 1,
        .batch = 1,
    };
    assert_convolves(&trial, bound(precision));
}
END_TEST

/* Thousands of products in a sum of the output, or of the input's error; single numbers where neighbouring
 * outputs read no neighbouring inputs. */
static const convolution_trial long_sums[] = {
    {.in = {3, {300, 24, 24}}, .out = 6, .kernel = 5, .stride = 1, .padding = 2, .batch = 1},
    {.in = {3, {6, 24, 24}}, .out = 300, .kernel = 5, .stride = 1, .padding = 2, .batch = 1},
    {.in = {3, {800, 21, 21}}, .out = 6, .kernel = 3, .stride = 2, .padding = 1, .batch = 1},
};
enum { N_LONG_SUMS = sizeof long_sums / sizeof *long_sums };

START_TEST(long_sums_are_near_the_definition) {
    convolution_trial trial = long_sums[_i / 2];
    trial.precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    assert_convolves(&trial, bound(trial.precision));
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("convolve");
    TCase *tests = tcase_create("convolve");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, rows_of_every_length, 0, 2 * LONGEST_ROW);
    tcase_add_loop_test(tests, long_sums_are_near_the_definition, 0, 2 * N_LONG_SUMS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
