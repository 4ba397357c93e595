/* Convolutions between many channels by Winograd's transforms: rows of several strips of tiles and strips of
 * several rows, rows and columns that end within a tile, batches that are no multiple of a vector, longer
 * than a strip, and shorter than a vector. */
#include "functions/functions.h"

#include "plain_convolution.h"
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>

static const convolution_trial cases[] = {
    {.in = {3, {16, 9, 15}}, .out = 17, .stride = 1, .batch = 40},
    {.in = {3, {18, 8, 13}}, .out = 16, .stride = 1, .batch = 70},
    {.in = {3, {16, 5, 6}}, .out = 16, .stride = 1, .batch = 260},
    {.in = {3, {17, 9, 12}}, .out = 16, .stride = 2, .batch = 33},
    {.in = {3, {16, 37, 35}}, .out = 18, .stride = 1, .batch = 1},
    {.in = {3, {17, 16, 64}}, .out = 16, .stride = 1, .batch = 1},
    {.in = {3, {16, 21, 22}}, .out = 17, .stride = 1, .batch = 2},
    {.in = {3, {16, 19, 30}}, .out = 16, .stride = 1, .batch = 3},
    {.in = {3, {16, 17, 9}}, .out = 16, .stride = 1, .batch = 5},
    {.in = {3, {19, 16, 17}}, .out = 16, .stride = 1, .batch = 7},
};

enum { N_CASES = sizeof cases / sizeof *cases };

START_TEST(results_are_near_the_definition) {
    convolution_trial trial = cases[_i / 2];
    trial.precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, trial.kernel = 3, trial.padding = 1;
    assert_convolves(&trial, trial.precision == VIC_FLOAT32 ? 2e-6 : 1e-14);
}
END_TEST

/* Arrays are made for the largest batch, and the last one is often shorter. */
START_TEST(fewer_samples_need_no_more_scratch) {
    vic_function f;
    const size_t option[VIC_MAX_OPTIONS] = {cases[_i].out, 3, cases[_i].stride, 1, 1};
    ck_assert_int_eq(vic_function_place(&f, vic_function_find(VIC_FLOAT32, "conv2d"), cases[_i].in, option),
                     VIC_OK);
    size_t most = 0;
    for (size_t batch = 1; batch < 600; batch++) {
        size_t count = f.kind->scratch_count(&f, batch);
        ck_assert_msg(count >= most, "%zu samples need %zu numbers, fewer need %zu", batch, count, most);
        most = count;
    }
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("winograd");
    TCase *tests = tcase_create("winograd");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, results_are_near_the_definition, 0, 2 * N_CASES);
    tcase_add_loop_test(tests, fewer_samples_need_no_more_scratch, 0, N_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
