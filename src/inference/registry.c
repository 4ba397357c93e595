/* A new algorithm is one line in the list. */
#include "inference.h"

#include <string.h>

extern const vic_algorithm vic_fixed_prediction, vic_strict, vic_exact, vic_augmented_lagrangian;

static const vic_algorithm *const algorithms[] = {
    &vic_fixed_prediction,
    &vic_strict,
    &vic_exact,
    &vic_augmented_lagrangian,
};

const vic_algorithm *const *vic_algorithms(size_t *count) {
    *count = sizeof algorithms / sizeof algorithms[0];
    return algorithms;
}

const vic_algorithm *vic_algorithm_find(const char *name) {
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
        if (strcmp(algorithms[i]->name, name) == 0)
            return algorithms[i];
    return NULL;
}

const vic_algorithm_traits *vic_algorithm_traits_of(const vic_algorithm *algorithm) {
    return &algorithm->traits;
}

const vic_algorithm *vic_algorithm_exact(void) {
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
        if (algorithms[i]->traits.is_backpropagation)
            return algorithms[i];
    return NULL;
}

const char *vic_algorithm_name(const vic_algorithm *algorithm) {
    return algorithm->name;
}

int vic_algorithm_phases(const vic_algorithm *algorithm) {
    return algorithm->phases.n;
}

vic_phase_text vic_algorithm_phase(const vic_algorithm *algorithm, int phase) {
    const vic_phase *p = &algorithm->phases.of[phase];
    return (vic_phase_text){p->receives, p->sends, p->n_rules, p->rules};
}

const char *vic_quantity_name(vic_quantity quantity) {
    static const char *const names[] = {"belief", "displacement", "prediction", "error", "feedback", "dual"};
    return names[quantity];
}
