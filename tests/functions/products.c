/* Products by linear layers of every form: sums that are longer than a block, rows and columns that fill no
 * tile; and bits that do not depend on the other samples. */
#include "functions/functions.h"
#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct layer {
    vic_function f;
    vic_precision precision;
    size_t in, out, batch;
    double *weight, *bias, *x;
    const void *theta[VIC_MAX_PARAMETERS];
    void *scratch;
} layer;

static layer make_layer(vic_precision precision, size_t in, size_t out, size_t batch) {
    const size_t option[VIC_MAX_OPTIONS] = {out, 1};
    layer l = {.precision = precision, .in = in, .out = out, .batch = batch};
    ck_assert_int_eq(
        vic_function_place(&l.f, vic_function_find(precision, "linear"), (vic_shape){1, {in}}, option),
        VIC_OK);
    l.weight = numbers(in * out, 1);
    l.bias = numbers(out, 2);
    l.x = numbers((in > out ? in : out) * batch, 3);
    l.theta[0] = reals_of(precision, in * out, l.weight);
    l.theta[1] = reals_of(precision, out, l.bias);
    l.scratch = unset(precision, l.f.kind->scratch_count(&l.f, batch));
    return l;
}

static const double *forward(const layer *l) {
    void *y = unset(l->precision, l->out * l->batch);
    vic_function_forward(&l->f, l->batch, l->theta, reals_of(l->precision, l->in * l->batch, l->x), y,
                         l->scratch);
    return doubles_of(l->precision, l->out * l->batch, y);
}

static const double *vjp(const layer *l) {
    void *y = unset(l->precision, l->in * l->batch);
    vic_function_vjp(&l->f, l->batch, l->theta, NULL, NULL, reals_of(l->precision, l->out * l->batch, l->x),
                     y, l->scratch);
    return doubles_of(l->precision, l->in * l->batch, y);
}

/* A product and its addition are rounded once or twice each. */
static void assert_sum(const layer *l, const char *what, double got, long double sum, double size, size_t n) {
    double epsilon = l->precision == VIC_FLOAT32 ? FLT_EPSILON : DBL_EPSILON;
    double allowed = ((double)n + 3) * epsilon * size;
    ck_assert_msg(fabs(got - (double)sum) <= allowed, "%s of %zu to %zu, %zu samples: off by %g", what, l->in,
                  l->out, l->batch, fabs(got - (double)sum));
}

static void assert_forward(const layer *l) {
    const double *got = forward(l);
    for (size_t o = 0; o < l->out; o++)
        for (size_t b = 0; b < l->batch; b++) {
            long double sum = l->bias[o];
            double size = fabs(l->bias[o]);
            for (size_t i = 0; i < l->in; i++) {
                double product = l->weight[o * l->in + i] * l->x[i * l->batch + b];
                sum += product;
                size += fabs(product);
            }
            assert_sum(l, "forward", got[o * l->batch + b], sum, size, l->in);
        }
}

static void assert_vjp(const layer *l) {
    const double *got = vjp(l);
    for (size_t i = 0; i < l->in; i++)
        for (size_t b = 0; b < l->batch; b++) {
            long double sum = 0;
            double size = 0;
            for (size_t o = 0; o < l->out; o++) {
                double product = l->weight[o * l->in + i] * l->x[o * l->batch + b];
                sum += product;
                size += fabs(product);
            }
            assert_sum(l, "vjp", got[i * l->batch + b], sum, size, l->out);
        }
}

static const size_t sides[] = {1, 6, 7, 13, 25, 64, 1500};
static const size_t samples[] = {1, 8, 9, 17, 33};
enum { N_SIDES = sizeof sides / sizeof *sides, N_SAMPLES = sizeof samples / sizeof *samples };

/* Sanitized, all of them take minutes at each level. */
static bool is_left_out(size_t in, size_t out, size_t batch) {
#ifdef VICINAL_SANITIZED
    return in * out * batch > 200000;
#else
    (void)batch;
    return in * out > 100000;
#endif
}

START_TEST(products_are_the_sums) {
    for (int i = 0; i < N_SIDES * N_SIDES; i++)
        for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
            size_t in = sides[i % N_SIDES], out = sides[i / N_SIDES];
            if (is_left_out(in, out, samples[_i]))
                continue;
            layer l = make_layer((vic_precision)precision, in, out, samples[_i]);
            assert_forward(&l);
            assert_vjp(&l);
            scrap_free();
        }
}
END_TEST

/* Sample `which` of (n, batch). */
static double *only(size_t n, size_t batch, size_t which, const double *all) {
    double *one = scrap(n, sizeof *one);
    for (size_t i = 0; i < n; i++)
        one[i] = all[i * batch + which];
    return one;
}

START_TEST(a_sample_has_the_same_bits_in_every_batch) {
    enum { BATCH = 37 };
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        layer l = make_layer((vic_precision)precision, 900, 50, BATCH);
        const double *together = forward(&l);
        for (size_t b = 0; b < BATCH; b += 4) {
            layer one = make_layer((vic_precision)precision, 900, 50, 1);
            one.x = only(900, BATCH, b, l.x);
            const double *alone = forward(&one), *there = only(50, BATCH, b, together);
            ck_assert_msg(memcmp(alone, there, 50 * sizeof *alone) == 0, "sample %zu", b);
        }
        scrap_free();
    }
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("functions/products");
    TCase *tests = tcase_create("products");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, products_are_the_sums, 0, N_SAMPLES);
    tcase_add_test(tests, a_sample_has_the_same_bits_in_every_batch);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
