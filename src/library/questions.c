/* What a program may ask of a model at any time. */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

vic_status vic_model_check_population(const vic_model *m, int population) {
    int n = m->config->network->n_populations;
    if (population >= 0 && population < n)
        return VIC_OK;
    return VIC_FAIL_WRONG_USE("there is no population %d among 0 to %d", population, n - 1);
}

vic_status vic_population_named(const vic_model *m, const char *name, int *population) {
    char *end;
    errno = 0;
    long number = strtol(name, &end, 10);
    if (strcmp(name, "input") == 0)
        number = 0;
    else if (strcmp(name, "output") == 0)
        number = vic_network_output(m->config->network);
    else if (name[0] < '0' || name[0] > '9' || *end != '\0' || errno || number > INT32_MAX)
        return VIC_FAIL_WRONG_USE(
            "no population is called '%.40s': they are input, output, and their numbers", name);
    VIC_TRY(vic_model_check_population(m, (int)number));
    *population = (int)number;
    return VIC_OK;
}

/* Errors: wrong use where there is no model, or nowhere to put the answer. */
static vic_status check(const vic_model *m, const void *answer) {
    VIC_TRY(vic_model_check(m));
    return vic_check_pointer(answer, "the place of the answer");
}

vic_result vic_model_capacity(const vic_model *m, size_t *capacity) {
    vic_status status = check(m, capacity);
    if (status == VIC_OK)
        *capacity = vic_inference_capacity(m->inference);
    return vic_result_of(status);
}

vic_result vic_model_populations(const vic_model *m, int *populations) {
    vic_status status = check(m, populations);
    if (status == VIC_OK)
        *populations = m->config->network->n_populations;
    return vic_result_of(status);
}

vic_result vic_model_steps(const vic_model *m, int *steps) {
    vic_status status = check(m, steps);
    if (status == VIC_OK)
        *steps = vic_inference_steps(m->inference);
    return vic_result_of(status);
}

vic_result vic_model_find_population(const vic_model *m, const char *name, int *population) {
    vic_status status = check(m, population);
    if (status == VIC_OK)
        status = vic_check_pointer(name, "name");
    if (status == VIC_OK)
        status = vic_population_named(m, name, population);
    return vic_result_of(status);
}

vic_result vic_model_rank_of(const vic_model *m, int population, int *rank) {
    vic_status status = check(m, rank);
    if (status == VIC_OK)
        status = vic_model_check_population(m, population);
    if (status == VIC_OK)
        *rank = m->rank_of[population];
    return vic_result_of(status);
}

vic_result vic_model_features(const vic_model *m, int population, size_t *features) {
    vic_status status = check(m, features);
    if (status == VIC_OK)
        status = vic_model_check_population(m, population);
    if (status == VIC_OK)
        *features = vic_shape_count(m->config->network->shapes[population]);
    return vic_result_of(status);
}
