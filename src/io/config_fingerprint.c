/* What two runs must share for one to go on where the other stopped. */
#include "vicinal/io.h"

#include <stdio.h>

static vic_status append(char **text, const char *more) {
    char *longer;
    VIC_TRY(vic_format(&longer, "%s %s", *text, more));
    vic_release(text);
    *text = longer;
    return VIC_OK;
}

static vic_status append_number(char **text, const char *name, double value) {
    char number[64];
    snprintf(number, sizeof number, "%s %.17g", name, value);
    return append(text, number);
}

static vic_status append_edge(char **text, const vic_edge *edge) {
    for (size_t f = 0; f < edge->n_functions; f++) {
        const vic_function *function = &edge->functions[f];
        char shape[VIC_SHAPE_TEXT];
        VIC_TRY(append(text, function->kind->name));
        VIC_TRY(append(text, vic_shape_text(function->out, shape)));
    }
    return append(text, "|");
}

static vic_status append_precisions(char **text, const vic_config *config) {
    char number[64];
    for (int p = 1; config->precision_weights && p < vic_network_output(config->network); p++)
        for (size_t i = 0; i < config->precision_weights[p].count; i++) {
            snprintf(number, sizeof number, "P%d %.17g", p, config->precision_weights[p].values[i]);
            VIC_TRY(append(text, number));
        }
    return VIC_OK;
}

static vic_status append_wires(char **text, const vic_config *config) {
    char wire[160];
    vic_precision precision = config->network->precision;
    for (size_t i = 0; config->inference.wires && i < config->wires.count; i++) {
        const vic_wire *w = &config->wires.of[i];
        if (vic_wire_is_perfect(w, precision))
            continue;
        snprintf(wire, sizeof wire, "wire %zu delay %d drop %.17g noise %.17g keep %.17g %s", i, w->delay,
                 w->drop, w->noise, w->keep, w->encoding->name);
        VIC_TRY(append(text, wire));
    }
    return VIC_OK;
}

static vic_status append_learning(char **text, const vic_learning_options *learning) {
    char number[64];
    VIC_TRY(append(text, learning->optimizer->name));
    for (size_t i = 0; i < learning->optimizer->n_settings; i++) {
        snprintf(number, sizeof number, "%.17g", learning->settings[i]);
        VIC_TRY(append(text, number));
    }
    snprintf(number, sizeof number, "batch %zu, drop_last %d", learning->batch, learning->drop_last);
    return append(text, number);
}

/* They change the order in which gradients are summed. */
static vic_status append_microbatches(char **text, int microbatches) {
    char number[64];
    if (microbatches <= 1)
        return VIC_OK;
    snprintf(number, sizeof number, "microbatches %d", microbatches);
    return append(text, number);
}

static vic_status fill(const vic_config *config, char **text) {
    const vic_network *network = config->network;
    const vic_inference_options *inference = &config->inference;
    VIC_TRY(vic_format(text, "%s, seed %llu, %s %s; %s, eta %.17g, steps %d, coordinates %d;",
                       vic_precision_name(network->precision), (unsigned long long)config->seed,
                       network->loss->name, network->reduction == VIC_MEAN ? "mean" : "sum",
                       vic_algorithm_name(inference->algorithm), inference->eta, inference->steps,
                       (int)inference->coordinates));
    for (int e = 0; e < network->n_edges; e++)
        VIC_TRY(append_edge(text, &network->edges[e]));
    if (config->grain > 0)
        VIC_TRY(append_number(text, "grain", config->grain));
    VIC_TRY(append_precisions(text, config));
    VIC_TRY(append_microbatches(text, inference->microbatches));
    VIC_TRY(append_wires(text, config));
    return config->has_learning ? append_learning(text, &config->learning) : VIC_OK;
}

vic_status vic_config_fingerprint(const vic_config *config, char **text) {
    *text = NULL;
    vic_status status = fill(config, text);
    if (status != VIC_OK)
        vic_release(text);
    return status;
}
