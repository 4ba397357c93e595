/* inference.error_weights: how much the errors of each hidden population weigh. */
#include "config_schema.h"

#include <math.h>

static const config_range positive = {.lowest = 0, .below = INFINITY, .open = true};

static vic_status read_values(const config_node *node, size_t count, vic_error_weight *precision) {
    VIC_TRY(vic_allocate(count, sizeof *precision->values, &precision->values));
    precision->count = count;
    if (node->kind == CONFIG_SCALAR)
        return config_number(node, positive, &precision->values[0]);
    double *value = precision->values;
    for (const config_node *entry = node->first; entry; entry = entry->next)
        VIC_TRY(config_number(entry, positive, value++));
    return VIC_OK;
}

/* One number, or one for each neuron. */
static vic_status read_population(const config_node *node, const vic_network *network, int population,
                                  vic_error_weight *precision) {
    size_t neurons = vic_shape_count(network->shapes[population]);
    if (node->kind == CONFIG_SCALAR)
        return read_values(node, 1, precision);
    VIC_TRY(config_sequence(node, "a number above 0, or a sequence of them"));
    if (node->count != neurons)
        return config_fail(node->place,
                           "inference.precision_weights: %zu numbers for population %d: it has %zu neurons, "
                           "and takes one number "
                           "for each or one for all",
                           node->count, population, neurons);
    return read_values(node, neurons, precision);
}

vic_status config_read_precision_weights(const config_node *node, vic_config *config) {
    const vic_network *network = config->network;
    size_t hidden = (size_t)vic_network_output(network) - 1;
    if (node == NULL)
        return VIC_OK;
    VIC_TRY(vic_allocate(hidden + 2, sizeof *config->error_weights, &config->error_weights));
    config->inference.error_weights = config->error_weights;
    if (node->kind != CONFIG_SCALAR) {
        VIC_TRY(config_sequence(node,
                                "a number above 0, or a sequence with one entry for each hidden population"));
        if (node->count != hidden)
            return config_fail(node->place,
                               "inference.precision_weights: %zu entries for %zu hidden populations: give "
                               "one entry for each, or "
                               "one number for all",
                               node->count, hidden);
    }
    const config_node *entry = node->kind == CONFIG_SCALAR ? node : node->first;
    for (size_t p = 1; p <= hidden; p++) {
        VIC_TRY(read_population(entry, network, (int)p, &config->error_weights[p]));
        entry = node->kind == CONFIG_SCALAR ? node : entry->next;
    }
    return VIC_OK;
}

static vic_status write_values(FILE *out, const vic_error_weight *precision) {
    fputs(precision->count == 1 ? "" : "[", out);
    for (size_t i = 0; i < precision->count; i++) {
        fputs(i > 0 ? ", " : "", out);
        VIC_TRY(config_write_number(out, precision->values[i]));
    }
    fputs(precision->count == 1 ? "" : "]", out);
    return VIC_OK;
}

vic_status config_write_precision_weights(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    if (config->error_weights == NULL)
        return VIC_OK;
    fputc('[', out);
    for (int p = 1; p < vic_network_output(config->network); p++) {
        fputs(p > 1 ? ", " : "", out);
        VIC_TRY(write_values(out, &config->error_weights[p]));
    }
    fputc(']', out);
    return VIC_OK;
}

static bool all_ones(const vic_config *config) {
    for (int p = 1; config->error_weights && p < vic_network_output(config->network); p++)
        for (size_t i = 0; i < config->error_weights[p].count; i++)
            if (config->error_weights[p].values[i] != 1)
                return false;
    return true;
}

/* Ones, however they are written, are the default. */
vic_status config_identify_precision_weights(const vic_config *config, vic_identity *identity) {
    static const char path[] = "inference.precision_weights";
    char *text;
    if (all_ones(config))
        return VIC_OK;
    VIC_TRY(config_value_text(config_key_find(path), config, &text));
    vic_status status = vic_identity_add(identity, path, false, "%s", text);
    vic_release(&text);
    return status;
}
