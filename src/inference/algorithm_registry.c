/* A new algorithm is one line in the list. */
#include "inference.h"

extern const vic_algorithm vic_fixed_prediction, vic_strict, vic_exact, vic_augmented_lagrangian,
    vic_incremental;

static const vic_algorithm *const algorithms[] = {
    &vic_fixed_prediction, &vic_strict, &vic_exact, &vic_augmented_lagrangian, &vic_incremental,
};

const vic_algorithm *const *vic_algorithms(size_t *count) {
    *count = sizeof algorithms / sizeof algorithms[0];
    return algorithms;
}
