/* Convolutions between many channels, whole batches by Winograd's transforms, beside the sums over taps that
 * single samples get: rows of several strips of tiles, rows and columns that end within a tile, batches that
 * are no multiple of a vector and longer than a strip. */
#include "functions/functions.h"

#include "support/levels.h"
#include "support/numbers.h"

#include <check.h>

typedef struct convolution_case {
    vic_shape in;
    size_t out, stride, batch;
} convolution_case;

static const convolution_case cases[] = {
    {{3, {16, 9, 15}}, 17, 1, 40},
    {{3, {18, 8, 13}}, 16, 1, 70},
    {{3, {16, 5, 6}}, 16, 1, 260},
    {{3, {17, 9, 12}}, 16, 2, 33},
};

enum { N_CASES = sizeof cases / sizeof *cases };

static vic_function place(vic_precision precision, const convolution_case *c) {
    vic_function f;
    const size_t option[VIC_MAX_OPTIONS] = {c->out, 3, c->stride, 1, 1};
    ck_assert_int_eq(vic_function_place(&f, vic_function_find(precision, "conv2d"), c->in, option), VIC_OK);
    return f;
}

/* ---- results of a whole batch, and of its samples one by one ---- */

typedef struct results {
    void *out, *below, *weight, *bias;
} results;

static results unset_results(vic_precision precision, const vic_function *f, size_t batch) {
    return (results){unset(precision, vic_shape_count(f->out) * batch),
                     unset(precision, vic_shape_count(f->in) * batch),
                     unset(precision, f->parameter[0].count), unset(precision, f->parameter[1].count)};
}

static void compute(vic_precision precision, const vic_function *f, size_t batch, const void *const *theta,
                    const void *in, const void *error, bool add, results *r) {
    void *scratch = unset(precision, f->kind->scratch_count(f, batch)), *gradient[] = {r->weight, r->bias};
    f->kind->forward(f, batch, theta, in, r->out, scratch);
    f->kind->vjp(f, batch, theta, in, r->out, error, r->below, scratch);
    f->kind->gradient(f, batch, in, error, gradient, add, scratch);
}

/* In float64. Arrays of a batch are (feature, batch). */
static results compute_singly(const vic_function *f, size_t batch, const void *const *theta, const double *in,
                              const double *error) {
    size_t n_in = vic_shape_count(f->in), n_out = vic_shape_count(f->out);
    results all = unset_results(VIC_FLOAT64, f, batch), one = unset_results(VIC_FLOAT64, f, 1);
    double *x = scrap(n_in, sizeof *x), *e = scrap(n_out, sizeof *e);
    for (size_t b = 0; b < batch; b++) {
        for (size_t i = 0; i < n_in; i++)
            x[i] = in[i * batch + b];
        for (size_t i = 0; i < n_out; i++)
            e[i] = error[i * batch + b];
        compute(VIC_FLOAT64, f, 1, theta, x, e, b > 0, &one);
        for (size_t i = 0; i < n_out; i++)
            ((double *)all.out)[i * batch + b] = ((double *)one.out)[i];
        for (size_t i = 0; i < n_in; i++)
            ((double *)all.below)[i * batch + b] = ((double *)one.below)[i];
    }
    all.weight = one.weight, all.bias = one.bias;
    return all;
}

/* n numbers that float32 has, too, in either precision. */
static void *draw(vic_precision precision, size_t n, uint64_t seed) {
    return reals_of(precision, n, doubles_of(VIC_FLOAT32, n, reals_of(VIC_FLOAT32, n, numbers(n, seed))));
}

/* Off by at most `most` of the largest number. */
static void assert_near(const char *what, vic_precision precision, size_t n, const void *got,
                        const double *expected, double most) {
    double off = farthest(n, doubles_of(precision, n, got), expected), size = largest(n, expected);
    ck_assert_msg(off <= most * size, "%s, %s: off by %g of %g", what, vic_precision_name(precision), off,
                  size);
}

START_TEST(batches_are_near_their_samples) {
    const convolution_case *c = &cases[_i / 2];
    vic_precision precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    double most = precision == VIC_FLOAT32 ? 2e-6 : 1e-14;
    vic_function f = place(precision, c), f64 = place(VIC_FLOAT64, c);
    size_t n_in = vic_shape_count(f.in) * c->batch, n_out = vic_shape_count(f.out) * c->batch;
    size_t n_weight = f.parameter[0].count, n_bias = f.parameter[1].count;
    const void *theta[] = {draw(precision, n_weight, 1), draw(precision, n_bias, 2)};
    const void *theta64[] = {draw(VIC_FLOAT64, n_weight, 1), draw(VIC_FLOAT64, n_bias, 2)};
    results whole = unset_results(precision, &f, c->batch);
    compute(precision, &f, c->batch, theta, draw(precision, n_in, 3), draw(precision, n_out, 4), false,
            &whole);
    results singly =
        compute_singly(&f64, c->batch, theta64, draw(VIC_FLOAT64, n_in, 3), draw(VIC_FLOAT64, n_out, 4));
    assert_near("forward", precision, n_out, whole.out, singly.out, most);
    assert_near("vjp", precision, n_in, whole.below, singly.below, most);
    assert_near("weights", precision, n_weight, whole.weight, singly.weight, most);
    assert_near("bias", precision, n_bias, whole.bias, singly.bias, most);
}
END_TEST

/* Arrays are made for the largest batch, and the last one is often shorter. */
START_TEST(fewer_samples_need_no_more_scratch) {
    const convolution_case *c = &cases[_i];
    vic_function f = place(VIC_FLOAT32, c);
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
    tcase_add_loop_test(tests, batches_are_near_their_samples, 0, 2 * N_CASES);
    tcase_add_loop_test(tests, fewer_samples_need_no_more_scratch, 0, N_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return levels_main(make_suite);
}
