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

/* sum += the predictions along an edge. value: per population, (batch, features). */
void slow_predict(const vic_network *network, int edge, net_parameters theta, size_t batch,
                  double *const *value, double *sum);

/* feedback += J^T error along an edge, J at value; gradient += error . df/dtheta. */
void slow_return(const vic_network *network, int edge, net_parameters theta, size_t batch,
                 double *const *value, const double *error, double *feedback, net_parameters gradient);

/* Zeros per population, (batch, features); scrap memory. */
double **slow_rows(const vic_network *network, size_t batch);

/* The result is scrap memory. */
slow_result slow_backprop(const vic_network *network, net_parameters theta, const net_data *data);

#endif
