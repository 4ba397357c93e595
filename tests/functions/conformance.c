/* What every kind of layer function has to keep, in both precisions. A new kind inherits all of it; one with
 * required options or a special input shape adds its cases to subjects.c. */
#include "subjects.h"

#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t batches[] = {1, 2, 7, 16, 29, 33};
enum { N_BATCHES = sizeof batches / sizeof batches[0] };

#define NAME(c) (c)->f->kind->name

/* ---- derivatives ---- */

/* Central differences with step h are off by h^2 f'''/6, below 1e-9 for the smooth functions here, and by
 * the rounding of F, some 1e-14, over h. */
static const double step = 2e-5, derivative_tolerance = 5e-9;

static double functional(const call *c, const double *in, const double *weights) {
    return inner(c->n_out, weights, forward(c, in));
}

static double slope(const call *c, const double *in, const double *weights, double *x) {
    double at = *x;
    *x = at + step;
    double above = functional(c, in, weights);
    *x = at - step;
    double below = functional(c, in, weights);
    *x = at;
    return (above - below) / (2 * step);
}

static const size_t small_batches[] = {1, 3};

START_TEST(derivatives_are_those_of_forward) {
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * 2; i++) {
        call c = call_of(VIC_FLOAT64, i / 2, small_batches[i % 2]);
        double *in = distinct_numbers(c.n_in, 1), *e = numbers(c.n_out, 2);
        const double *back = vjp(&c, in, e);
        for (size_t k = 0; k < c.n_in; k++)
            ck_assert_msg(fabs(back[k] - slope(&c, in, e, &in[k])) <= derivative_tolerance,
                          "%s, pull_back, entry %zu: %g, expected %g", NAME(&c), k, back[k],
                          slope(&c, in, e, &in[k]));
        double *gradient[VIC_MAX_PARAMETERS];
        if (c.f->n_parameters > 0)
            gradients(&c, in, e, false, gradient);
        for (size_t p = 0; p < c.f->n_parameters; p++)
            for (size_t k = 0; k < c.f->parameter[p].count; k++) {
                double expected = slope(&c, in, e, (double *)&c.theta[p][k]);
                ck_assert_msg(fabs(gradient[p][k] - expected) <= derivative_tolerance,
                              "%s, gradient of %s, entry %zu: %g, expected %g", NAME(&c),
                              c.f->parameter[p].name, k, gradient[p][k], expected);
            }
        scrap_free();
    }
}
END_TEST

static double *scaled(size_t n, double factor, const double *x) {
    double *y = scrap(n, sizeof *y);
    for (size_t i = 0; i < n; i++)
        y[i] = factor * x[i];
    return y;
}

/* <J d, e> = <d, J^T e>. `change` of a tiny displacement t d is t J d up to t^2, for it does not cancel. */
START_TEST(vjp_is_the_adjoint_of_change) {
    const double t = 1e-9;
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * N_BATCHES; i++) {
        call c = call_of(VIC_FLOAT64, i / N_BATCHES, batches[i % N_BATCHES]);
        const double *in = distinct_numbers(c.n_in, 3), *d = numbers(c.n_in, 4), *e = numbers(c.n_out, 5);
        double up = inner(c.n_out, e, change(&c, in, scaled(c.n_in, t, d))) / t;
        double down = inner(c.n_in, d, vjp(&c, in, e));
        ck_assert_msg(fabs(up - down) <= 100 * t * (double)(c.n_in + c.n_out),
                      "%s, batch %zu: <J d, e> = %.12g, <d, J^T e> = %.12g", NAME(&c), c.batch, up, down);
        scrap_free();
    }
}
END_TEST

/* Displacements as large as the input: signs and orders change too. */
START_TEST(change_is_the_difference_of_forward) {
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * N_BATCHES; i++) {
        call c = call_of(VIC_FLOAT64, i / N_BATCHES, batches[i % N_BATCHES]);
        const double *in = distinct_numbers(c.n_in, 6), *d = scaled(c.n_in, 3, numbers(c.n_in, 7));
        double *there = scrap(c.n_in, sizeof *there);
        for (size_t k = 0; k < c.n_in; k++)
            there[k] = in[k] + d[k];
        const double *before = forward(&c, in), *after = forward(&c, there), *moved = change(&c, in, d);
        double *expected = scrap(c.n_out, sizeof *expected);
        for (size_t k = 0; k < c.n_out; k++)
            expected[k] = after[k] - before[k];
        double off = farthest(c.n_out, moved, expected);
        ck_assert_msg(off <= rounding(&c, 5), "%s, batch %zu: off by %g", NAME(&c), c.batch, off);
        scrap_free();
    }
}
END_TEST

