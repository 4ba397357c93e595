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

/* tanh(b) - tanh(a), b = a + d, is tanh(d) (1 - tanh(a) tanh(b)). With tanh(|x|) = g_x / (g_x + 2) the second
 * factor is (2 (g_a + g_b) + 4 + [a b < 0] 2 g_a g_b) / ((g_a + 2) (g_b + 2)), a sum of positive numbers, so
 * nothing cancels. */
VIC_INLINE double difference(double a, double d) {
    double b = a + d, g_d = vic_tanh_growth(d), g_a = vic_tanh_growth(a), g_b = vic_tanh_growth(b);
    double sum = 2 * (g_a + g_b) + 4 + (a * b < 0 ? 2 * g_a * g_b : 0);
    return copysign(g_d, d) * sum / ((g_d + 2) * (g_a + 2) * (g_b + 2));
}

static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)out, (void)scratch;
    const vic_real *a = in, *d = change_in;
    vic_real *moved = change_out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        moved[i] = (vic_real)difference(a[i], d[i]);
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
