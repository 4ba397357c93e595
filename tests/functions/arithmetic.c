/* Every entry of the table of array operations, in both precisions. Lengths run over several vector widths
 * and their borders. */
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const vic_precision precisions[] = {VIC_FLOAT32, VIC_FLOAT64};
static const size_t lengths[] = {0, 1, 7, 15, 16, 17, 31, 32, 33, 64, 100, 1000};
enum { N_LENGTHS = sizeof lengths / sizeof lengths[0] };

/* Loop tests run over (precision, length). */
typedef struct array_case {
    vic_precision precision;
    const vic_arithmetic *table;
    size_t n;
    double epsilon;
    const double *a, *b, *c; /* exact in the precision */
} array_case;

static const double *rounded(vic_precision precision, size_t n, uint64_t seed) {
    return doubles_of(precision, n, reals_of(precision, n, numbers(n, seed)));
}

static array_case case_of(int i) {
    array_case x = {.precision = precisions[i % 2], .n = lengths[i / 2]};
    x.table = vic_arithmetic_of(x.precision);
    x.epsilon = x.precision == VIC_FLOAT32 ? FLT_EPSILON : DBL_EPSILON;
    x.a = rounded(x.precision, x.n, 1);
    x.b = rounded(x.precision, x.n, 2);
    x.c = rounded(x.precision, x.n, 3);
    return x;
}

static void *reals(const array_case *x, const double *values) {
    return reals_of(x->precision, x->n, values);
}

/* The largest difference between results and `expected`. */
static double off(const array_case *x, const void *results, const double *expected) {
    return farthest(x->n, doubles_of(x->precision, x->n, results), expected);
}

START_TEST(mix_keeps_and_takes) {
    array_case x = case_of(_i);
    double *expected = scrap(x.n, sizeof *expected);
    void *y = reals(&x, x.b);
    for (size_t i = 0; i < x.n; i++)
        expected[i] = 0.75 * x.b[i] + 0.1 * x.a[i];
    x.table->mix(x.n, 0.75, 0.1, reals(&x, x.a), y);
    ck_assert_double_le(off(&x, y, expected), 2 * x.epsilon);
}
END_TEST

/* What is kept with weight 0 does not count, not even when it is no number. */
START_TEST(mix_copies_when_nothing_is_kept) {
    array_case x = case_of(_i);
    void *y = unset(x.precision, x.n);
    x.table->mix(x.n, 0, 1, reals(&x, x.a), y);
    ck_assert_double_eq(off(&x, y, x.a), 0);
    double *expected = scrap(x.n, sizeof *expected);
    for (size_t i = 0; i < x.n; i++)
        expected[i] = -2 * x.a[i];
    y = unset(x.precision, x.n);
    x.table->mix(x.n, 0, -2, reals(&x, x.a), y);
    ck_assert_double_eq(off(&x, y, expected), 0);
}
END_TEST

START_TEST(sums_and_differences) {
    array_case x = case_of(_i);
    double *sum = scrap(x.n, sizeof *sum), *difference = scrap(x.n, sizeof *difference);
    for (size_t i = 0; i < x.n; i++) {
        sum[i] = x.a[i] + x.b[i];
        difference[i] = x.a[i] - x.b[i];
    }
    void *a = reals(&x, x.a), *b = reals(&x, x.b), *out = unset(x.precision, x.n);
    x.table->subtract(x.n, a, b, out);
    ck_assert_double_le(off(&x, out, difference), x.epsilon);
    void *first = reals(&x, x.a), *second = reals(&x, x.b);
    x.table->subtract(x.n, first, b, first);
    x.table->subtract(x.n, a, second, second);
    ck_assert(x.table->ulp_distance(x.n, first, out) == 0 && x.table->ulp_distance(x.n, second, out) == 0);
    x.table->add(x.n, a, b, out);
    ck_assert_double_le(off(&x, out, sum), x.epsilon);
    first = reals(&x, x.a);
    x.table->add(x.n, first, b, first);
    x.table->add(x.n, a, b, b);
    ck_assert(x.table->ulp_distance(x.n, first, out) == 0 && x.table->ulp_distance(x.n, b, out) == 0);
}
END_TEST

