/* Making and releasing a trainer: its state is where the synapses are. */
#include "trainer.h"

static vic_status allocate_moments(const vic_trainer *t, const vic_projection *out, void ****moments) {
    size_t n_moments = vic_trainer_arrays(&t->options);
    size_t bytes = vic_precision_bytes(out->network->precision);
    VIC_TRY(vic_allocate(out->n_parameters, sizeof **moments, moments));
    for (size_t i = 0; i < out->n_parameters; i++) {
        size_t count = vic_parameter_slot_at(out->network, out->edge_index, i).parameter->count;
        VIC_TRY(vic_allocate(n_moments, sizeof ***moments, &(*moments)[i]));
        for (size_t m = 0; m < n_moments; m++)
            VIC_TRY(vic_allocate(count, bytes, &(*moments)[i][m]));
    }
    return VIC_OK;
}

static vic_status add_parameter_state(vic_trainer *t, vic_population *population) {
    vic_parameter_state *parameter_state = &t->parameter_states[t->n_parameter_states++];
    parameter_state->population = population;
    VIC_TRY(vic_allocate(vic_trainer_sums_length(t), sizeof *parameter_state->sums, &parameter_state->sums));
    VIC_TRY(
        vic_allocate((size_t)population->n_out, sizeof *parameter_state->moments, &parameter_state->moments));
    for (int k = 0; k < population->n_out; k++)
        VIC_TRY(allocate_moments(t, &population->out[k], &parameter_state->moments[k]));
    return VIC_OK;
}

static vic_status add_parameter_states(vic_trainer *t) {
    int populations = vic_inference_network(t->inference)->n_populations;
    VIC_TRY(vic_allocate((size_t)populations, sizeof *t->parameter_states, &t->parameter_states));
    for (int id = 0; id < populations; id++) {
        vic_population *population = vic_inference_population(t->inference, id);
        if (population)
            VIC_TRY(add_parameter_state(t, population));
    }
    return VIC_OK;
}

static vic_status check_options(const vic_inference *inference, vic_learning_options options) {
    size_t capacity = vic_inference_capacity(inference);
    if (options.optimizer == NULL)
        return vic_fail(VIC_BAD_CONFIG, "learning needs an optimizer");
    if (!vic_inference_learns(inference))
        return vic_fail(VIC_BAD_CONFIG, "learning needs an inference with gradients");
    if (options.batch < 1 || options.batch > capacity)
        return vic_fail(VIC_BAD_CONFIG, "learning.batch is %zu, the inference has a capacity of 1 to %zu",
                        options.batch, capacity);
    return VIC_OK;
}

vic_status vic_trainer_create(vic_trainer **trainer, vic_inference *inference, vic_learning_options options,
                              uint64_t seed) {
    vic_status status = vic_allocate(1, sizeof **trainer, trainer);
    if (status == VIC_OK) {
        **trainer = (vic_trainer){
            .inference = inference,
            .options = options,
            .seed = seed,
            .steps = vic_inference_steps(inference),
        };
        status = check_options(inference, options);
    }
    if (status == VIC_OK)
        status = add_parameter_states(*trainer);
    status = vic_group_agree_on_status(vic_inference_group(inference), status);
    if (status == VIC_OK)
        vic_trainer_attach(*trainer);
    else
        vic_trainer_destroy(trainer);
    return status;
}

size_t vic_trainer_forecast(const vic_network *network, const bool *here, vic_learning_options options) {
    return vic_size_product(vic_network_parameters_of(network, here),
                            vic_trainer_arrays(&options) * vic_precision_bytes(network->precision));
}

static void release_moments(const vic_projection *out, size_t n_moments, void ***moments) {
    for (size_t i = 0; moments && i < out->n_parameters; i++) {
        for (size_t m = 0; moments[i] && m < n_moments; m++)
            vic_release(&moments[i][m]);
        vic_release(&moments[i]);
    }
}

void vic_trainer_destroy(vic_trainer **trainer) {
    vic_trainer *t = *trainer;
    if (t == NULL)
        return;
    vic_trainer_detach(t);
    for (int p = 0; p < t->n_parameter_states; p++) {
        vic_parameter_state *parameter_state = &t->parameter_states[p];
        for (int k = 0; parameter_state->moments && k < parameter_state->population->n_out; k++) {
            release_moments(&parameter_state->population->out[k], vic_trainer_arrays(&t->options),
                            parameter_state->moments[k]);
            vic_release(&parameter_state->moments[k]);
        }
        vic_release(&parameter_state->moments);
        vic_release(&parameter_state->sums);
    }
    vic_release(&t->parameter_states);
    vic_release(trainer);
}
