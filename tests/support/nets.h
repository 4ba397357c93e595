/* Small networks for tests, in words, with parameters and data that are functions of a seed: every rank
 * knows all of them. What is returned is scrap memory, but for networks and inferences. */
#ifndef VICINAL_TESTS_SUPPORT_NETS_H
#define VICINAL_TESTS_SUPPORT_NETS_H

#include "inference/infer.h"

/* Functions in words, "linear 5, tanh": options follow the name in their order, 0 to 9 functions. Returns
 * how many were placed on `in`; fails the test where one does not fit. */
size_t net_layer(vic_precision precision, vic_shape in, const char *words, vic_function functions[10]);

/* A chain, layers separated by "|": "linear 5, tanh | linear 3". Free with vic_network_destroy. */
vic_network *net_chain(vic_precision precision, vic_shape input, const char *words, const char *loss,
                       vic_reduction reduction);

/* Per edge and parameter, row-major as in files. */
typedef double ***net_parameters;

net_parameters net_zeros(const vic_network *network);
/* As PyTorch draws them, and exact in float32. */
net_parameters net_draw(const vic_network *network, uint64_t seed);
/* Gives the local populations their parameters. */
void net_give(vic_inference *x, net_parameters theta);

/* One batch as files hold it, exact in float32. */
typedef struct net_data {
    size_t batch;
    double *input, *values; /* (batch, features), (batch, outputs) */
    int64_t *classes;
    double **initial; /* per population: (batch, features) */
} net_data;

net_data net_data_of(const vic_network *network, size_t batch, uint64_t seed);
/* Puts the data where the local populations read them; initial beliefs where the options ask for them. */
void net_feed(vic_inference *x, const net_data *data);

/* Options in words: "exact", "fixed-prediction", "strict"; error coordinates, event-driven, recorded. */
vic_inference_options net_options(const char *algorithm, double eta, int steps);

/* (features, batch) in the precision of the network, as (batch, features) in float64. */
double *net_rows(const vic_network *network, int population, size_t batch, const void *columns);

#endif