START_TEST(relax_moves_beliefs) {
    array_case x = case_of(_i);
    double *expected = scrap(x.n, sizeof *expected);
    void *belief = reals(&x, x.c);
    for (size_t i = 0; i < x.n; i++)
        expected[i] = x.c[i] + 0.3 * (x.a[i] - x.b[i]);
    x.table->relax(x.n, 0.3, reals(&x, x.a), reals(&x, x.b), belief);
    ck_assert_double_le(off(&x, belief, expected), 2 * x.epsilon);
}
END_TEST

/* Squares are added in float64, whatever the precision: the sum is off by at most n roundings. */
START_TEST(sums_of_squares) {
    array_case x = case_of(_i);
    long double squares = 0, distance = 0;
    for (size_t i = 0; i < x.n; i++) {
        long double d = 1.5L * x.a[i] - 0.25L * x.b[i];
        squares += (long double)x.a[i] * x.a[i];
        distance += d * d;
    }
    void *a = reals(&x, x.a), *b = reals(&x, x.b);
    double allowed = ((double)x.n + 4) * DBL_EPSILON;
    ck_assert_double_le(fabs(x.table->sum_of_squares(x.n, a) - (double)squares), allowed * (double)squares);
    ck_assert_double_le(fabs(x.table->squared_distance(x.n, 1.5, a, 0.25, b) - (double)distance),
                        allowed * (double)distance);
}
END_TEST

/* Squares of these overflow, and those of small ones vanish, in float32. */
START_TEST(sums_of_squares_do_not_leave_float64) {
    const float large[] = {1e30f, 1e30f}, small[] = {1e-30f, 0};
    const vic_arithmetic *table = vic_arithmetic_of(VIC_FLOAT32);
    ck_assert_double_eq_tol(table->sum_of_squares(2, large) / 2e60, 1, 1e-6);
    ck_assert_double_eq_tol(table->sum_of_squares(2, small) / 1e-60, 1, 1e-6);
}
END_TEST

/* ---- distances in units in the last place ---- */

static int64_t ulps(vic_precision precision, double a, double b) {
    return vic_arithmetic_of(precision)->ulp_distance(1, reals_of(precision, 1, &a),
                                                      reals_of(precision, 1, &b));
}

static double next(vic_precision precision, double x, double towards) {
    return precision == VIC_FLOAT32 ? nextafterf((float)x, (float)towards) : nextafter(x, towards);
}

START_TEST(ulp_distance_counts_numbers_between) {
    vic_precision p = precisions[_i];
    double least = p == VIC_FLOAT32 ? FLT_TRUE_MIN : DBL_TRUE_MIN,
           most = p == VIC_FLOAT32 ? FLT_MAX : DBL_MAX;
    const double points[] = {1, -1, 0.3, 2, least, -least, most, 1e-30};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        double x = p == VIC_FLOAT32 ? (float)points[i] : points[i];
        ck_assert_int_eq(ulps(p, x, x), 0);
        ck_assert_int_eq(ulps(p, x, next(p, x, -INFINITY)), 1);
        ck_assert_int_eq(ulps(p, next(p, next(p, x, 0), 0), x), fabs(x) == least ? 1 : 2);
    }
    ck_assert_int_eq(ulps(p, 0.0, -0.0), 0);
    ck_assert_int_eq(ulps(p, -0.0, least), 1);
    ck_assert_int_eq(ulps(p, -least, least), 2);
    ck_assert_int_eq(ulps(p, 3 * least, -2 * least), 5);
    ck_assert_int_eq(ulps(p, 1, 2), p == VIC_FLOAT32 ? INT64_C(1) << 23 : INT64_C(1) << 52);
    ck_assert_int_eq(ulps(p, most, INFINITY), 1);
}
END_TEST

