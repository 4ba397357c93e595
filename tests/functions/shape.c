/* Which arrays may be read as which. */
#include "functions/functions.h"
#include "support/suite.h"

#include <check.h>
#include <string.h>

static const struct {
    int rank;
    size_t dim[8];
    vic_shape expected;
    vic_shape_match match;
} pairs[] = {
    {3, {1, 28, 28}, {3, {1, 28, 28}}, VIC_SHAPE_FITS},
    {2, {28, 28}, {3, {1, 28, 28}}, VIC_SHAPE_FITS},
    {3, {28, 28, 1}, {3, {1, 28, 28}}, VIC_SHAPE_FITS},
    {8, {1, 1, 1, 28, 1, 28, 1, 1}, {3, {1, 28, 28}}, VIC_SHAPE_FITS},
    {1, {784}, {3, {1, 28, 28}}, VIC_SHAPE_FITS},
    {2, {1, 784}, {3, {1, 28, 28}}, VIC_SHAPE_FITS},
    {3, {3, 4, 5}, {1, {60}}, VIC_SHAPE_FITS},
    {6, {2, 2, 2, 2, 2, 2}, {1, {64}}, VIC_SHAPE_FITS},
    {0, {0}, {1, {1}}, VIC_SHAPE_FITS},
    {2, {1, 1}, {0, {0}}, VIC_SHAPE_FITS},
    {3, {28, 28, 3}, {3, {3, 28, 28}}, VIC_SHAPE_PERMUTED},
    {4, {1, 4, 5, 3}, {3, {3, 4, 5}}, VIC_SHAPE_PERMUTED},
    {2, {3, 4}, {2, {4, 3}}, VIC_SHAPE_PERMUTED},
    {2, {3, 4}, {3, {4, 1, 3}}, VIC_SHAPE_PERMUTED},
    {4, {2, 3, 3, 5}, {4, {3, 5, 3, 2}}, VIC_SHAPE_PERMUTED},
    {2, {14, 56}, {2, {28, 28}}, VIC_SHAPE_DIFFERS},
    {2, {7, 112}, {3, {1, 28, 28}}, VIC_SHAPE_DIFFERS},
    {2, {3, 20}, {3, {3, 4, 5}}, VIC_SHAPE_DIFFERS},
    {1, {783}, {3, {1, 28, 28}}, VIC_SHAPE_DIFFERS},
    {3, {3, 4, 5}, {1, {61}}, VIC_SHAPE_DIFFERS},
    {6, {2, 2, 2, 2, 2, 2}, {4, {2, 2, 2, 8}}, VIC_SHAPE_DIFFERS},
    {5, {2, 3, 2, 2, 2}, {4, {2, 2, 2, 6}}, VIC_SHAPE_DIFFERS},
    {3, {2, 2, 3}, {3, {2, 3, 3}}, VIC_SHAPE_DIFFERS},
    {1, {0}, {1, {1}}, VIC_SHAPE_DIFFERS},
};

START_TEST(compares_axes) {
    vic_shape expected = pairs[_i].expected;
    vic_shape_match match = vic_shape_compare(pairs[_i].rank, pairs[_i].dim, expected);
    ck_assert_int_eq(match, pairs[_i].match);
    const char *advice = vic_shape_advice(pairs[_i].rank, pairs[_i].dim, expected);
    ck_assert_int_eq(strstr(advice, "channels come first") != NULL, match == VIC_SHAPE_PERMUTED);
    ck_assert(match == VIC_SHAPE_PERMUTED || advice[0] == '\0');
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shape");
    TCase *cases = tcase_create("shape");
    tcase_add_loop_test(cases, compares_axes, 0, sizeof pairs / sizeof *pairs);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
