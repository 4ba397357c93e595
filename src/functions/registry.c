/* A new layer function or loss is one line in its list. */
#include "vicinal/functions.h"

#include <string.h>

#define FUNCTIONS(X) X(linear) X(relu) X(tanh) X(sigmoid) X(flatten) X(conv2d) X(maxpool2d)
#define LOSSES(X)    X(cross_entropy) X(squared_error)

#define DECLARE_FUNCTION(name) extern const vic_function_kind vic_##name##_f32, vic_##name##_f64;
#define DECLARE_LOSS(name)     extern const vic_loss_kind vic_##name##_f32, vic_##name##_f64;
FUNCTIONS(DECLARE_FUNCTION)
LOSSES(DECLARE_LOSS)
extern const vic_arithmetic vic_arithmetic_f32, vic_arithmetic_f64;

#define FLOAT32(name) &vic_##name##_f32,
#define FLOAT64(name) &vic_##name##_f64,
static const vic_function_kind *const functions_f32[] = {FUNCTIONS(FLOAT32)};
static const vic_function_kind *const functions_f64[] = {FUNCTIONS(FLOAT64)};
static const vic_loss_kind *const losses_f32[] = {LOSSES(FLOAT32)};
static const vic_loss_kind *const losses_f64[] = {LOSSES(FLOAT64)};

const vic_function_kind *const *vic_function_kinds(vic_precision precision, size_t *count) {
    *count = sizeof functions_f32 / sizeof functions_f32[0];
    return precision == VIC_FLOAT32 ? functions_f32 : functions_f64;
}

const vic_function_kind *vic_function_find(vic_precision precision, const char *name) {
    size_t count;
    const vic_function_kind *const *kinds = vic_function_kinds(precision, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

vic_status vic_function_place(vic_function *f, const vic_function_kind *kind, vic_shape in,
                              const size_t *option) {
    *f = (vic_function){.kind = kind, .in = in};
    for (size_t i = 0; i < kind->n_options; i++)
        f->option[i] = option ? option[i] : kind->options[i].fallback;
    return kind->place(f);
}

const vic_loss_kind *const *vic_loss_kinds(vic_precision precision, size_t *count) {
    *count = sizeof losses_f32 / sizeof losses_f32[0];
    return precision == VIC_FLOAT32 ? losses_f32 : losses_f64;
}

const vic_loss_kind *vic_loss_find(vic_precision precision, const char *name) {
    size_t count;
    const vic_loss_kind *const *kinds = vic_loss_kinds(precision, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

const vic_arithmetic *vic_arithmetic_of(vic_precision precision) {
    return precision == VIC_FLOAT32 ? &vic_arithmetic_f32 : &vic_arithmetic_f64;
}