START_TEST(nan_is_infinitely_far) {
    vic_precision p = precisions[_i];
    ck_assert(ulps(p, NAN, NAN) == INT64_MAX && ulps(p, NAN, 0) == INT64_MAX && ulps(p, 1, NAN) == INT64_MAX);
    int64_t across = ulps(p, -INFINITY, INFINITY);
    ck_assert_int_eq(across, p == VIC_FLOAT32 ? INT64_C(2) * 0x7F800000 : INT64_MAX);
}
END_TEST

START_TEST(ulp_distance_is_the_largest) {
    array_case x = case_of(_i);
    void *a = reals(&x, x.a);
    ck_assert_int_eq(x.table->ulp_distance(x.n, a, reals(&x, x.a)), 0);
    for (size_t i = 0; i < x.n; i++) {
        double *moved = doubles_of(x.precision, x.n, a);
        moved[i] = next(x.precision, next(x.precision, moved[i], 2), 2);
        moved[x.n - 1 - i] = next(x.precision, moved[x.n - 1 - i], 2);
        ck_assert_int_eq(x.table->ulp_distance(x.n, a, reals(&x, moved)), 2 + (2 * i + 1 == x.n));
    }
}
END_TEST

START_TEST(all_finite_sees_every_place) {
    array_case x = case_of(_i);
    double *y = doubles_of(x.precision, x.n, reals(&x, x.a));
    const double wrong[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < x.n; i++)
        y[i] = (i % 2 ? -1 : 1) * (x.precision == VIC_FLOAT32 ? FLT_MAX : DBL_MAX);
    ck_assert(x.table->all_finite(x.n, reals(&x, y)));
    for (size_t i = 0; i < x.n * 3; i++) {
        double old = y[i / 3];
        y[i / 3] = wrong[i % 3];
        ck_assert_msg(!x.table->all_finite(x.n, reals(&x, y)), "%g at %zu of %zu", wrong[i % 3], i / 3, x.n);
        y[i / 3] = old;
    }
}
END_TEST

/* ---- shapes, precisions, classes, random numbers ---- */

START_TEST(transposes) {
    static const size_t features[] = {1, 3, 31, 32, 33, 70}, batches[] = {1, 2, 32, 65};
    vic_precision p = precisions[_i % 2];
    size_t f = features[_i / 2 % 6], batch = batches[_i / 12], n = f * batch;
    const double *columns = rounded(p, n, 4);
    double *rows = scrap(n, sizeof *rows);
    for (size_t k = 0; k < f; k++)
        for (size_t b = 0; b < batch; b++)
            rows[b * f + k] = columns[k * batch + b];
    void *out = unset(p, n), *in = unset(p, n);
    vic_arithmetic_of(p)->samples_outward(f, batch, reals_of(p, n, columns), out);
    vic_arithmetic_of(p)->samples_inward(f, batch, reals_of(p, n, rows), batch, in);
    ck_assert_double_eq(farthest(n, doubles_of(p, n, out), rows), 0);
    ck_assert_double_eq(farthest(n, doubles_of(p, n, in), columns), 0);
}
END_TEST

START_TEST(precisions_convert) {
    const float narrow[] = {0.1f, -0.0f, FLT_MAX, FLT_TRUE_MIN};
    const double wide[] = {0.1, 1e300, -1e-300, 1 + DBL_EPSILON};
    float single[4];
    double twice[4];
    vic_arithmetic_of(VIC_FLOAT32)->from_float32(4, narrow, single);
    vic_arithmetic_of(VIC_FLOAT64)->from_float32(4, narrow, twice);
    for (int i = 0; i < 4; i++)
        ck_assert(single[i] == narrow[i] && twice[i] == narrow[i] &&
                  !signbit(twice[i]) == !signbit(narrow[i]));
    vic_arithmetic_of(VIC_FLOAT32)->from_float64(4, wide, single);
    vic_arithmetic_of(VIC_FLOAT64)->from_float64(4, wide, twice);
    ck_assert(single[0] == 0.1f && isinf(single[1]) && single[2] == 0 && single[3] == 1);
    ck_assert_int_eq(memcmp(wide, twice, sizeof wide), 0);
}
END_TEST

