/* How exact the exponentials and activations of float32 are: within 1 ulp of the rounded true value, over
 * numbers of every size, and the same bits wherever in an array a number stands. */
#include "functions/functions.h"
#include "functions/level.h"

/* As arithmetic in float32 is compiled. */
#define VIC_BITS  32
#define VIC_LEVEL v1
#include "functions/exponential.h"
#include "support/suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { N = 20011, MOST_ULP = 1 };

typedef struct activation {
    const char *name;
    double (*value)(double x);
    double (*difference)(double a, double d);
} activation;

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

/* tanh(a + d) - tanh(a) = sinh(d) / (cosh(a) cosh(a + d)) */
static double tanh_difference(double a, double d) {
    return sinh(d) / (cosh(a) * cosh(a + d));
}

/* s(x) = (1 + tanh(x / 2)) / 2 */
static double sigmoid_difference(double a, double d) {
    return tanh_difference(a / 2, d / 2) / 2;
}

static const activation activations[] = {
    {"tanh", tanh, tanh_difference},
    {"sigmoid", sigmoid, sigmoid_difference},
};

/* Both signs, every exponent from 2^-30 to 2^8, and the ends. */
static void fill(float *x) {
    const float ends[] = {0,      -0.0F,   INFINITY, -INFINITY, 3e38F,  -3e38F,
                          1e-44F, -1e-44F, 88.8F,    -88.8F,    -103.9F};
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(N, 1, 2, 1, x);
    for (size_t i = 0; i < N; i++)
        x[i] = ldexpf(x[i], (int)(i % 39) - 30);
    memcpy(x, ends, sizeof ends);
}

static void turn_round(const float *from, float *to) {
    for (size_t i = 0; i < N; i++)
        to[i] = from[N - 1 - i];
}

static vic_function place(const char *name) {
    vic_function f;
    ck_assert_int_eq(vic_function_place(&f, vic_function_find(VIC_FLOAT32, name), (vic_shape){1, {N}}, NULL),
                     VIC_OK);
    return f;
}

static void assert_within(const char *name, size_t i, float got, double expected, int64_t most) {
    float rounded = (float)expected;
    int64_t ulp = vic_arithmetic_of(VIC_FLOAT32)->ulp_distance(1, &got, &rounded);
    ck_assert_msg(ulp <= most, "%s, number %zu: %a, expected %a: %ld ulp", name, i, got, rounded, (long)ulp);
}

/* Over what float32 does not overflow at, beside long double. */
START_TEST(exponentials_are_exact_to_1e_12) {
    for (int i = -8800; i <= 8800; i++) {
        double x = i / 100.0 + 1e-3, tiny = ldexp(x, -30);
        long double e = expl((long double)x), below = expm1l((long double)x),
                    near = expm1l((long double)tiny);
        ck_assert_msg(fabsl(vic_exp(x) - e) <= 1e-12L * e, "exp(%.17g)", x);
        ck_assert_msg(fabsl(vic_expm1(x) - below) <= 1e-12L * fabsl(below), "expm1(%.17g)", x);
        ck_assert_msg(fabsl(vic_expm1(tiny) - near) <= 1e-12L * fabsl(near), "expm1(%.17g)", tiny);
    }
}
END_TEST

START_TEST(values_are_within_one_ulp) {
    static float x[N], y[N];
    const activation *a = &activations[_i];
    vic_function f = place(a->name);
    fill(x);
    f.kind->forward(&f, 1, NULL, x, y, NULL);
    for (size_t i = 0; i < N; i++)
        assert_within(a->name, i, y[i], a->value(x[i]), MOST_ULP);
}
END_TEST

/* From where the functions are steep to where they are flat, by large and tiny steps, also through 0. */
START_TEST(changes_are_within_one_ulp) {
    static float x[N], d[N], y[N], moved[N];
    const activation *a = &activations[_i];
    vic_function f = place(a->name);
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(N, 3, 4, 20, x);
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(N, 5, 6, 40, d);
    for (size_t i = 0; i < N; i++)
        d[i] = ldexpf(d[i], -(int)(i % 40));
    f.kind->forward(&f, 1, NULL, x, y, NULL);
    f.kind->change(&f, 1, NULL, x, y, d, moved, NULL);
    for (size_t i = 0; i < N; i++)
        assert_within(a->name, i, moved[i], a->difference(x[i], d[i]), MOST_ULP);
}
END_TEST

