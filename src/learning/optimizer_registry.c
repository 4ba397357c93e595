/* A new optimiser is one line in the list. */
#include "learning.h"

#include <string.h>

#define OPTIMIZERS(X) X(sgd) X(adam)

#define DECLARE(name) extern const vic_optimizer_kind vic_##name##_f32, vic_##name##_f64;
OPTIMIZERS(DECLARE)

#define FLOAT32(name) &vic_##name##_f32,
#define FLOAT64(name) &vic_##name##_f64,
static const vic_optimizer_kind *const kinds_f32[] = {OPTIMIZERS(FLOAT32)};
static const vic_optimizer_kind *const kinds_f64[] = {OPTIMIZERS(FLOAT64)};

const vic_optimizer_kind *const *vic_optimizer_kinds(vic_precision precision, size_t *count) {
    *count = sizeof kinds_f32 / sizeof kinds_f32[0];
    return precision == VIC_FLOAT32 ? kinds_f32 : kinds_f64;
}

vic_step_learning vic_step_learning_of(const vic_learning_options *options) {
    const vic_optimizer_kind *optimizer = options->optimizer;
    return (vic_step_learning){.moves_on = options->settings[optimizer->inertia] != 0,
                               .n_moments = optimizer->n_moments};
}

const vic_optimizer_kind *vic_optimizer_find(vic_precision precision, const char *name) {
    size_t count;
    const vic_optimizer_kind *const *kinds = vic_optimizer_kinds(precision, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}