/* Samples: a clear hit, a miss, a tie whose first counts, a tie whose second does not, all equal. */
START_TEST(count_correct_takes_the_first_of_equals) {
    vic_precision p = precisions[_i];
    const double x[] = {0, 1, 2, 2, 3, /**/ 5, 0, 2, 2, 3, /**/ 1, 0, -1, -1, 3};
    const int64_t hits[] = {1, 0, 0, 0, 0}, mixed[] = {1, 2, 0, 1, 0}, misses[] = {0, 1, 1, 1, 2};
    const vic_arithmetic *table = vic_arithmetic_of(p);
    ck_assert_uint_eq(table->count_correct(3, 5, reals_of(p, 15, x), hits), 5);
    ck_assert_uint_eq(table->count_correct(3, 5, reals_of(p, 15, x), mixed), 3);
    ck_assert_uint_eq(table->count_correct(3, 5, reals_of(p, 15, x), misses), 0);
}
END_TEST

enum { DRAWS = 20000 };

START_TEST(fill_uniform_is_a_pure_function) {
    vic_precision p = precisions[_i];
    const vic_arithmetic *table = vic_arithmetic_of(p);
    void *x = unset(p, DRAWS), *again = unset(p, 17), *other = unset(p, DRAWS);
    table->fill_uniform(DRAWS, 5, 9, 0.25, x);
    table->fill_uniform(17, 5, 9, 0.25, again);
    ck_assert_int_eq(table->ulp_distance(17, x, again), 0);
    for (int seed = 0; seed < 2; seed++) {
        table->fill_uniform(DRAWS, seed ? 6 : 5, seed ? 9 : 10, 0.25, other);
        int same = 0;
        for (size_t i = 0; i < DRAWS; i++)
            same += real_at(p, x, i) == real_at(p, other, i);
        ck_assert_int_lt(same, 10);
    }
}
END_TEST

/* Over n draws the mean of the uniform numbers is off by some bound / sqrt(3 n), the mean square by some
 * bound^2 sqrt(4 / 45 n): five times that is allowed. */
START_TEST(fill_uniform_is_uniform) {
    vic_precision p = precisions[_i];
    const double bound = 0.25;
    void *x = unset(p, DRAWS);
    vic_arithmetic_of(p)->fill_uniform(DRAWS, 1, 2, bound, x);
    double sum = 0, squares = 0, least = 0, most = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        double value = real_at(p, x, i);
        ck_assert(value >= -bound && value < bound);
        sum += value;
        squares += value * value;
        least = fmin(least, value);
        most = fmax(most, value);
    }
    ck_assert_double_le(fabs(sum / DRAWS), 5 * bound / sqrt(3.0 * DRAWS));
    ck_assert_double_le(fabs(squares / DRAWS - bound * bound / 3),
                        5 * bound * bound * sqrt(4 / (45.0 * DRAWS)));
    ck_assert(least < -0.999 * bound && most > 0.999 * bound);
}
END_TEST

/* Float32 rounds the last draws below the bound up to it; the numbers are those of float64, rounded. */
START_TEST(draws_are_the_same_in_both_precisions) {
    double wide[64];
    float narrow[64];
    vic_arithmetic_of(VIC_FLOAT64)->fill_uniform(64, 3, 4, 1, wide);
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(64, 3, 4, 1, narrow);
    for (int i = 0; i < 64; i++)
        ck_assert(narrow[i] == (float)wide[i]);
}
END_TEST