/* ---- float32 beside float64 ---- */

static double *singles(size_t n, double scale, const double *x) {
    double *y = scrap(n, sizeof *y);
    for (size_t i = 0; i < n; i++)
        y[i] = (float)(scale * x[i]);
    return y;
}

static void assert_near(const call *c, const char *what, double size, size_t n, const double *got,
                        const double *expected) {
    double off = farthest(n, got, expected), allowed = rounding(c, size);
    ck_assert_msg(off <= allowed, "%s, %s, batch %zu, %s: off by %g, allowed %g", NAME(c),
                  vic_precision_name(c->precision), c->batch, what, off, allowed);
}

/* The displacements are far below a unit in the last place of most inputs: a change that subtracts loses all
 * its digits here. */
START_TEST(float32_is_float64_rounded) {
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * N_BATCHES; i++) {
        call c = call_of(VIC_FLOAT32, i / N_BATCHES, batches[i % N_BATCHES]), wide = c;
        wide.precision = VIC_FLOAT64;
        wide.f = call_of(VIC_FLOAT64, i / N_BATCHES, c.batch).f;
        const double *in = singles(c.n_in, 1, distinct_numbers(c.n_in, 8));
        const double *d = singles(c.n_in, 1e-9, numbers(c.n_in, 9)),
                     *e = singles(c.n_out, 1, numbers(c.n_out, 10));
        assert_near(&c, "forward", 2, c.n_out, forward(&c, in), forward(&wide, in));
        assert_near(&c, "change", 1e-9, c.n_out, change(&c, in, d), change(&wide, in, d));
        assert_near(&c, "pull_back", 1, c.n_in, vjp(&c, in, e), vjp(&wide, in, e));
        double *gradient[VIC_MAX_PARAMETERS], *expected[VIC_MAX_PARAMETERS];
        if (c.f->n_parameters > 0) {
            gradients(&c, in, e, false, gradient);
            gradients(&wide, in, e, false, expected);
        }
        for (size_t k = 0; k < c.f->n_parameters; k++)
            assert_near(&c, c.f->parameter[k].name, 2, c.f->parameter[k].count, gradient[k], expected[k]);
        scrap_free();
    }
}
END_TEST

/* ---- batches ---- */

/* Sample b of a (features, batch) array. */
static double *sample_of(size_t n, size_t batch, size_t b, const double *x) {
    double *y = scrap(n / batch, sizeof *y);
    for (size_t i = 0; i < n / batch; i++)
        y[i] = x[i * batch + b];
    return y;
}

/* Every sample is treated as if it were alone, and gradients add over samples, with and without `add`. */
START_TEST(samples_do_not_mix) {
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * 2 * N_BATCHES; i++) {
        vic_precision precision = i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
        call c = call_of(precision, i / 2 / N_BATCHES, batches[i / 2 % N_BATCHES]);
        call one = call_of(precision, i / 2 / N_BATCHES, 1);
        const double *in = singles(c.n_in, 1, distinct_numbers(c.n_in, 11));
        const double *e = singles(c.n_out, 1, numbers(c.n_out, 12));
        const double *out = forward(&c, in), *back = vjp(&c, in, e), *moved = change(&c, in, in);
        double *together[VIC_MAX_PARAMETERS], *added[VIC_MAX_PARAMETERS];
        if (c.f->n_parameters > 0)
            gradients(&c, in, e, false, together);
        for (size_t b = 0; b < c.batch; b++) {
            const double *x = sample_of(c.n_in, c.batch, b, in), *error = sample_of(c.n_out, c.batch, b, e);
            assert_near(&one, "forward", 2, one.n_out, sample_of(c.n_out, c.batch, b, out), forward(&one, x));
            assert_near(&one, "change", 2, one.n_out, sample_of(c.n_out, c.batch, b, moved),
                        change(&one, x, x));
            assert_near(&one, "pull_back", 1, one.n_in, sample_of(c.n_in, c.batch, b, back),
                        vjp(&one, x, error));
            if (c.f->n_parameters > 0)
                gradients(&one, x, error, b > 0, added);
        }
        for (size_t k = 0; k < c.f->n_parameters; k++)
            assert_near(&c, "gradient", 2, c.f->parameter[k].count, added[k], together[k]);
        scrap_free();
    }
}
END_TEST

