/* The section `inference`. */
#include "config_sections.h"

#include <math.h>

enum { MOST_STEPS = 1000000, MOST_MICROBATCHES = 100000 };

static const config_range positive = {.lowest = 0, .below = INFINITY, .open = true};

static vic_status read_algorithm(const config_node *node, const vic_algorithm **algorithm) {
    size_t count, index;
    const vic_algorithm *const *all = vic_algorithms(&count);
    const char **names;
    VIC_TRY(vic_allocate(count, sizeof *names, &names));
    for (size_t i = 0; i < count; i++)
        names[i] = vic_algorithm_name(all[i]);
    vic_status status = config_choice(node, "algorithm", names, count, &index);
    vic_release(&names);
    if (status == VIC_OK)
        *algorithm = all[index];
    return status;
}

static vic_status read_coordinates(const config_node *node, vic_inference_options *options) {
    static const char *const names[] = {
        [VIC_COORDINATES_ERROR] = "error", [VIC_COORDINATES_BELIEF] = "belief"};
    size_t index = VIC_COORDINATES_ERROR;
    if (node != NULL)
        VIC_TRY(config_choice(node, "coordinates", names, 2, &index));
    options->coordinates = (vic_coordinates)index;
    return VIC_OK;
}

static vic_status read_steps(const config_node *node, vic_inference_options *options) {
    uint64_t steps;
    VIC_TRY(config_integer(node, 1, MOST_STEPS, &steps));
    options->steps = (int)steps;
    return VIC_OK;
}

static vic_status read_messages(const config_node *node, vic_inference_options *options) {
    static const char *const names[] = {"event-driven", "always"};
    size_t index;
    VIC_TRY(config_choice(node, "messages", names, 2, &index));
    options->always = index == 1;
    return VIC_OK;
}

static vic_status read_microbatches(const config_node *node, vic_inference_options *options) {
    uint64_t microbatches;
    VIC_TRY(config_integer(node, 1, MOST_MICROBATCHES, &microbatches));
    options->microbatches = (int)microbatches;
    if (microbatches > 1 && options->algorithm != vic_algorithm_find("exact"))
        return config_fail(node->place,
                           "inference.microbatches is for the algorithm exact (backpropagation in a "
                           "pipeline), not for %s: leave it out, or write 1",
                           vic_algorithm_name(options->algorithm));
    return VIC_OK;
}

static vic_status read_entries(const config_node *section, vic_inference_options *options) {
    const config_node *algorithm = config_node_find(section, "algorithm");
    const config_node *eta = config_node_find(section, "eta");
    const config_node *steps = config_node_find(section, "steps");
    const config_node *messages = config_node_find(section, "messages");
    const config_node *microbatches = config_node_find(section, "microbatches");
    if (algorithm != NULL)
        VIC_TRY(read_algorithm(algorithm, &options->algorithm));
    if (eta != NULL)
        VIC_TRY(config_number(eta, positive, &options->eta));
    if (steps != NULL)
        VIC_TRY(read_steps(steps, options));
    if (microbatches != NULL)
        VIC_TRY(read_microbatches(microbatches, options));
    VIC_TRY(read_coordinates(config_node_find(section, "coordinates"), options));
    return messages != NULL ? read_messages(messages, options) : VIC_OK;
}

vic_status config_read_inference(const config_node *root, vic_config *config) {
    static const char *const keys[] = {
        "algorithm", "eta", "steps", "coordinates", "messages", "microbatches", "precision_weights"};
    const config_node *section;
    config->inference = (vic_inference_options){
        .algorithm = vic_algorithm_find("fixed-prediction"),
        .eta = 1,
        .steps = vic_network_output(config->network),
        .microbatches = 1,
        .coordinates = VIC_COORDINATES_ERROR,
    };
    VIC_TRY(config_section(root, "inference", keys, 7, &section));
    if (section == NULL)
        return VIC_OK;
    const config_node *weights = config_node_find(section, "precision_weights");
    VIC_TRY(read_entries(section, &config->inference));
    return weights != NULL ? config_read_precision_weights(weights, config) : VIC_OK;
}

vic_status config_check_microbatches(const config_node *root, const vic_config *config) {
    const config_node *section = config_node_find(root, "inference");
    if (!config->has_learning || (size_t)config->inference.microbatches <= config->learning.batch)
        return VIC_OK;
    return config_fail(config_node_find(section, "microbatches")->place,
                       "inference.microbatches must be at most learning.batch, which is %zu, not %d",
                       config->learning.batch, config->inference.microbatches);
}
