#include "nets.h"
#include "numbers.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- networks in words ---- */

static void place(vic_precision precision, vic_shape in, char *words, vic_function *f) {
    char *rest, *name = strtok_r(words, " ", &rest), *number;
    const vic_function_kind *kind = vic_function_find(precision, name);
    size_t option[VIC_MAX_OPTIONS];
    ck_assert_msg(kind != NULL, "there is no function \"%s\"", name);
    for (size_t i = 0; i < kind->n_options; i++) {
        number = strtok_r(NULL, " ", &rest);
        option[i] = number ? strtoul(number, NULL, 10) : kind->options[i].fallback;
    }
    ck_assert_msg(vic_function_place(f, kind, in, option) == VIC_OK, "%s", vic_error_text());
}

size_t net_layer(vic_precision precision, vic_shape in, const char *words, vic_function functions[10]) {
    char copy[256], *rest;
    size_t n = 0;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        place(precision, in, one, &functions[n]);
        in = functions[n++].out;
    }
    return n;
}

vic_network *net_chain(vic_precision precision, vic_shape input, const char *words, const char *loss,
                       vic_reduction reduction) {
    vic_network *network;
    vic_function functions[10];
    size_t length = strlen(words) + 1;
    char *copy = memcpy(scrap(length, 1), words, length), *rest;
    ck_assert_int_eq(vic_network_create(&network, precision, input), VIC_OK);
    for (char *one = strtok_r(copy, "|", &rest); one; one = strtok_r(NULL, "|", &rest)) {
        int top = vic_network_output(network);
        size_t n = net_layer(precision, network->shapes[top], one, functions);
        ck_assert_int_eq(vic_network_grow(network, top, n, functions), VIC_OK);
    }
    network->loss = vic_loss_find(precision, loss);
    network->reduction = reduction;
    return network;
}

/* ---- parameters ---- */

net_parameters net_zeros(const vic_network *network) {
    net_parameters theta = scrap((size_t)network->n_edges, sizeof *theta);
    for (int e = 0; e < network->n_edges; e++) {
        size_t n = vic_edge_parameters(&network->edges[e]);
        theta[e] = scrap(n, sizeof **theta);
        for (size_t i = 0; i < n; i++)
            theta[e][i] = scrap(vic_parameter_slot_at(network, e, i).parameter->count, sizeof ***theta);
    }
    return theta;
}

net_parameters net_draw(const vic_network *network, uint64_t seed) {
    net_parameters theta = net_zeros(network);
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++) {
            const vic_parameter *p = vic_parameter_slot_at(network, e, i).parameter;
            for (size_t k = 0; k < p->count; k++)
                theta[e][i][k] =
                    (float)(number_at(seed * 1000 + (uint64_t)e * 10 + i, k) / sqrt((double)p->fan_in));
        }
    return theta;
}

void net_give(vic_inference *x, net_parameters theta) {
    const vic_network *network = vic_inference_network(x);
    for (int id = 0; id < network->n_populations; id++) {
        vic_population *p = vic_inference_population(x, id);
        for (int k = 0; p && k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                int edge = p->out[k].edge_index;
                vic_arithmetic_of(network->precision)
                    ->from_float64(vic_parameter_slot_at(network, edge, i).parameter->count, theta[edge][i],
                                   p->out[k].theta[i]);
            }
    }
}

/* ---- data ---- */

static double *draw_rows(const vic_network *network, int population, size_t batch, uint64_t seed) {
    size_t n = vic_shape_count(network->shapes[population]) * batch;
    double *x = scrap(n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)number_at(seed, i);
    return x;
}

net_data net_data_of(const vic_network *network, size_t batch, uint64_t seed) {
    int output = vic_network_output(network);
    size_t outputs = vic_shape_count(network->shapes[output]);
    net_data d = {.batch = batch};
    d.input = draw_rows(network, 0, batch, seed * 1000 + 500);
    d.values = draw_rows(network, output, batch, seed * 1000 + 501);
    d.classes = scrap(batch, sizeof *d.classes);
    for (size_t b = 0; b < batch; b++)
        d.classes[b] = (int64_t)(bits_at(seed * 1000 + 502, b) % outputs);
    d.initial = scrap((size_t)network->n_populations, sizeof *d.initial);
    for (int p = 0; p < network->n_populations; p++)
        d.initial[p] = draw_rows(network, p, batch, seed * 1000 + 503 + (uint64_t)p);
    return d;
}

static void feed(const vic_network *network, int population, size_t batch, const double *rows,
                 void *columns) {
    size_t features = vic_shape_count(network->shapes[population]);
    void *reals = reals_of(network->precision, features * batch, rows);
    vic_arithmetic_of(network->precision)->samples_inward(features, batch, reals, batch, columns);
}

void net_feed(vic_inference *x, const net_data *data) {
    const vic_network *network = vic_inference_network(x);
    int output = vic_network_output(network);
    bool classes = network->loss->target_type == VIC_TARGET_CLASSES;
    if (vic_inference_input(x))
        feed(network, 0, data->batch, data->input, vic_inference_input(x));
    if (vic_inference_target(x) && classes)
        memcpy(vic_inference_target(x), data->classes, data->batch * sizeof *data->classes);
    else if (vic_inference_target(x))
        feed(network, output, data->batch, data->values, vic_inference_target(x));
    for (int p = 1; p < output; p++)
        if (vic_inference_initial(x, p))
            feed(network, p, data->batch, data->initial[p], vic_inference_initial(x, p));
}

vic_inference_options net_options(const char *algorithm, double eta, int steps) {
    const vic_algorithm *found = vic_algorithm_find(algorithm);
    ck_assert_msg(found != NULL, "there is no algorithm \"%s\"", algorithm);
    return (vic_inference_options){.algorithm = found,
                                   .eta = eta,
                                   .steps = steps,
                                   .penalty = 1.5,
                                   .dual_rate = 0.5,
                                   .learning = {.moves_on = true, .n_moments = 2},
                                   .record = true};
}

double *net_rows(const vic_network *network, int population, size_t batch, const void *columns) {
    size_t features = vic_shape_count(network->shapes[population]), n = features * batch;
    void *rows = scrap(n, vic_precision_bytes(network->precision));
    vic_arithmetic_of(network->precision)->samples_outward(features, batch, columns, rows);
    return doubles_of(network->precision, n, rows);
}