/* ---- details ---- */

/* The kinds that a test has tried, by name and in both precisions: one that tries none proves nothing. */
typedef struct tried {
    char names[2][256];
} tried;

static void note_tried(tried *t, const call *c) {
    char *names = t->names[c->precision];
    size_t used = strlen(names);
    snprintf(names + used, sizeof t->names[0] - used, strstr(names, NAME(c)) ? "%.0s" : "%s ", NAME(c));
}

/* names: those that a test has to have tried at least. */
static void assert_tried(const tried *t, const char *names) {
    char copy[256], *rest;
    snprintf(copy, sizeof copy, "%s", names);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        for (int precision = 0; precision < 2; precision++)
            ck_assert_msg(strstr(t->names[precision], name) != NULL, "%s has not been tried, only: %s", name,
                          t->names[precision]);
}

/* Kinds that say so read neither `in` nor `out` to take an error back; the others depend on where they are.
 */
START_TEST(affine_kinds_have_one_jacobian) {
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * 2; i++) {
        call c = call_of((vic_precision)(i % 2), i / 2, 7);
        const double *in = distinct_numbers(c.n_in, 6), *e = numbers(c.n_out, 7), *back = vjp(&c, in, e);
        void *nowhere = unset(c.precision, c.n_in), *out = unset(c.precision, c.n_out);
        void *anywhere = unset(c.precision, c.n_in);
        c.f->kind->vjp(c.f, c.batch, theta_of(&c), nowhere, out, reals_of(c.precision, c.n_out, e), anywhere,
                       scratch_of(&c));
        bool same = farthest(c.n_in, doubles_of(c.precision, c.n_in, anywhere), back) == 0;
        ck_assert_msg(same == c.f->kind->is_affine, "%s: is_affine is %d", NAME(&c), c.f->kind->is_affine);
        scrap_free();
    }
}
END_TEST

static void *packed_of(const call *c, bool back) {
    void *packed = unset(c->precision, c->f->kind->packed_count(c->f, back));
    c->f->kind->pack(c->f, theta_of(c), back, packed);
    return packed;
}

/* `got` is n numbers in the precision of the call, `expected` float64. */
static bool is_same(const call *c, size_t n, const void *got, const double *expected) {
    return memcmp(doubles_of(c->precision, n, got), expected, n * sizeof *expected) == 0;
}

START_TEST(packed_synapses_give_the_same_bits) {
    size_t n_all = list_subjects(), seen = 0;
    for (size_t i = 0; i < n_all * 2 * N_BATCHES; i++) {
        call c = call_of((vic_precision)(i % 2), i / 2 % n_all, batches[i / 2 / n_all]);
        const vic_function_kind *kind = c.f->kind;
        if (kind->packed_count == NULL)
            continue;
        const double *in = distinct_numbers(c.n_in, 6), *e = numbers(c.n_out, 7);
        const void *x = reals_of(c.precision, c.n_in, in), *error = reals_of(c.precision, c.n_out, e);
        void *out = unset(c.precision, c.n_out), *below = unset(c.precision, c.n_in);
        kind->forward_packed(c.f, c.batch, theta_of(&c), packed_of(&c, false), x, out, scratch_of(&c));
        ck_assert_msg(is_same(&c, c.n_out, out, forward(&c, in)), "%s: forward", NAME(&c));
        kind->change_packed(c.f, c.batch, theta_of(&c), packed_of(&c, false), x, out, scratch_of(&c));
        ck_assert_msg(is_same(&c, c.n_out, out, change(&c, in, in)), "%s: change", NAME(&c));
        kind->vjp_packed(c.f, c.batch, theta_of(&c), packed_of(&c, true), error, below, scratch_of(&c));
        ck_assert_msg(is_same(&c, c.n_in, below, vjp(&c, in, e)), "%s: vjp", NAME(&c));
        seen++;
        scrap_free();
    }
    ck_assert_uint_gt(seen, 0);
}
END_TEST

