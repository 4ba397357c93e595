/* sigmoid: 1 / (1 + exp(-x)), elementwise */
#include "elementwise.h"
#include "exponential.h"
#include "functions.h"

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)theta, (void)scratch;
    const vic_real *x = in;
    vic_real *y = out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        y[i] = (vic_real)(1 / (1 + vic_exp(-(double)x[i])));
}

static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)out, (void)scratch;
    const vic_real *a = in, *d = change_in;
    vic_real *moved = change_out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        moved[i] = (vic_real)vic_sigmoid_change(a[i], d[i]);
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)theta, (void)in, (void)scratch;
    const vic_real *y = out, *above = error_out;
    vic_real *below = error_in;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        below[i] = above[i] * y[i] * (1 - y[i]);
}

const vic_function_kind VIC_NAME(vic_sigmoid);
const vic_function_kind VIC_NAME(vic_sigmoid) = {
    .name = "sigmoid",
    .help = "1 / (1 + exp(-x)), elementwise",
    .place = vic_place_elementwise,
    .operations = vic_operations_elementwise,
    .in_place = true,
    .element_bytes = sizeof(vic_real),
    .forward = forward,
    .change = change,
    .vjp = vjp,
};
