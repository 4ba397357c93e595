#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one population more, without edges. */
static vic_status make_population(vic_network *network) {
    size_t n = (size_t)network->n_populations;
    VIC_TRY(vic_grow(&network->shapes, n, sizeof *network->shapes));
    VIC_TRY(vic_grow(&network->first_out, n, sizeof *network->first_out));
    VIC_TRY(vic_grow(&network->first_in, n, sizeof *network->first_in));
    network->first_out[n] = network->first_in[n] = -1;
    return VIC_OK;
}

vic_status vic_network_create(vic_network **network, vic_precision precision, vic_shape input) {
    *network = NULL;
    if (input.rank < 1 || input.rank > VIC_MAX_RANK || vic_shape_count(input) == 0 ||
        vic_shape_count(input) > VIC_MOST_NUMBERS)
        return vic_fail(VIC_BAD_CONFIG, "network.input has no numbers, or more than %zu", VIC_MOST_NUMBERS);
    VIC_TRY(vic_allocate(1, sizeof **network, network));
    vic_network *n = *network;
    n->precision = precision;
    vic_status status = make_population(n);
    if (status != VIC_OK) {
        vic_network_destroy(network);
        return status;
    }
    n->shapes[0] = input;
    n->n_populations = 1;
    return VIC_OK;
}

void vic_network_destroy(vic_network **network) {
    vic_network *n = *network;
    if (n == NULL)
        return;
    for (int e = 0; e < n->n_edges; e++) {
        vic_release(&n->edges[e].functions);
        vic_release(&n->edges[e].computed);
    }
    vic_release(&n->edges);
    vic_release(&n->shapes);
    vic_release(&n->first_out);
    vic_release(&n->first_in);
    vic_release(network);
}

/* Places two functions that follow each other the other way round. */
static vic_status swap(vic_function *pair) {
    vic_function first, second;
    VIC_TRY(vic_function_place(&first, pair[1].kind, pair[0].in, pair[1].option));
    VIC_TRY(vic_function_place(&second, pair[0].kind, first.out, pair[0].option));
    pair[0] = first;
    pair[1] = second;
    return VIC_OK;
}

static vic_status order_computing(vic_edge *edge) {
    for (size_t end = edge->n_functions; end > 1; end--)
        for (size_t k = 0; k + 1 < end; k++)
            if (edge->computed[k].kind->is_monotone && edge->computed[k + 1].kind->selects_maximum)
                VIC_TRY(swap(&edge->computed[k]));
    return VIC_OK;
}

/* Puts edge number `last` behind the others of its two ends. */
static void link_edge(vic_network *network, int last) {
    vic_edge *edge = &network->edges[last];
    int *out = &network->first_out[edge->from], *in = &network->first_in[edge->to];
    edge->next_out = edge->next_in = -1;
    while (*out >= 0)
        out = &network->edges[*out].next_out;
    while (*in >= 0)
        in = &network->edges[*in].next_in;
    *out = *in = last;
}

static vic_status add_edge(vic_network *network, int from, int to, size_t n_functions,
                           const vic_function *functions) {
    VIC_TRY(vic_grow(&network->edges, (size_t)network->n_edges, sizeof *network->edges));
    vic_edge *edge = &network->edges[network->n_edges];
    *edge = (vic_edge){.from = from, .to = to, .n_functions = n_functions};
    VIC_TRY(vic_allocate(n_functions, sizeof *functions, &edge->functions));
    link_edge(network, network->n_edges++);
    VIC_TRY(vic_allocate(n_functions, sizeof *functions, &edge->computed));
    memcpy(edge->functions, functions, n_functions * sizeof *functions);
    memcpy(edge->computed, functions, n_functions * sizeof *functions);
    return order_computing(edge);
}

static vic_status no_functions(void) {
    return vic_fail(VIC_BAD_CONFIG, "a layer needs at least one function");
}

