#include "slow_backprop.h"
#include "numbers.h"
#include "slow_functions.h"

#include <check.h>
#include <string.h>

enum { DEEPEST = 16 };

static size_t count_of(const vic_network *network, int population) {
    return vic_shape_count(network->shapes[population]);
}

/* One sample's way through the functions of an edge: value[k] and error[k] are those of the input of function
 * k, of the prediction at last. */
typedef struct trail {
    const vic_edge *edge;
    double *const *theta;
    double *value[DEEPEST + 1], *error[DEEPEST + 1];
} trail;

static trail trail_along(const vic_edge *edge, double *const *theta) {
    trail t = {.edge = edge, .theta = theta};
    ck_assert_uint_le(edge->n_functions, DEEPEST);
    for (size_t k = 0; k <= edge->n_functions; k++) {
        vic_shape shape = k == 0 ? edge->functions[0].in : edge->functions[k - 1].out;
        t.value[k] = scrap(vic_shape_count(shape), sizeof(double));
        t.error[k] = scrap(vic_shape_count(shape), sizeof(double));
    }
    return t;
}

static void walk_up(const trail *t, const double *x) {
    double *const *theta = t->theta;
    memcpy(t->value[0], x, vic_shape_count(t->edge->functions[0].in) * sizeof *x);
    for (size_t k = 0; k < t->edge->n_functions; k++) {
        const vic_function *f = &t->edge->functions[k];
        slow_function_find(f->kind->name)->forward(f, theta, t->value[k], t->value[k + 1]);
        theta += f->n_parameters;
    }
}

/* Adds to the gradients. */
static void walk_down(const trail *t, const double *error, double *const *gradient) {
    size_t n = t->edge->n_functions, parameters = vic_edge_parameters(t->edge);
    memcpy(t->error[n], error, vic_shape_count(t->edge->functions[n - 1].out) * sizeof *error);
    for (size_t k = n; k-- > 0;) {
        const vic_function *f = &t->edge->functions[k];
        parameters -= f->n_parameters;
        slow_function_find(f->kind->name)
            ->back(f, t->theta + parameters, t->value[k], t->value[k + 1], t->error[k + 1], t->error[k],
                   gradient + parameters);
    }
}

double **slow_rows(const vic_network *network, size_t batch) {
    double **all = scrap((size_t)network->n_populations, sizeof *all);
    for (int p = 0; p < network->n_populations; p++)
        all[p] = scrap(count_of(network, p) * batch, sizeof **all);
    return all;
}

void slow_predict(const vic_network *network, int edge, net_parameters theta, size_t batch,
                  double *const *value, double *sum) {
    const vic_edge *e = &network->edges[edge];
    size_t from = count_of(network, e->from), to = count_of(network, e->to);
    trail t = trail_along(e, theta[edge]);
    for (size_t b = 0; b < batch; b++) {
        walk_up(&t, value[e->from] + b * from);
        for (size_t i = 0; i < to; i++)
            sum[b * to + i] += t.value[e->n_functions][i];
    }
}

void slow_return(const vic_network *network, int edge, net_parameters theta, size_t batch,
                 double *const *value, const double *error, double *feedback, net_parameters gradient) {
    const vic_edge *e = &network->edges[edge];
    size_t from = count_of(network, e->from), to = count_of(network, e->to);
    trail t = trail_along(e, theta[edge]);
    for (size_t b = 0; b < batch; b++) {
        walk_up(&t, value[e->from] + b * from);
        walk_down(&t, error + b * to, gradient[edge]);
        for (size_t i = 0; i < from; i++)
            feedback[b * from + i] += t.error[0][i];
    }
}

slow_result slow_backprop(const vic_network *network, net_parameters theta, const net_data *data) {
    size_t batch = data->batch;
    slow_result r = {.value = slow_rows(network, batch), .error = slow_rows(network, batch)};
    int output = vic_network_output(network);
    r.gradient = net_zeros(network);
    memcpy(r.value[0], data->input, count_of(network, 0) * batch * sizeof(double));
    for (int p = 0; p < network->n_populations; p++)
        for (int e = 0; e < network->n_edges; e++)
            if (network->edges[e].from == p)
                slow_predict(network, e, theta, batch, r.value, r.value[network->edges[e].to]);
    r.loss = slow_loss(network->loss->name, network->reduction, batch, count_of(network, output),
                       r.value[output], data->classes, data->values, r.error[output]);
    for (int p = output; p > 0; p--)
        for (int e = 0; e < network->n_edges; e++)
            if (network->edges[e].to == p)
                slow_return(network, e, theta, batch, r.value, r.error[p], r.error[network->edges[e].from],
                            r.gradient);
    return r;
}
