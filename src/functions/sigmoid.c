/* sigmoid: 1 / (1 + exp(-x)), elementwise */
#include "vicinal/functions.h"
#include "vicinal/real.h"

#include "elementwise.h"

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                    void *out) {
    (void)theta;
    const vic_real *x = in;
    vic_real *y = out;
    size_t n = vic_shape_count(f->in) * batch;
    for (size_t i = 0; i < n; i++)
        y[i] = 1 / (1 + VIC_EXP(-x[i]));
}

static void pull_back(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                      const void *out, const void *error_out, void *error_in) {
    (void)theta, (void)in;
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
    .forward = forward,
    .pull_back = pull_back,
};
