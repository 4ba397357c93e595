/* The network that speed is measured on, 784-1024x4-10, and a batch of 256 made-up samples. */
#ifndef VICINAL_TESTS_SPEED_WIDE_NETWORK_H
#define VICINAL_TESTS_SPEED_WIDE_NETWORK_H

#include "measure.h"

enum { BATCH = 256, LAYERS = 5 };

static const size_t widths[LAYERS + 1] = {784, 1024, 1024, 1024, 1024, 10};

static inline vic_function place(const char *name, vic_shape in, size_t out) {
    const size_t option[VIC_MAX_OPTIONS] = {out, 1};
    vic_function function;
    must(vic_function_place(&function, vic_function_find(VIC_FLOAT32, name), in, option));
    return function;
}

static inline vic_network *make_wide(void) {
    vic_network *network;
    must(vic_network_create(&network, VIC_FLOAT32, (vic_shape){1, {widths[0]}}));
    for (int l = 1; l <= LAYERS; l++) {
        vic_function layer[2];
        layer[0] = place("linear", network->shapes[l - 1], widths[l]);
        layer[1] = place("relu", layer[0].out, 0);
        must(vic_network_grow(network, l - 1, l < LAYERS ? 2 : 1, layer));
    }
    network->loss = vic_loss_find(VIC_FLOAT32, "cross-entropy");
    network->reduction = VIC_MEAN;
    return network;
}

static inline vic_inference_options options_of(const char *algorithm) {
    return (vic_inference_options){.algorithm = vic_algorithm_find(algorithm), .eta = 1, .steps = LAYERS};
}

/* Draws parameters and data, on whichever rank they are. */
static inline void fill(vic_inference *inference) {
    int64_t *classes = vic_inference_target(inference);
    void *input = vic_inference_input(inference);
    for (int id = 0; id <= LAYERS; id++)
        if (vic_inference_population(inference, id))
            vic_population_initialise(vic_inference_population(inference, id), 1);
    if (input)
        vic_arithmetic_of(VIC_FLOAT32)->fill_uniform(widths[0] * BATCH, 1, 1000, 1, input);
    for (size_t i = 0; classes && i < BATCH; i++)
        classes[i] = (int64_t)(i % 10);
}

#endif
