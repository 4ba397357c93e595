/* What one key must be because of others. */
#include "config_schema.h"

enum { NAMES = 256 };

/* Those that take micro-batches: "exact, ..." */
static const char *takers_of_pieces(char names[NAMES]) {
    size_t count, used = 0;
    const vic_algorithm *const *all = vic_algorithms(&count);
    names[0] = '\0';
    for (size_t i = 0; i < count && used < NAMES; i++)
        if (vic_algorithm_traits_of(all[i])->takes_microbatches)
            used += (size_t)snprintf(names + used, NAMES - used, "%s%s", used > 0 ? ", " : "",
                                     vic_algorithm_name(all[i]));
    return names;
}

vic_status config_check_microbatches(const config_node *node, const vic_config *config, const void *at) {
    char names[NAMES];
    if (*(const int *)at <= 1 || vic_algorithm_traits_of(config->inference.algorithm)->takes_microbatches)
        return VIC_OK;
    return config_fail(
        node->place,
        "inference.microbatches is for algorithms that take a batch as a pipeline (%s), not for "
        "%s: leave it out, or write 1",
        takers_of_pieces(names), vic_algorithm_name(config->inference.algorithm));
}

/* A loss on classes needs one number per class. */
static vic_status check_output(const config_node *root, const vic_config *config) {
    char text[VIC_SHAPE_TEXT];
    const vic_network *network = config->network;
    const config_node *layers = config_node_find(config_node_find(root, "network"), "layers");
    vic_shape output = network->shapes[vic_network_output(network)];
    if (network->loss->target_type != VIC_TARGET_CLASSES || output.rank == 1)
        return VIC_OK;
    return config_fail(layers->last->place,
                       "the output has shape %s, but %s needs one number per class: end with flatten",
                       vic_shape_text(output, text), network->loss->name);
}

/* Micro-batches fit into a batch, and wires that are not perfect carry whole ones. */
static vic_status check_pieces(const config_node *root, const vic_config *config) {
    size_t microbatches = (size_t)config->inference.microbatches;
    if (microbatches <= 1)
        return VIC_OK;
    if (config->inference.wires)
        return config_fail(config_node_find(root, "channels")->place,
                           "channels that are not perfect carry whole batches: leave inference.microbatches "
                           "at 1, not %zu",
                           microbatches);
    if (!config->has_learning || microbatches <= config->learning.batch)
        return VIC_OK;
    return config_fail(config_node_find(config_node_find(root, "inference"), "microbatches")->place,
                       "inference.microbatches must be at most learning.batch, which is %zu, not %zu",
                       config->learning.batch, microbatches);
}

static vic_status check_weights(const config_node *root, const vic_config *config) {
    const vic_algorithm *algorithm = config->inference.algorithm;
    if (config->inference.error_weights == NULL || vic_algorithm_traits_of(algorithm)->takes_error_weights)
        return VIC_OK;
    return config_fail(
        config_node_find(config_node_find(root, "inference"), "precision_weights")->place,
        "inference.precision_weights means nothing to %s, whose errors have no weights: leave it out",
        vic_algorithm_name(algorithm));
}

static vic_status check_batch(const config_node *root, const vic_config *config) {
    const config_node *section = config_node_find(root, "learning");
    if (!config->has_learning)
        return VIC_OK;
    const config_node *batch = config_node_find(section, "batch");
    vic_status status = vic_network_check_batch(config->network, config->learning.batch);
    if (status != VIC_BAD_CONFIG)
        return status;
    return config_fail(batch != NULL ? batch->place : section->place, "%s", vic_error_text());
}

/* Only what is written is refused: by default an algorithm has the coordinates that it can have. */
static vic_status check_coordinates(const config_node *root, const vic_config *config) {
    const vic_algorithm *algorithm = config->inference.algorithm;
    const config_node *section = config_node_find(root, "inference");
    const config_node *node = section != NULL ? config_node_find(section, "coordinates") : NULL;
    const vic_algorithm_traits *traits = vic_algorithm_traits_of(algorithm);
    bool beliefs = config->inference.coordinates == VIC_COORDINATES_BELIEF;
    if (node == NULL || config_node_is_null(node) ||
        !(beliefs ? traits->in_errors_alone : traits->in_beliefs_alone))
        return VIC_OK;
    const char *own = beliefs ? "error" : "belief";
    return config_fail(node->place,
                       "inference.coordinates: %s has %s coordinates alone: write %s, or leave it out",
                       vic_algorithm_name(algorithm), own, own);
}

vic_status config_check_together(const config_node *root, const vic_config *config) {
    VIC_TRY(check_coordinates(root, config));
    VIC_TRY(check_output(root, config));
    VIC_TRY(check_batch(root, config));
    VIC_TRY(check_weights(root, config));
    return check_pieces(root, config);
}
