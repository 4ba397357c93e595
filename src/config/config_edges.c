/* channels.edges: the wires of edges that differ from the others; and the checks of what wires do. */
#include "config_schema.h"

#include <stdio.h>
#include <string.h>

/* ---- checks ---- */

/* Steps of one inference. */
static int steps_of(const vic_config *config) {
    return vic_algorithm_traits_of(config->inference.algorithm)->single_step ? 1 : config->inference.steps;
}

vic_status config_check_delay(const config_node *node, const vic_config *config, const void *at) {
    int delay = *(const int *)at, steps = steps_of(config);
    if (delay < steps)
        return VIC_OK;
    return config_fail(node->place,
                       "a delay of %d is longer than the run: what is sent in the first of %d inference "
                       "step%s would never arrive; at most %d",
                       delay, steps, steps == 1 ? "" : "s", steps - 1);
}

vic_status config_check_encoding(const config_node *node, const vic_config *config, const void *at) {
    const vic_encoding *encoding = *(const vic_encoding *const *)at;
    if (encoding->value_bytes <= vic_precision_bytes(config->precision))
        return VIC_OK;
    return config_fail(node->place, "encoding %s is wider than the numbers of a run in %s", encoding->name,
                       vic_precision_name(config->precision));
}

/* ---- one edge ---- */

#define EDGES "channels.edges[]"

static vic_status read_end(const config_node *entry, const char *key, const vic_network *network, int *end) {
    const config_key *row = config_key_find(strcmp(key, "from") == 0 ? EDGES ".from" : EDGES ".to");
    const config_node *node;
    uint64_t value;
    VIC_TRY(config_require(entry, key, row->hint, &node));
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

/* The keys of an entry that change a wire. */
static vic_status read_wire(const config_node *entry, const vic_config *config, vic_wire *wire) {
    for (size_t i = 0; i < config_n_keys; i++) {
        const config_key *key = &config_keys[i];
        if (!config_key_is_in(key, EDGES) || key->home != CONFIG_IN_WIRE)
            continue;
        const config_node *node = config_node_find(entry, config_key_name(key));
        if (node != NULL)
            VIC_TRY(config_read_value(key, node, config, wire));
    }
    return VIC_OK;
}

static vic_status read_edge(const config_node *entry, vic_config *config) {
    const config_key *kind_key = config_key_find(EDGES ".kind");
    const config_node *kind_node;
    unsigned kind = VIC_MESSAGE_KINDS;
    int edge;
    VIC_TRY(config_check_keys(entry, EDGES));
    VIC_TRY(find_edge(entry, config->network, &edge));
    kind_node = config_node_find(entry, "kind");
    if (kind_node != NULL)
        VIC_TRY(config_read_value(kind_key, kind_node, config, &kind));
    for (unsigned k = 0; k < VIC_MESSAGE_KINDS; k++)
        if (kind == k || kind == VIC_MESSAGE_KINDS)
            VIC_TRY(read_wire(entry, config, &config->wires.of[(size_t)edge * VIC_MESSAGE_KINDS + k]));
    return VIC_OK;
}

vic_status config_read_edges(const config_node *node, vic_config *config) {
    size_t count = (size_t)config->network->n_edges * VIC_MESSAGE_KINDS;
    VIC_TRY(vic_wires_create(&config->wires, count, config->seed));
    for (size_t i = 0; i < count; i++)
        config->wires.of[i] = config->wire;
    if (node != NULL && node->kind != CONFIG_SEQUENCE)
        return config_expected(node, "a list of edges, such as [{from: 0, to: 1, noise: 0.1}]");
    for (const config_node *entry = node != NULL ? node->first : NULL; entry != NULL; entry = entry->next)
        VIC_TRY(read_edge(entry, config));
    for (size_t i = 0; i < count; i++)
        if (!vic_wire_is_perfect(&config->wires.of[i], config->precision))
            config->inference.wires = &config->wires;
    return VIC_OK;
}

/* ---- writing ---- */

static vic_status write_edge(FILE *out, const vic_config *config, int i) {
    const vic_edge *edge = &config->network->edges[i / VIC_MESSAGE_KINDS];
    fprintf(out, "{from: %d, to: %d, kind: %s", edge->from, edge->to,
            vic_message_kind_name(i % VIC_MESSAGE_KINDS));
    for (size_t k = 0; k < config_n_keys; k++) {
        const config_key *key = &config_keys[k];
        if (!config_key_is_in(key, EDGES) || key->home != CONFIG_IN_WIRE)
            continue;
        fprintf(out, ", %s: ", config_key_name(key));
        VIC_TRY(config_write_value(key, out, &config->wires.of[i]));
    }
    fputc('}', out);
    return VIC_OK;
}

vic_status config_write_edges(FILE *out, const vic_config *config, int indent) {
    bool first = true;
    for (int i = 0; i < config->network->n_edges * VIC_MESSAGE_KINDS; i++) {
        if (vic_wire_equal(&config->wires.of[i], &config->wire))
            continue;
        fprintf(out, first ? "[" : ",\n%*s", indent + 2, "");
        VIC_TRY(write_edge(out, config, i));
        first = false;
    }
    if (!first)
        fputc(']', out);
    return VIC_OK;
}