/* Kinds that say so give the same bits when arrays are shared, and their vjp does not read `in`. */
START_TEST(works_in_place) {
    size_t n_all = list_subjects();
    tried t = {0};
    for (size_t i = 0; i < n_all * 2 * N_BATCHES; i++) {
        call c = call_of(i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, i / 2 / N_BATCHES, batches[i / 2 % N_BATCHES]);
        if (!c.f->kind->in_place)
            continue;
        note_tried(&t, &c);
        ck_assert_uint_eq(c.n_in, c.n_out);
        const double *in = numbers(c.n_in, 13), *e = numbers(c.n_out, 14);
        const double *out = forward(&c, in), *below = vjp(&c, in, e);
        void *shared = reals_of(c.precision, c.n_in, in), *error = reals_of(c.precision, c.n_out, e);
        c.f->kind->forward(c.f, c.batch, theta_of(&c), shared, shared, scratch_of(&c));
        c.f->kind->vjp(c.f, c.batch, theta_of(&c), shared, shared, error, error, scratch_of(&c));
        ck_assert_msg(farthest(c.n_out, doubles_of(c.precision, c.n_out, shared), out) == 0 &&
                          farthest(c.n_in, doubles_of(c.precision, c.n_in, error), below) == 0,
                      "%s, batch %zu", NAME(&c), c.batch);
        scrap_free();
    }
    assert_tried(&t, "relu tanh sigmoid flatten");
}
END_TEST

/* Kinds with saved context give the same bits with it as without. Some inputs are equal. */
START_TEST(saved_context_replaces_the_input) {
    size_t n_all = list_subjects();
    tried t = {0};
    for (size_t i = 0; i < n_all * 2 * N_BATCHES; i++) {
        call c = call_of(i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, i / 2 / N_BATCHES, batches[i / 2 % N_BATCHES]);
        const vic_function_kind *kind = c.f->kind;
        if (kind->saved_bytes == NULL || kind->saved_bytes(c.f) == 0)
            continue;
        note_tried(&t, &c);
        double *in = numbers(c.n_in, 13), *e = numbers(c.n_out, 14);
        for (size_t k = 0; k < c.n_in; k++)
            in[k] = round(4 * in[k]) / 4;
        const double *out = forward(&c, in), *below = vjp(&c, in, e);
        uint8_t *saved = scrap(kind->saved_bytes(c.f) * c.batch, 1);
        void *saved_context = unset(c.precision, c.n_out), *error = unset(c.precision, c.n_in);
        kind->forward_saving(c.f, c.batch, reals_of(c.precision, c.n_in, in), saved_context, saved);
        kind->vjp_from_saved(c.f, c.batch, saved, reals_of(c.precision, c.n_out, e), error);
        ck_assert_msg(farthest(c.n_out, doubles_of(c.precision, c.n_out, saved_context), out) == 0 &&
                          farthest(c.n_in, doubles_of(c.precision, c.n_in, error), below) == 0,
                      "%s, batch %zu", NAME(&c), c.batch);
        scrap_free();
    }
    assert_tried(&t, "maxpool2d");
}
END_TEST

/* f of the largest is the largest of f, to the same bits, and the slope is 0 where that hides a difference.
 */
START_TEST(monotone_functions_may_come_after_the_largest) {
    size_t n_all = list_subjects();
    tried t = {0};
    for (size_t i = 0; i < n_all * 2; i++) {
        call c = call_of(i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, i / 2, 3);
        if (!c.f->kind->is_monotone)
            continue;
        note_tried(&t, &c);
        double *in = numbers(c.n_in, 15), *ones = scrap(c.n_out, sizeof *ones);
        ck_assert_uint_eq(c.n_in, c.n_out);
        for (size_t k = 0; k < c.n_out; k++)
            ones[k] = 1;
        const double *out = forward(&c, in), *slopes = vjp(&c, in, ones);
        for (size_t k = 1; k < c.n_in; k++) {
            ck_assert_msg(in[k] < in[k - 1] || out[k] >= out[k - 1], "%s falls", NAME(&c));
            ck_assert_msg(in[k] == in[k - 1] || out[k] != out[k - 1] ||
                              (slopes[k] == 0 && slopes[k - 1] == 0),
                          "%s has a slope where it is flat", NAME(&c));
        }
        scrap_free();
    }
    assert_tried(&t, "relu");
}
END_TEST