/* From and to where the functions are flat, as far as numbers go. */
START_TEST(changes_far_out_are_exact) {
    static const struct {
        float a, d;
        double moved[2]; /* of tanh, of sigmoid */
    } far[] = {
        {-1000, 1000, {1, 0.5}},
        {1000, -1000, {-1, -0.5}},
        {1000, -2000, {-2, -1}},
        {-3e38F, 3e38F, {1, 0.5}},
        {1000, 1, {0, 0}},
        {-1000, -3e38F, {0, 0}},
        {INFINITY, 1, {0, 0}},
        {-INFINITY, -1, {0, 0}},
        {-INFINITY, 3e38F, {0, 0}},
        {-400, 380, {8.4967085e-18, 2.0611536e-09}},
        {-170, 130, {3.6097028e-35, 4.2483543e-18}},
        {-90, 50, {3.6097028e-35, 4.2483543e-18}},
    };
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        float y = 0, moved = 0;
        vic_function f = place(activations[_i].name);
        f.in = f.out = (vic_shape){1, {1}};
        f.kind->change(&f, 1, NULL, &far[i].a, &y, &far[i].d, &moved, NULL);
        double expected = far[i].moved[_i];
        ck_assert_msg(fabs(moved - expected) <= 1e-6 * fabs(expected), "%s from %g by %g: %g, not %g",
                      activations[_i].name, far[i].a, far[i].d, moved, expected);
    }
}
END_TEST

START_TEST(bits_do_not_depend_on_the_place) {
    static float x[N], y[N], d[N], moved[N], turned[N], turned_y[N], turned_d[N], turned_moved[N], again[N];
    vic_function f = place(activations[_i].name);
    fill(x);
    turn_round(x, turned);
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(N, 7, 8, 2, d);
    turn_round(d, turned_d);
    f.kind->forward(&f, 1, NULL, x, y, NULL);
    f.kind->forward(&f, 1, NULL, turned, turned_y, NULL);
    turn_round(turned_y, again);
    ck_assert_mem_eq(again, y, sizeof y);
    f.kind->change(&f, 1, NULL, x, y, d, moved, NULL);
    f.kind->change(&f, 1, NULL, turned, turned_y, turned_d, turned_moved, NULL);
    turn_round(turned_moved, again);
    ck_assert_mem_eq(again, moved, sizeof moved);
}
END_TEST

START_TEST(bits_do_not_depend_on_the_level) {
    static float x[N], d[N], y[N], moved[N], first_y[N], first_moved[N];
    fill(x);
    vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(N, 7, 8, 2, d);
    for (int level = 0; level < vic_level_count(); level++) {
        if (!vic_level_runs(level))
            continue;
        vic_level_set(level);
        vic_function f = place(activations[_i].name);
        f.kind->forward(&f, 1, NULL, x, level == 0 ? first_y : y, NULL);
        f.kind->change(&f, 1, NULL, x, level == 0 ? first_y : y, d, level == 0 ? first_moved : moved, NULL);
        ck_assert_msg(level == 0 || memcmp(y, first_y, sizeof y) == 0, "level %s", vic_level_name(level));
        ck_assert_msg(level == 0 || memcmp(moved, first_moved, sizeof moved) == 0, "level %s",
                      vic_level_name(level));
    }
}
END_TEST

START_TEST(what_is_no_number_stays_none) {
    float x = NAN, y, d = 1, moved;
    vic_function f = place(activations[_i].name);
    f.in = f.out = (vic_shape){1, {1}};
    f.kind->forward(&f, 1, NULL, &x, &y, NULL);
    ck_assert_msg(isnan(y), "%g", y);
    f.kind->change(&f, 1, NULL, &x, &y, &d, &moved, NULL);
    ck_assert_msg(isnan(moved), "%g", moved);
}
END_TEST

int main(void) {
    enum { COUNT = sizeof activations / sizeof activations[0] };
    Suite *suite = suite_create("ulp");
    TCase *cases = tcase_create("ulp");
    tcase_add_test(cases, exponentials_are_exact_to_1e_12);
    tcase_add_loop_test(cases, values_are_within_one_ulp, 0, COUNT);
    tcase_add_loop_test(cases, changes_are_within_one_ulp, 0, COUNT);
    tcase_add_loop_test(cases, changes_far_out_are_exact, 0, COUNT);
    tcase_add_loop_test(cases, bits_do_not_depend_on_the_place, 0, COUNT);
    tcase_add_loop_test(cases, bits_do_not_depend_on_the_level, 0, COUNT);
    tcase_add_loop_test(cases, what_is_no_number_stays_none, 0, COUNT);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
