/* The section `channels`: how long to wait, and what the wires do to messages. Keys beside `edges` hold for
 * all of them; entries of `edges` change some of these for one edge. */
#include "config_sections.h"

#include <math.h>

enum { MOST_ENCODINGS = 16 };

static const config_range positive = {.lowest = 0, .below = INFINITY, .open = true};

static vic_status read_delay(const config_node *node, int steps, int *delay) {
    uint64_t value;
    VIC_TRY(config_integer(node, 0, CONFIG_MOST, &value));
    if (value >= (uint64_t)steps)
        return config_fail(
            node->place,
            "a delay of %llu is longer than the run: what is said in the first of %d inference "
            "step%s would never be heard; at most %d",
            (unsigned long long)value, steps, steps == 1 ? "" : "s", steps - 1);
    *delay = (int)value;
    return VIC_OK;
}

static vic_status read_keep(const config_node *node, double *keep) {
    const config_range fraction = {.lowest = 0, .below = nextafter(1, 2), .open = true};
    double value;
    if (config_number(node, fraction, &value) != VIC_OK)
        return config_expected(node, "a number above 0 and at most 1");
    *keep = value;
    return VIC_OK;
}

static vic_status read_encoding(const config_node *node, vic_precision precision,
                                const vic_encoding **encoding) {
    const char *names[MOST_ENCODINGS];
    size_t count, index;
    const vic_encoding *const *all = vic_encodings(precision, &count);
    for (size_t i = 0; i < count; i++)
        names[i] = all[i]->name;
    VIC_TRY(config_choice(node, "encoding", names, count, &index));
    if (all[index]->value_bytes > vic_precision_bytes(precision))
        return config_fail(node->place, "encoding %s is wider than the numbers of a run in %s", names[index],
                           vic_precision_name(precision));
    *encoding = all[index];
    return VIC_OK;
}

/* Steps of one inference. */
static int steps_of(const vic_config *config) {
    return config->inference.algorithm == vic_algorithm_find("exact") ? 1 : config->inference.steps;
}

/* Changes the wire as far as `mapping` says. */
static vic_status read_wire(const config_node *mapping, const vic_config *config, vic_wire *wire) {
    static const config_range probability = {.lowest = 0, .below = 1},
                              relative = {.lowest = 0, .below = 1000};
    const config_node *delay = config_node_find(mapping, "delay"), *drop = config_node_find(mapping, "drop"),
                      *noise = config_node_find(mapping, "noise"), *keep = config_node_find(mapping, "keep"),
                      *encoding = config_node_find(mapping, "encoding");
    if (delay != NULL)
        VIC_TRY(read_delay(delay, steps_of(config), &wire->delay));
    if (drop != NULL)
        VIC_TRY(config_number(drop, probability, &wire->drop));
    if (noise != NULL)
        VIC_TRY(config_number(noise, relative, &wire->noise));
    if (encoding != NULL)
        VIC_TRY(read_encoding(encoding, config->network->precision, &wire->encoding));
    return keep != NULL ? read_keep(keep, &wire->keep) : VIC_OK;
}

/* ---- one edge ---- */

/* *kind becomes VIC_MESSAGE_KINDS for both. */
static vic_status read_kind(const config_node *entry, size_t *kind) {
    const char *const names[] = {vic_message_kind_name(VIC_PREDICTION), vic_message_kind_name(VIC_ERROR),
                                 "both"};
    const config_node *node = config_node_find(entry, "kind");
    *kind = VIC_MESSAGE_KINDS;
    return node != NULL ? config_choice(node, "kind", names, 3, kind) : VIC_OK;
}

static vic_status read_end(const config_node *entry, const char *key, const vic_network *network, int *end) {
    const config_node *node;
    uint64_t value;
    VIC_TRY(config_require(entry, key, "write the populations at its ends, such as from: 0, to: 1", &node));
    VIC_TRY(config_integer(node, 0, (uint64_t)vic_network_output(network), &value));
    *end = (int)value;
    return VIC_OK;
}

static vic_status find_edge(const config_node *entry, const vic_network *network, int *edge) {
    int from, to;
    VIC_TRY(read_end(entry, "from", network, &from));
    VIC_TRY(read_end(entry, "to", network, &to));
    for (*edge = 0; *edge < network->n_edges; (*edge)++)
        if (network->edges[*edge].from == from && network->edges[*edge].to == to)
            return VIC_OK;
    for (int e = 0; e < network->n_edges; e++)
        if (network->edges[e].from == to && network->edges[e].to == from)
            return config_fail(
                entry->place,
                "there is no edge from %d to %d: edges go upward, the way of predictions; write "
                "from: %d, to: %d, and kind: error for what travels down it",
                from, to, to, from);
    return config_fail(entry->place,
                       "there is no edge from %d to %d: edges join neighbours, from 0 to 1 up to "
                       "from %d to %d",
                       from, to, vic_network_output(network) - 1, vic_network_output(network));
}

static vic_status read_edge(const config_node *entry, vic_config *config) {
    static const char *const keys[] = {"from", "to", "kind", "delay", "drop", "noise", "encoding", "keep"};
    int edge;
    size_t kind;
    VIC_TRY(config_mapping(entry, keys, sizeof keys / sizeof *keys));
    VIC_TRY(find_edge(entry, config->network, &edge));
    VIC_TRY(read_kind(entry, &kind));
    for (size_t k = 0; k < VIC_MESSAGE_KINDS; k++)
        if (kind == k || kind == VIC_MESSAGE_KINDS)
            VIC_TRY(read_wire(entry, config, &config->wires.of[(size_t)edge * VIC_MESSAGE_KINDS + k]));
    return VIC_OK;
}

/* ---- all of them ---- */

static vic_status read_wires(const config_node *section, vic_config *config) {
    vic_precision precision = config->network->precision;
    const config_node *edges = config_node_find(section, "edges");
    size_t count = (size_t)config->network->n_edges * VIC_MESSAGE_KINDS;
    VIC_TRY(vic_wires_create(&config->wires, count, config->seed));
    for (size_t i = 0; i < count; i++) {
        config->wires.of[i].encoding = vic_encoding_exact(precision);
        VIC_TRY(read_wire(section, config, &config->wires.of[i]));
    }
    if (edges != NULL && edges->kind != CONFIG_SEQUENCE)
        return config_expected(edges, "a list of edges, such as [{from: 0, to: 1, noise: 0.1}]");
    for (const config_node *entry = edges != NULL ? edges->first : NULL; entry != NULL; entry = entry->next)
        VIC_TRY(read_edge(entry, config));
    for (size_t i = 0; i < count; i++)
        if (!vic_wire_is_perfect(&config->wires.of[i], precision))
            config->inference.wires = &config->wires;
    if (config->inference.wires && config->inference.microbatches > 1)
        return config_fail(
            section->place,
            "channels that are not perfect carry whole batches: leave inference.microbatches at 1, "
            "not %d",
            config->inference.microbatches);
    return VIC_OK;
}

vic_status config_read_channels(const config_node *root, vic_config *config) {
    static const char *const keys[] = {"timeout", "delay", "drop", "noise", "encoding", "keep", "edges"};
    const config_node *section;
    VIC_TRY(config_section(root, "channels", keys, sizeof keys / sizeof *keys, &section));
    if (section == NULL)
        return VIC_OK;
    const config_node *timeout = config_node_find(section, "timeout");
    if (timeout != NULL)
        VIC_TRY(config_number(timeout, positive, &config->timeout));
    return read_wires(section, config);
}
