/* relu: max(x, 0), elementwise; its slope at 0 is 0 */
#include "elementwise.h"
#include "functions.h"
#include "real.h"

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)theta, (void)scratch;
    const vic_real *x = in;
    vic_real *y = out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i]; /* a NaN stays one */
}

/* For an input a moved by d: d where a and a + d are positive, else a + d, -a or 0. */
static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)out, (void)scratch;
    const vic_real *a = in, *d = change_in;
    vic_real *moved = change_out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++) {
        vic_real before = a[i], after = a[i] + d[i];
        vic_real crossing = after > 0 ? after : 0;
        moved[i] = before > 0 ? (after > 0 ? d[i] : -before) : crossing;
    }
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)theta, (void)in, (void)scratch;
    const vic_real *y = out, *above = error_out;
    vic_real *below = error_in;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        below[i] = y[i] > 0 ? above[i] : 0;
}

const vic_function_kind VIC_NAME(vic_relu);
const vic_function_kind VIC_NAME(vic_relu) = {
    .name = "relu",
    .help = "max(x, 0), elementwise; its slope at 0 is 0",
    .place = vic_place_elementwise,
    .operations = vic_operations_elementwise,
    .in_place = true,
    .element_bytes = sizeof(vic_real),
    .is_monotone = true,
    .forward = forward,
    .change = change,
    .vjp = vjp,
};
