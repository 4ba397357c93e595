#include "plain_convolution.h"

#include "support/numbers.h"

#include <check.h>

/* The output; the error of the input from that of the output; the gradients. Scrap memory. */
typedef struct convolution_results {
    void *out, *below, *weight, *bias;
} convolution_results;

/* Arrays that a trial reads, (feature, batch), in float64 or in its precision. */
typedef struct operands {
    const void *theta[2], *in, *error;
} operands;

static vic_function place(const convolution_trial *t) {
    vic_function f;
    const size_t option[VIC_MAX_OPTIONS] = {t->out, t->kernel, t->stride, t->padding, 1};
    ck_assert_int_eq(vic_function_place(&f, vic_function_find(t->precision, "conv2d"), t->in, option),
                     VIC_OK);
    return f;
}

/* n numbers that float32 has, too, in either precision. */
static void *draw(vic_precision precision, size_t n, uint64_t seed) {
    return reals_of(precision, n, doubles_of(VIC_FLOAT32, n, reals_of(VIC_FLOAT32, n, numbers(n, seed))));
}

static operands draw_operands(vic_precision precision, const vic_function *f, size_t batch) {
    return (operands){{draw(precision, f->parameter[0].count, 1), draw(precision, f->parameter[1].count, 2)},
                      draw(precision, vic_shape_count(f->in) * batch, 3),
                      draw(precision, vic_shape_count(f->out) * batch, 4)};
}

/* ---- by the kind ---- */

static convolution_results compute(vic_precision precision, const vic_function *f, size_t batch) {
    operands x = draw_operands(precision, f, batch);
    convolution_results r = {
        unset(precision, vic_shape_count(f->out) * batch), unset(precision, vic_shape_count(f->in) * batch),
        unset(precision, f->parameter[0].count), unset(precision, f->parameter[1].count)};
    void *scratch = unset(precision, f->kind->scratch_count(f, batch)), *gradient[] = {r.weight, r.bias};
    f->kind->forward(f, batch, x.theta, x.in, r.out, scratch);
    f->kind->vjp(f, batch, x.theta, x.in, r.out, x.error, r.below, scratch);
    f->kind->gradient(f, batch, x.in, x.error, gradient, false, scratch);
    return r;
}

/* ---- by the definition ---- */

/* Output number `pixel` (o, y, x) and everything that goes through weight (o, c, i, j). */
static void add_product(size_t batch, const operands *x, size_t weight, size_t from, size_t pixel,
                        convolution_results *r) {
    const double *in = (const double *)x->in + from * batch;
    const double *error = (const double *)x->error + pixel * batch, w = ((const double *)x->theta[0])[weight];
    for (size_t s = 0; s < batch; s++) {
        ((double *)r->out)[pixel * batch + s] += w * in[s];
        ((double *)r->below)[from * batch + s] += w * error[s];
        ((double *)r->weight)[weight] += in[s] * error[s];
    }
}

static void add_pixel(const convolution_trial *t, const operands *x, size_t o, size_t top, size_t left,
                      size_t pixel, convolution_results *r) {
    const size_t *in = t->in.dim;
    for (size_t c = 0; c < in[0]; c++)
        for (size_t i = 0; i < t->kernel; i++)
            for (size_t j = 0; j < t->kernel; j++) {
                size_t row = top + i - t->padding, column = left + j - t->padding;
                size_t weight = ((o * in[0] + c) * t->kernel + i) * t->kernel + j;
                if (row < in[1] && column < in[2]) /* below 0 wraps round */
                    add_product(t->batch, x, weight, (c * in[1] + row) * in[2] + column, pixel, r);
            }
    for (size_t s = 0; s < t->batch; s++) {
        ((double *)r->out)[pixel * t->batch + s] += ((const double *)x->theta[1])[o];
        ((double *)r->bias)[o] += ((const double *)x->error)[pixel * t->batch + s];
    }
}

static convolution_results by_definition(const convolution_trial *t, const vic_function *f) {
    operands x = draw_operands(VIC_FLOAT64, f, t->batch);
    convolution_results r = {scrap(vic_shape_count(f->out) * t->batch, sizeof(double)),
                             scrap(vic_shape_count(f->in) * t->batch, sizeof(double)),
                             scrap(f->parameter[0].count, sizeof(double)),
                             scrap(f->parameter[1].count, sizeof(double))};
    const size_t *out = f->out.dim;
    for (size_t o = 0; o < out[0]; o++)
        for (size_t y = 0; y < out[1]; y++)
            for (size_t z = 0; z < out[2]; z++)
                add_pixel(t, &x, o, y * t->stride, z * t->stride, (o * out[1] + y) * out[2] + z, &r);
    return r;
}

/* ---- both ---- */

static void assert_near(const char *what, vic_precision precision, size_t n, const void *got,
                        const void *expected, double most) {
    double off = farthest(n, doubles_of(precision, n, got), expected), size = largest(n, expected);
    ck_assert_msg(off <= most * size, "%s, %s: off by %g of %g", what, vic_precision_name(precision), off,
                  size);
}

void assert_convolves(const convolution_trial *t, double most) {
    vic_function f = place(t);
    convolution_results got = compute(t->precision, &f, t->batch), expected = by_definition(t, &f);
    size_t n_out = vic_shape_count(f.out) * t->batch, n_in = vic_shape_count(f.in) * t->batch;
    assert_near("forward", t->precision, n_out, got.out, expected.out, most);
    assert_near("vjp", t->precision, n_in, got.below, expected.below, most);
    assert_near("weights", t->precision, f.parameter[0].count, got.weight, expected.weight, most);
    assert_near("bias", t->precision, f.parameter[1].count, got.bias, expected.bias, most);
}
