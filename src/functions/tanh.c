/* tanh: hyperbolic tangent, elementwise */
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
        y[i] = (vic_real)vic_tanh(x[i]);
}

/* tanh(x) = 2 s(2 x) - 1 with the sigmoid s */
static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)out, (void)scratch;
    const vic_real *a = in, *d = change_in;
    vic_real *moved = change_out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        moved[i] = (vic_real)(2 * vic_sigmoid_change(2 * (double)a[i], 2 * (double)d[i]));
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)theta, (void)in, (void)scratch;
    const vic_real *y = out, *above = error_out;
    vic_real *below = error_in;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        below[i] = above[i] * (1 - y[i] * y[i]);
}

const vic_function_kind VIC_NAME(vic_tanh);
const vic_function_kind VIC_NAME(vic_tanh) = {
    .name = "tanh",
    .help = "hyperbolic tangent, elementwise",
    .place = vic_place_elementwise,
    .operations = vic_operations_elementwise,
    .in_place = true,
    .element_bytes = sizeof(vic_real),
    .forward = forward,
    .change = change,
    .vjp = vjp,
};
