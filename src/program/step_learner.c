/* The trainer of an inference whose steps learn, for commands that do not train. */
#include "program.h"

#include "observe/audit/audit.h"

static bool is_in_steps(const vic_demand *demand) {
    return !demand->sweeps && vic_algorithm_traits_of(demand->options.algorithm)->learns_in_steps;
}

bool vic_demand_learns(const vic_demand *demand) {
    return demand->learns || is_in_steps(demand);
}

vic_status vic_demand_check(const vic_demand *demand, const vic_config *config) {
    if (!is_in_steps(demand) || config->has_learning)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG,
                    "%s: %s updates the synapses in every inference step, and needs to know how: add "
                    "learning.optimizer, for example {sgd: {rate: 0.01}}",
                    config->path, vic_algorithm_name(demand->options.algorithm));
}

static vic_learning_options options_of(const vic_config *config, const vic_demand *demand) {
    vic_learning_options options = config->learning;
    options.batch = demand->capacity;
    options.sums_gradients = demand->compares;
    options.undoes = !demand->keeps;
    return options;
}

vic_learning_options vic_training_options(const vic_config *config) {
    vic_learning_options options = config->learning;
    options.sums_gradients =
        config->compare.every > 0 && vic_algorithm_traits_of(config->inference.algorithm)->learns_in_steps;
    return options;
}

size_t vic_session_learn_forecast(const vic_config *config, const vic_demand *demand, const bool *here) {
    if (!is_in_steps(demand) || demand->trains)
        return 0;
    return vic_trainer_forecast(config->network, here, options_of(config, demand));
}

vic_status vic_session_learn(const vic_config *config, const vic_demand *demand, vic_inference *inference,
                             vic_trainer **learner) {
    if (!is_in_steps(demand))
        return VIC_OK;
    VIC_TRY(vic_demand_check(demand, config));
    VIC_TRY(vic_trainer_create(learner, inference, options_of(config, demand), config->seed));
    vic_audit_add_trainer(*learner, inference);
    return VIC_OK;
}
