/* sigmoid: 1 / (1 + exp(-x)), elementwise */
#include "elementwise.h"
#include "functions.h"
#include "real.h"

static vic_real squash(vic_real x) {
    return 1 / (1 + VIC_EXP(-x));
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)theta, (void)scratch;
    const vic_real *x = in;
    vic_real *y = out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        y[i] = squash(x[i]);
}

/* s(b) - s(a) = -s(b) s(-a) expm1(a - b), or the same with a and b exchanged: whichever exponent is negative.
 */
static vic_real difference(vic_real a, vic_real d) {
    if (d > 0)
        return -squash(a + d) * squash(-a) * VIC_EXPM1(-d);
    return squash(a) * squash(-(a + d)) * VIC_EXPM1(d);
}

static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)out, (void)scratch;
    const vic_real *a = in, *d = change_in;
    vic_real *moved = change_out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        moved[i] = difference(a[i], d[i]);
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
    .forward = forward,
    .change = change,
    .vjp = vjp,
};
