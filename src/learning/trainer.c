/* The optimiser's state, on the ranks of the synapses. */
#include "trainer.h"

#include <stdio.h>
#include <string.h>

size_t vic_trainer_arrays(const vic_learning_options *options) {
    return options->optimizer->n_moments + options->sums_gradients + options->undoes;
}

size_t vic_trainer_sum_place(const vic_learning_options *options) {
    return options->optimizer->n_moments;
}

size_t vic_trainer_before_place(const vic_learning_options *options) {
    return options->optimizer->n_moments + options->sums_gradients;
}

static const char *name_of_array(const vic_trainer *t, size_t m) {
    if (m < t->options.optimizer->n_moments)
        return t->options.optimizer->moment_names[m];
    return t->options.sums_gradients && m == vic_trainer_sum_place(&t->options) ? "gradient_sum" : "before";
}

static void list_moments(const vic_trainer *t, const vic_parameter_state *parameter_state, int k,
                         vic_inventory_visitor visitor) {
    const vic_projection *out = &parameter_state->population->out[k];
    vic_allocation moment = {.population = parameter_state->population->id,
                             .kind = VIC_ALLOCATION_OPTIMISER,
                             .item = vic_precision_bytes(out->network->precision)};
    char name[96];
    moment.name = name;
    for (size_t i = 0; i < out->n_parameters; i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(out->network, out->edge_index, i);
        for (size_t m = 0; m < vic_trainer_arrays(&t->options); m++) {
            snprintf(name, sizeof name, "%s of %s", name_of_array(t, m), slot.name);
            vic_list_parameter(visitor, parameter_state->moments[k][i][m], moment, slot.parameter);
        }
    }
}

void vic_trainer_list(const vic_trainer *t, vic_inventory_visitor visitor) {
    for (int p = 0; p < t->n_parameter_states; p++)
        for (int k = 0; k < t->parameter_states[p].population->n_out; k++)
            list_moments(t, &t->parameter_states[p], k, visitor);
}

vic_parameter_state *vic_trainer_find(vic_trainer *t, int population) {
    int low = 0, high = t->n_parameter_states;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (t->parameter_states[middle].population->id == population)
            return &t->parameter_states[middle];
        if (t->parameter_states[middle].population->id < population)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void *vic_trainer_moment(vic_trainer *t, int population, int k, size_t i, size_t moment) {
    const vic_parameter_state *parameter_state = vic_trainer_find(t, population);
    if (parameter_state == NULL || moment >= t->options.optimizer->n_moments)
        return NULL;
    return parameter_state->moments[k][i][moment];
}

double *vic_trainer_sums(vic_trainer *t, int population) {
    vic_parameter_state *parameter_state = vic_trainer_find(t, population);
    return parameter_state ? parameter_state->sums : NULL;
}

size_t vic_trainer_sums_length(const vic_trainer *t) {
    return (size_t)t->steps + 1 + VIC_METRICS_SUMS;
}

vic_position vic_trainer_position(const vic_trainer *t) {
    return t->position;
}

void vic_trainer_set_position(vic_trainer *t, vic_position position) {
    if (position.updates != t->position.updates)
        t->optimizer_steps = position.updates * vic_trainer_steps_a_batch(t);
    t->position = position;
}

uint64_t vic_trainer_optimizer_steps(const vic_trainer *t) {
    return t->optimizer_steps;
}

vic_status vic_trainer_follow(vic_trainer *t) {
    int before = t->steps;
    if (before == vic_inference_steps(t->inference))
        return VIC_OK;
    t->steps = vic_inference_steps(t->inference);
    for (int i = 0; i < t->n_parameter_states; i++) {
        double *sums;
        VIC_TRY(vic_allocate(vic_trainer_sums_length(t), sizeof *sums, &sums));
        vic_release(&t->parameter_states[i].sums);
        t->parameter_states[i].sums = sums;
    }
    return VIC_OK;
}

const vic_learning_options *vic_trainer_options(const vic_trainer *t) {
    return &t->options;
}

void vic_trainer_set_settings(vic_trainer *t, const double settings[VIC_MAX_SETTINGS]) {
    memcpy(t->options.settings, settings, sizeof t->options.settings);
}

uint64_t vic_trainer_steps_a_batch(const vic_trainer *t) {
    return vic_trainer_is_in_steps(t) ? (uint64_t)vic_inference_own_steps(t->inference) : 1;
}

bool vic_trainer_is_in_steps(const vic_trainer *t) {
    return vic_algorithm_traits_of(vic_inference_get_options(t->inference).algorithm)->learns_in_steps;
}