START_TEST(round_to_gives_multiples) {
    static const double from[] = {0.3, -0.3, 0.375, -0.375, 0.124, 7.9, 0};
    static const double to[] = {0.25, -0.25, 0.5, -0.5, 0, 8, 0};
    void *x = reals_of(precisions[_i], 7, from);
    vic_arithmetic_of(precisions[_i])->round_to(7, 0.25, x);
    for (size_t i = 0; i < 7; i++)
        ck_assert_double_eq(real_at(precisions[_i], x, i), to[i]);
}
END_TEST

/* Philox 4x32-10, known answers of the Random123 distribution (kat_vectors). The index is the first half of
 * the counter, stream and use the second, the seed is the key; the result is the first half. */
static const struct {
    uint64_t seed, stream, index, bits;
} known[] = {
    {0, 0, 0, 0xe169c58d6627e8d5},
    {UINT64_MAX, UINT64_MAX, UINT64_MAX, 0x41c83b0e408f276d},
    {0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, 0x94fdccebd16cfe09},
};

START_TEST(random_bits_are_philox) {
    uint64_t parameters = (uint64_t)VIC_RANDOM_PARAMETERS << 56, shuffle = (uint64_t)VIC_RANDOM_SHUFFLE << 56;
    uint64_t seed = known[_i].seed, stream = known[_i].stream, index = known[_i].index;
    ck_assert_uint_eq(vic_random_bits(seed, VIC_RANDOM_PARAMETERS, stream ^ parameters, index),
                      known[_i].bits);
    ck_assert_uint_eq(vic_random_bits(seed, VIC_RANDOM_SHUFFLE, stream ^ shuffle, index), known[_i].bits);
    ck_assert_uint_ne(vic_random_bits(seed, VIC_RANDOM_PARAMETERS, stream, index),
                      vic_random_bits(seed, VIC_RANDOM_SHUFFLE, stream, index));
}
END_TEST

static void add_array_tests(TCase *tests) {
    tcase_add_loop_test(tests, mix_keeps_and_takes, 0, 2 * N_LENGTHS);
    tcase_add_loop_test(tests, mix_copies_when_nothing_is_kept, 0, 2 * N_LENGTHS);
    tcase_add_loop_test(tests, sums_and_differences, 0, 2 * N_LENGTHS);
    tcase_add_loop_test(tests, relax_moves_beliefs, 0, 2 * N_LENGTHS);
    tcase_add_loop_test(tests, sums_of_squares, 0, 2 * N_LENGTHS);
    tcase_add_loop_test(tests, ulp_distance_is_the_largest, 0, 2 * (N_LENGTHS - 1));
    tcase_add_loop_test(tests, all_finite_sees_every_place, 0, 2 * N_LENGTHS);
}

static Suite *make_suite(void) {
    Suite *suite = suite_create("arithmetic");
    TCase *tests = tcase_create("arithmetic");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    add_array_tests(tests);
    tcase_add_test(tests, sums_of_squares_do_not_leave_float64);
    tcase_add_loop_test(tests, ulp_distance_counts_numbers_between, 0, 2);
    tcase_add_loop_test(tests, nan_is_infinitely_far, 0, 2);
    tcase_add_loop_test(tests, transposes, 0, 48);
    tcase_add_test(tests, precisions_convert);
    tcase_add_loop_test(tests, count_correct_takes_the_first_of_equals, 0, 2);
    tcase_add_loop_test(tests, fill_uniform_is_a_pure_function, 0, 2);
    tcase_add_loop_test(tests, fill_uniform_is_uniform, 0, 2);
    tcase_add_loop_test(tests, round_to_gives_multiples, 0, 2);
    tcase_add_test(tests, draws_are_the_same_in_both_precisions);
    tcase_add_loop_test(tests, random_bits_are_philox, 0, 3);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
