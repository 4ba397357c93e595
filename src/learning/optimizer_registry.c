/* A new optimiser is one line in the list. */
#include "learning.h"

#include "functions/level.h"
#include "functions/level_list.h"

#include <string.h>

#define OPTIMIZERS(X, level) X(sgd, level) X(adam, level)

#define ONE(name, level) +1
enum { N_OPTIMIZERS = OPTIMIZERS(ONE, ) };

#define DECLARE(name, level)                                                                                 \
    extern const vic_optimizer_kind vic_##name##_f32_##level, vic_##name##_f64_##level;
#define DECLARE_LEVEL(level) OPTIMIZERS(DECLARE, level)
VIC_LEVELS(DECLARE_LEVEL)

/* By level and precision. */
#define FLOAT32(name, level) &vic_##name##_f32_##level,
#define FLOAT64(name, level) &vic_##name##_f64_##level,
#define OF_LEVEL(level)      {{OPTIMIZERS(FLOAT32, level)}, {OPTIMIZERS(FLOAT64, level)}},
static const vic_optimizer_kind *const optimizers[][2][N_OPTIMIZERS] = {VIC_LEVELS(OF_LEVEL)};

const vic_optimizer_kind *const *vic_optimizer_kinds(vic_precision precision, size_t *count) {
    *count = N_OPTIMIZERS;
    return optimizers[vic_level()][precision];
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
