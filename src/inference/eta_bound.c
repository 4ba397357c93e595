/* Up to which eta explicit Euler steps of the beliefs converge. With A = 1 - J, from the beliefs that move to
 * the errors of all populations above the input, the free energy has the Hessian A^T D A to first order,
 * where D is 1 (the error weight) in hidden populations, and the curvature of the loss, at most 1, in the
 * output. J has blocks below the diagonal alone, in a chain one in each row and column, so that |A| <= 1 +
 * max_l |J_l| in spectral norms, and eta < 2 / (1 + max_l |J_l|)^2 is enough. Each population finds |J_l| by
 * itself.
 *
 * Where D is larger than 1, its square root multiplies the rows of A. Where n edges arrive in a population,
 * sqrt(n) times each of them bounds their sum. The input does not move, and its projections do not count. */
#include "inference.h"

#include <math.h>
#include <string.h>

/* With multipliers each step adds eta (rho + alpha) A^T A v to what they hold already: eta (rho + alpha / 2)
 * |A|^2 < 2 keeps both bounded. */
static double weight_of_hidden(const vic_inference_options *options, int population) {
    const vic_error_weight *all = options->error_weights;
    if (options->algorithm->traits.has_dual)
        return options->penalty + options->dual_rate / 2;
    double largest = all == NULL || all[population].count == 0 ? 1 : 0;
    for (size_t i = 0; all && i < all[population].count; i++)
        largest = fmax(largest, all[population].values[i]);
    return largest;
}

/* The largest element of D in a population. */
static double weight_of(const vic_inference *x, int population) {
    const vic_network *network = x->network;
    if (population != vic_network_output(network))
        return weight_of_hidden(&x->options, population);
    return fmax(1, network->loss->curvature(vic_shape_count(network->shapes[population]), x->batch,
                                            network->reduction));
}

static int moving_arrivals(const vic_network *network, int population) {
    int n = 0;
    for (int e = network->first_in[population]; e >= 0; e = network->edges[e].next_in)
        n += network->edges[e].from != 0;
    return n;
}

/* *largest becomes at least |J_l| of a population; infinity where that cannot be had. */
static void add_norm(const vic_inference *x, const vic_population *p, const void *at, double *largest) {
    double *weights = NULL, norm = INFINITY;
    vic_status status = vic_allocate((size_t)p->n_out, sizeof *weights, &weights);
    for (int k = 0; status == VIC_OK && k < p->n_out; k++) {
        int to = p->out[k].edge->to;
        weights[k] = sqrt(weight_of(x, to) * moving_arrivals(x->network, to));
    }
    if (status == VIC_OK)
        status = vic_population_spectral_norm(p, x->batch, at, weights, &norm);
    *largest = status == VIC_OK ? fmax(*largest, norm) : INFINITY;
    vic_release(&weights);
}

/* Of the beliefs at hand, where they are finite. */
static void add_norm_at_beliefs(const vic_inference *x, const vic_population *p, double *largest) {
    size_t numbers = p->count * x->batch;
    void *sum = NULL;
    const void *belief = p->belief;
    if (x->options.coordinates == VIC_COORDINATES_ERROR) {
        if (vic_allocate(numbers, vic_precision_bytes(x->network->precision), &sum) != VIC_OK)
            return;
        x->arithmetic->add(numbers, p->vhat, p->displacement, sum);
        belief = sum;
    }
    if (vic_is_finite(x, p, belief))
        add_norm(x, p, belief, largest);
    vic_release(&sum);
}

/* Over the local populations whose beliefs move. */
static double largest_norm(const vic_inference *x, bool at_beliefs) {
    double largest = 0;
    for (int i = 0; i < x->n_local_populations; i++) {
        const vic_population *p = x->local_populations[i].population;
        if (!vic_is_hidden(p))
            continue;
        if (at_beliefs)
            add_norm_at_beliefs(x, p, &largest);
        else
            add_norm(x, p, p->vhat, &largest);
    }
    return largest;
}

/* Numbers that are not negative are in the order of their bits. */
static vic_status allreduce_largest(vic_group *group, double mine, double *all) {
    int64_t bits, most;
    memcpy(&bits, &mine, sizeof bits);
    VIC_TRY(vic_group_allreduce_max(group, 1, &bits, &most));
    memcpy(all, &most, sizeof most);
    return VIC_OK;
}

static double largest_weight(const vic_inference *x) {
    double largest = 0;
    for (int id = 1; id < vic_network_output(x->network); id++)
        largest = fmax(largest, weight_of(x, id));
    return largest;
}

vic_status vic_find_eta_bound(vic_inference *x, double *bound) {
    vic_fault fault = x->fault;
    double mine = largest_norm(x, true), all;
    VIC_TRY(vic_inference_sweep(x, x->batch));
    x->fault = fault;
    mine = fmax(mine, largest_norm(x, false));
    VIC_TRY(allreduce_largest(x->group, mine, &all));
    double root = sqrt(largest_weight(x)) + all;
    *bound = 2 / (root * root);
    return VIC_OK;
}
