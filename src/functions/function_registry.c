/* A new layer function or loss is one line in its list. */
#include "functions.h"
#include "level.h"
#include "level_list.h"

#include <limits.h>
#include <string.h>

#define FUNCTIONS(X, level)                                                                                  \
    X(linear, level)                                                                                         \
    X(relu, level) X(tanh, level) X(sigmoid, level) X(flatten, level) X(conv2d, level) X(maxpool2d, level)
#define LOSSES(X, level) X(cross_entropy, level) X(squared_error, level)

#define ONE(name, level) +1
enum { N_FUNCTIONS = FUNCTIONS(ONE, ), N_LOSSES = LOSSES(ONE, ) };

#define DECLARE_FUNCTION(name, level)                                                                        \
    extern const vic_function_kind vic_##name##_f32_##level, vic_##name##_f64_##level;
#define DECLARE_LOSS(name, level)                                                                            \
    extern const vic_loss_kind vic_##name##_f32_##level, vic_##name##_f64_##level;
#define DECLARE(level)                                                                                       \
    FUNCTIONS(DECLARE_FUNCTION, level)                                                                       \
    LOSSES(DECLARE_LOSS, level)                                                                              \
    extern const vic_arithmetic vic_arithmetic_f32_##level, vic_arithmetic_f64_##level;
VIC_LEVELS(DECLARE)

/* By level and precision. */
#define FLOAT32(name, level)  &vic_##name##_f32_##level,
#define FLOAT64(name, level)  &vic_##name##_f64_##level,
#define OF_LEVEL(list, level) {{list(FLOAT32, level)}, {list(FLOAT64, level)}},
#define FUNCTIONS_OF(level)   OF_LEVEL(FUNCTIONS, level)
#define LOSSES_OF(level)      OF_LEVEL(LOSSES, level)
#define ARITHMETIC_OF(level)  {&vic_arithmetic_f32_##level, &vic_arithmetic_f64_##level},
static const vic_function_kind *const functions[][2][N_FUNCTIONS] = {VIC_LEVELS(FUNCTIONS_OF)};
static const vic_loss_kind *const losses[][2][N_LOSSES] = {VIC_LEVELS(LOSSES_OF)};
static const vic_arithmetic *const arithmetic[][2] = {VIC_LEVELS(ARITHMETIC_OF)};

const vic_function_kind *const *vic_function_kinds(vic_precision precision, size_t *count) {
    *count = N_FUNCTIONS;
    return functions[vic_level()][precision];
}

const vic_function_kind *vic_function_find(vic_precision precision, const char *name) {
    size_t count;
    const vic_function_kind *const *kinds = vic_function_kinds(precision, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

/* ---- sizes: with these limits no kind's own arithmetic overflows ---- */

static vic_status check_option(const vic_function_kind *kind, size_t i, size_t value) {
    if (value >= kind->options[i].least && value <= INT_MAX)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "%s: %s is %zu, from %zu to %d are possible", kind->name,
                    kind->options[i].name, value, kind->options[i].least, INT_MAX);
}

static vic_status check_shape(const vic_function_kind *kind, const char *what, vic_shape shape) {
    char text[VIC_SHAPE_TEXT];
    size_t count = shape.rank >= 1 && shape.rank <= VIC_MAX_RANK ? vic_shape_count(shape) : 0;
    if (count == 0)
        return vic_fail(VIC_BAD_CONFIG, "%s: an %s without numbers", kind->name, what);
    if (count > VIC_MOST_NUMBERS)
        return vic_fail(VIC_BAD_CONFIG, "%s: an %s of %s has too many numbers, %zu are possible", kind->name,
                        what, vic_shape_text(shape, text), VIC_MOST_NUMBERS);
    return VIC_OK;
}

static vic_status check_parameter(const vic_function_kind *kind, const vic_parameter *parameter) {
    size_t count = 1;
    for (int i = 0; i < parameter->rank; i++)
        count = vic_size_product(count, parameter->dim[i]);
    if (count <= VIC_MOST_NUMBERS)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "%s: its %s has too many numbers, %zu are possible", kind->name,
                    parameter->name, VIC_MOST_NUMBERS);
}

vic_status vic_function_place(vic_function *f, const vic_function_kind *kind, vic_shape in,
                              const size_t *option) {
    *f = (vic_function){.kind = kind, .in = in};
    VIC_TRY(check_shape(kind, "input", in));
    for (size_t i = 0; i < kind->n_options; i++) {
        f->option[i] = option ? option[i] : kind->options[i].fallback;
        VIC_TRY(check_option(kind, i, f->option[i]));
    }
    VIC_TRY(kind->place(f));
    VIC_TRY(check_shape(kind, "output", f->out));
    for (size_t i = 0; i < f->n_parameters; i++)
        VIC_TRY(check_parameter(kind, &f->parameter[i]));
    return VIC_OK;
}

const vic_loss_kind *const *vic_loss_kinds(vic_precision precision, size_t *count) {
    *count = N_LOSSES;
    return losses[vic_level()][precision];
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
    return arithmetic[vic_level()][precision];
}