/* Does each function take what the one before gives, and the first `in`? */
static vic_status check_functions(vic_shape in, size_t n, const vic_function *functions) {
    char here[VIC_SHAPE_TEXT], expected[VIC_SHAPE_TEXT];
    if (n == 0)
        return no_functions();
    for (size_t k = 0; k < n; k++) {
        if (!vic_shape_equal(functions[k].in, in))
            return vic_fail(VIC_BAD_CONFIG, "function %zu of a layer, %s, takes %s and gets %s", k + 1,
                            functions[k].kind->name, vic_shape_text(functions[k].in, here),
                            vic_shape_text(in, expected));
        in = functions[k].out;
    }
    return VIC_OK;
}

vic_status vic_network_grow(vic_network *network, int from, size_t n_functions,
                            const vic_function *functions) {
    int to = network->n_populations;
    if (from < 0 || from >= to)
        return vic_fail(VIC_BAD_CONFIG, "a layer on population %d: there are %d", from, to);
    VIC_TRY(check_functions(network->shapes[from], n_functions, functions));
    VIC_TRY(make_population(network));
    VIC_TRY(add_edge(network, from, to, n_functions, functions));
    network->shapes[to] = functions[n_functions - 1].out;
    network->n_populations++;
    return VIC_OK;
}

vic_status vic_network_connect(vic_network *network, int from, int to, size_t n_functions,
                               const vic_function *functions) {
    if (from < 0 || from >= to || to >= network->n_populations)
        return vic_fail(VIC_BAD_CONFIG,
                        "an edge from population %d to %d: edges go upward, to a population below %d", from,
                        to, network->n_populations);
    char edge[VIC_SHAPE_TEXT], there[VIC_SHAPE_TEXT];
    VIC_TRY(n_functions ? check_functions(functions[0].in, n_functions, functions) : no_functions());
    vic_shape in = functions[0].in, out = functions[n_functions - 1].out;
    if (!vic_shape_equal(in, network->shapes[from]))
        return vic_fail(VIC_BAD_CONFIG, "the edge from population %d to %d takes %s, population %d is %s",
                        from, to, vic_shape_text(in, edge), from,
                        vic_shape_text(network->shapes[from], there));
    if (!vic_shape_equal(out, network->shapes[to]))
        return vic_fail(VIC_BAD_CONFIG, "the edge from population %d to %d predicts %s, population %d is %s",
                        from, to, vic_shape_text(out, edge), to, vic_shape_text(network->shapes[to], there));
    return add_edge(network, from, to, n_functions, functions);
}

int vic_network_output(const vic_network *network) {
    return network->n_populations - 1;
}

size_t vic_edge_parameters(const vic_edge *edge) {
    size_t n = 0;
    for (size_t f = 0; f < edge->n_functions; f++)
        n += edge->functions[f].n_parameters;
    return n;
}

vic_parameter_slot vic_parameter_slot_at(const vic_network *network, int edge, size_t index) {
    const vic_function *functions = network->edges[edge].functions;
    vic_parameter_slot slot = {.k = index};
    while (slot.k >= functions[slot.f].n_parameters)
        slot.k -= functions[slot.f++].n_parameters;
    slot.parameter = &functions[slot.f].parameter[slot.k];
    snprintf(slot.name, sizeof slot.name, "%d.%zu.%s", edge, slot.f, slot.parameter->name);
    return slot;
}

static size_t numbers_of(const vic_network *network, int edge) {
    size_t total = 0;
    for (size_t i = 0; i < vic_edge_parameters(&network->edges[edge]); i++)
        total = vic_size_sum(total, vic_parameter_slot_at(network, edge, i).parameter->count);
    return total;
}

size_t vic_network_parameters(const vic_network *network) {
    size_t total = 0;
    for (int e = 0; e < network->n_edges; e++)
        total = vic_size_sum(total, numbers_of(network, e));
    return total;
}

size_t vic_network_parameters_of(const vic_network *network, const bool *here) {
    size_t total = 0;
    for (int e = 0; e < network->n_edges; e++)
        if (here[network->edges[e].from])
            total = vic_size_sum(total, numbers_of(network, e));
    return total;
}
