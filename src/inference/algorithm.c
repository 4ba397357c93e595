/* Queries about the algorithms in the registry. */
#include "inference.h"

#include <string.h>

const vic_algorithm *vic_algorithm_find(const char *name) {
    size_t n;
    const vic_algorithm *const *all = vic_algorithms(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

const vic_algorithm *vic_algorithm_exact(void) {
    size_t n;
    const vic_algorithm *const *all = vic_algorithms(&n);
    for (size_t i = 0; i < n; i++)
        if (all[i]->traits.is_backpropagation)
            return all[i];
    return NULL;
}

const char *vic_algorithm_name(const vic_algorithm *algorithm) {
    return algorithm->name;
}

const char *vic_algorithm_help(const vic_algorithm *algorithm) {
    return algorithm->help;
}

const vic_algorithm_traits *vic_algorithm_traits_of(const vic_algorithm *algorithm) {
    return &algorithm->traits;
}

bool vic_algorithm_passes_down(const vic_algorithm *algorithm) {
    for (int i = 0; i < algorithm->phases.n; i++)
        if (algorithm->phases.of[i].downward)
            return true;
    return false;
}

/* ---- the rules as text ---- */

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
