#include "slow_inference.h"
#include "numbers.h"
#include "slow_functions.h"

#include <string.h>

static size_t numbers_of(const vic_network *network, int population, size_t batch) {
    return vic_shape_count(network->shapes[population]) * batch;
}

static double **copy_rows(const vic_network *network, size_t batch, double *const *from) {
    double **copy = slow_rows(network, batch);
    for (int p = 0; p < network->n_populations; p++)
        memcpy(copy[p], from[p], numbers_of(network, p, batch) * sizeof **copy);
    return copy;
}

/* mu_p = the sum of f(v) along the edges that arrive. */
static double **predict_all(const vic_network *network, net_parameters theta, size_t batch,
                            double *const *value) {
    double **mu = slow_rows(network, batch);
    for (int e = 0; e < network->n_edges; e++)
        slow_predict(network, e, theta, batch, value, mu[network->edges[e].to]);
    return mu;
}

/* The sum of J^T eps along the edges that leave; *gradient becomes that of these errors. */
static double **return_all(const vic_network *network, net_parameters theta, size_t batch,
                           double *const *value, double *const *error, net_parameters *gradient) {
    double **feedback = slow_rows(network, batch);
    *gradient = net_zeros(network);
    for (int e = 0; e < network->n_edges; e++)
        slow_return(network, e, theta, batch, value, error[network->edges[e].to],
                    feedback[network->edges[e].from], *gradient);
    return feedback;
}

/* eps = mu - v, but at the output, where it stays; v += eta (eps - feedback) for hidden populations. */
static void form_errors(const vic_network *network, size_t batch, double *const *mu, slow_result *r) {
    for (int p = 1; p < vic_network_output(network); p++)
        for (size_t i = 0; i < numbers_of(network, p, batch); i++)
            r->error[p][i] = mu[p][i] - r->value[p][i];
}

static void move_beliefs(const vic_network *network, size_t batch, double eta, double *const *feedback,
                         slow_result *r) {
    for (int p = 1; p < vic_network_output(network); p++)
        for (size_t i = 0; i < numbers_of(network, p, batch); i++)
            r->value[p][i] += eta * (r->error[p][i] - feedback[p][i]);
}

slow_result slow_fixed_prediction(const vic_network *network, net_parameters theta, const net_data *data,
                                  double eta, int steps) {
    slow_result r = slow_backprop(network, theta, data);
    double **vhat = r.value;
    r.value = copy_rows(network, data->batch, vhat);
    for (int i = 1; i <= steps; i++) {
        form_errors(network, data->batch, vhat, &r);
        double **feedback = return_all(network, theta, data->batch, vhat, r.error, &r.gradient);
        move_beliefs(network, data->batch, eta, feedback, &r);
    }
    return r;
}

static void form_output_error(const vic_network *network, const net_data *data, const double *prediction,
                              double *error) {
    int output = vic_network_output(network);
    slow_loss(network->loss->name, network->reduction, data->batch, vic_shape_count(network->shapes[output]),
              prediction, data->classes, data->values, error);
}

slow_result slow_strict(const vic_network *network, net_parameters theta, const net_data *data, double eta,
                        int steps, bool initial) {
    slow_result r = slow_backprop(network, theta, data);
    int output = vic_network_output(network);
    for (int p = 1; initial && p < output; p++)
        memcpy(r.value[p], data->initial[p], numbers_of(network, p, data->batch) * sizeof(double));
    for (int i = 1; i <= steps; i++) {
        double **mu = predict_all(network, theta, data->batch, r.value);
        form_errors(network, data->batch, mu, &r);
        form_output_error(network, data, mu[output], r.error[output]);
        double **feedback = return_all(network, theta, data->batch, r.value, r.error, &r.gradient);
        move_beliefs(network, data->batch, eta, feedback, &r);
    }
    return_all(network, theta, data->batch, r.value, r.error, &r.gradient);
    return r;
}

/* to += scale * from */
static void add_parameters(const vic_network *network, double scale, net_parameters from, net_parameters to) {
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++)
            for (size_t k = 0; k < vic_parameter_slot_at(network, e, i).parameter->count; k++)
                to[e][i][k] += scale * from[e][i][k];
}

slow_result slow_incremental(const vic_network *network, net_parameters theta, const net_data *data,
                             double eta, int steps, double rate) {
    slow_result r = slow_backprop(network, theta, data);
    net_parameters now = net_zeros(network), sum = net_zeros(network);
    int output = vic_network_output(network);
    add_parameters(network, 1, theta, now);
    for (int i = 1; i <= steps; i++) {
        double **mu = predict_all(network, now, data->batch, r.value);
        form_errors(network, data->batch, mu, &r);
        form_output_error(network, data, mu[output], r.error[output]);
        double **feedback = return_all(network, now, data->batch, r.value, r.error, &r.gradient);
        move_beliefs(network, data->batch, eta, feedback, &r);
        add_parameters(network, -rate, r.gradient, now);
        add_parameters(network, 1, r.gradient, sum);
    }
    r.gradient = sum;
    return r;
}
