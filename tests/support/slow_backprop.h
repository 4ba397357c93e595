/* A second backpropagation, slow and plain, over the same graph: float64, (batch, features), one sample and
 * one number at a time. It shares no code with the library's. */
#ifndef VICINAL_TESTS_SUPPORT_SLOW_BACKPROP_H
#define VICINAL_TESTS_SUPPORT_SLOW_BACKPROP_H

#include "nets.h"

typedef struct slow_result {
    double loss;
    double **value;     /* per population: (batch, features) */
    double **error;     /* per population: dLoss/dvalue; of the input too */
    double ***gradient; /* per edge and parameter */
} slow_result;

/* The result is scrap memory. */
slow_result slow_backprop(const vic_network *network, net_parameters theta, const net_data *data);

#endif