/* What is not a number must not get lost on its way to where it is noticed. */
START_TEST(nan_stays) {
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * 2; i++) {
        call c = call_of(i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, i / 2, 17);
        const double *out = forward(&c, unset(VIC_FLOAT64, c.n_in));
        for (size_t k = 0; k < c.n_out; k++)
            ck_assert_msg(isnan(out[k]), "%s: NaN became %g", NAME(&c), out[k]);
        scrap_free();
    }
}
END_TEST

START_TEST(extreme_inputs_stay_finite) {
    size_t n_all = list_subjects();
    for (size_t i = 0; i < n_all * 2; i++) {
        call c = call_of(i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, i / 2, 5);
        const double *in = scaled(c.n_in, 1e4, distinct_numbers(c.n_in, 15)), *e = numbers(c.n_out, 16);
        const double *d = scaled(c.n_in, 1e4, numbers(c.n_in, 17));
        ck_assert_msg(isfinite(largest(c.n_out, forward(&c, in))) &&
                          isfinite(largest(c.n_out, change(&c, in, d))) &&
                          isfinite(largest(c.n_in, vjp(&c, in, e))),
                      "%s, %s", NAME(&c), vic_precision_name(c.precision));
        scrap_free();
    }
}
END_TEST

START_TEST(slope_of_relu_at_zero_is_zero) {
    size_t n_all = list_subjects();
    tried t = {0};
    for (size_t i = 0; i < n_all * 2; i++) {
        call c = call_of(i % 2 ? VIC_FLOAT64 : VIC_FLOAT32, i / 2, 3);
        const double zeros[512] = {0}, *e = numbers(c.n_out, 18);
        if (strcmp(NAME(&c), "relu") == 0) {
            ck_assert_double_eq(largest(c.n_in, vjp(&c, zeros, e)), 0);
            note_tried(&t, &c);
        }
        scrap_free();
    }
    assert_tried(&t, "relu");
}
END_TEST

/* Of equal largest the first counts: the whole error goes to the first pixel of each square. */
START_TEST(maxpool_takes_the_first_of_equals) {
    const size_t option[VIC_MAX_OPTIONS] = {2};
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        vic_function f;
        ck_assert_int_eq(vic_function_place(&f, vic_function_find((vic_precision)precision, "maxpool2d"),
                                            (vic_shape){3, {1, 2, 2}}, option),
                         VIC_OK);
        call c = {(vic_precision)precision, &f, 1, 4, 1, {NULL}};
        const double in[] = {1, 2, 2, 2}, e[] = {5}, *below = vjp(&c, in, e);
        ck_assert(below[0] == 0 && below[1] == 5 && below[2] == 0 && below[3] == 0);
    }
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("conformance");
    TCase *tests = tcase_create("conformance");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, derivatives_are_those_of_forward);
    tcase_add_test(tests, vjp_is_the_adjoint_of_change);
    tcase_add_test(tests, change_is_the_difference_of_forward);
    tcase_add_test(tests, float32_is_float64_rounded);
    tcase_add_test(tests, samples_do_not_mix);
    tcase_add_test(tests, affine_kinds_have_one_jacobian);
    tcase_add_test(tests, packed_synapses_give_the_same_bits);
    tcase_add_test(tests, works_in_place);
    tcase_add_test(tests, saved_context_replaces_the_input);
    tcase_add_test(tests, monotone_functions_may_come_after_the_largest);
    tcase_add_test(tests, nan_stays);
    tcase_add_test(tests, extreme_inputs_stay_finite);
    tcase_add_test(tests, slope_of_relu_at_zero_is_zero);
    tcase_add_test(tests, maxpool_takes_the_first_of_equals);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
