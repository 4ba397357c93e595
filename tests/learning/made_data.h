/* A made-up data set: a function of the sample number, the same on every rank. */
#ifndef VICINAL_TESTS_LEARNING_MADE_DATA_H
#define VICINAL_TESTS_LEARNING_MADE_DATA_H

#include "learning/learning.h"
#include "support/nets.h"

typedef struct made_data {
    const vic_network *network;
    vic_source source;
} made_data;

/* `count` samples for this network; `data` must stay where it is. */
void made_data_open(made_data *data, const vic_network *network, size_t count);

/* Samples order[0..n-1] as one batch, with one-hot values; scrap memory. */
net_data made_data_batch(const made_data *data, const size_t *order, size_t n);

#endif
