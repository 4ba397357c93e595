#include "graph.h"

#include <check.h>

static vic_function placed(vic_precision precision, const char *name, vic_shape in, size_t out) {
    const size_t option[VIC_MAX_OPTIONS] = {out, 1};
    vic_function function;
    ck_assert_int_eq(vic_function_place(&function, vic_function_find(precision, name), in, option), VIC_OK);
    return function;
}

static vic_network *create(vic_precision precision, size_t inputs) {
    vic_network *network;
    ck_assert_int_eq(vic_network_create(&network, precision, (vic_shape){1, {inputs}}), VIC_OK);
    network->loss = vic_loss_find(precision, "squared-error");
    network->reduction = VIC_MEAN;
    return network;
}

/* linear and tanh, from `from` to `width` neurons. */
static void layer_of(const vic_network *network, int from, size_t width, vic_function layer[2]) {
    layer[0] = placed(network->precision, "linear", network->shapes[from], width);
    layer[1] = placed(network->precision, "tanh", layer[0].out, 0);
}

static void grow(vic_network *network, int from, size_t width, size_t n_functions) {
    vic_function layer[2];
    layer_of(network, from, width, layer);
    ck_assert_int_eq(vic_network_grow(network, from, n_functions, layer), VIC_OK);
}

static void join(vic_network *network, int from, int to) {
    vic_function layer[2];
    layer_of(network, from, vic_shape_count(network->shapes[to]), layer);
    ck_assert_int_eq(vic_network_connect(network, from, to, 2, layer), VIC_OK);
}

vic_network *graph_chain(vic_precision precision, int layers, const size_t *widths) {
    vic_network *network = create(precision, widths[0]);
    for (int l = 1; l <= layers; l++)
        grow(network, l - 1, widths[l], l < layers ? 2 : 1);
    return network;
}

vic_network *graph_any_chain(vic_precision precision, int layers) {
    enum { MOST = 64 };
    size_t widths[MOST + 1] = {0};
    ck_assert_int_le(layers, MOST);
    for (int l = 0; l <= layers; l++)
        widths[l] = 3 + (size_t)(5 * l % 4);
    return graph_chain(precision, layers, widths);
}

vic_network *graph_dag(vic_precision precision) {
    vic_network *network = create(precision, 4);
    grow(network, 0, 5, 2);
    grow(network, 1, 3, 2);
    grow(network, 1, 6, 2);
    join(network, 0, 3);
    grow(network, 3, 4, 2);
    join(network, 2, 4);
    join(network, 1, 4);
    return network;
}

vic_network *graph_bypass(vic_precision precision) {
    vic_network *network = graph_any_chain(precision, 5);
    join(network, 1, 5);
    return network;
}

static void draw(const vic_network *network, int population, size_t batch, uint64_t seed, void *values) {
    size_t n = vic_shape_count(network->shapes[population]) * batch;
    if (values)
        vic_arithmetic_of(network->precision)->fill_uniform(n, seed, 1000 + (uint64_t)population, 1, values);
}

void graph_feed(vic_inference *inference, size_t batch, uint64_t seed) {
    const vic_network *network = vic_inference_network(inference);
    int output = vic_network_output(network);
    for (int id = 0; id <= output; id++)
        if (vic_inference_population(inference, id))
            vic_population_initialise(vic_inference_population(inference, id), seed);
    draw(network, 0, batch, seed, vic_inference_input(inference));
    draw(network, output, batch, seed + 1, vic_inference_target(inference));
    for (int id = 1; id < output; id++)
        draw(network, id, batch, seed + 2, vic_inference_initial(inference, id));
}
