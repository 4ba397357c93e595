/* flatten: the same numbers as one row, channels first. */
#include "functions.h"
#include "real.h"

#include <string.h>

static vic_status place(vic_function *f) {
    f->out = (vic_shape){.rank = 1, .dim = {vic_shape_count(f->in)}};
    f->n_parameters = 0;
    return VIC_OK;
}

static double operations(const vic_function *f) {
    (void)f;
    return 0;
}

static void copy(const vic_function *f, size_t batch, const void *from, void *to) {
    if (from != to)
        memcpy(to, from, vic_shape_count(f->in) * batch * sizeof(vic_real));
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)theta, (void)scratch;
    copy(f, batch, in, out);
}

static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)in, (void)out, (void)scratch;
    copy(f, batch, change_in, change_out);
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)theta, (void)in, (void)out, (void)scratch;
    copy(f, batch, error_out, error_in);
}

const vic_function_kind VIC_NAME(vic_flatten);
const vic_function_kind VIC_NAME(vic_flatten) = {
    .name = "flatten",
    .help = "any shape to one row",
    .place = place,
    .operations = operations,
    .in_place = true,
    .element_bytes = sizeof(vic_real),
    .is_affine = true,
    .is_identity = true,
    .forward = forward,
    .change = change,
    .vjp = vjp,
};
