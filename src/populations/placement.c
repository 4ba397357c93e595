#include "vicinal/populations.h"

/* The operations of a population in one inference and its learning: its predictions, their transposed
 * Jacobians and their gradients cost about the same each. One more for each neuron keeps costs above 0. */
static double cost_of(const vic_network *network, int population) {
    double cost = (double)vic_shape_count(network->shapes[population]);
    for (int e = 0; e < network->n_edges; e++) {
        const vic_edge *edge = &network->edges[e];
        if (edge->from != population)
            continue;
        int passes = population == 0 ? 2 : 3; /* nothing is pulled back to the clamped input */
        for (size_t f = 0; f < edge->n_functions; f++)
            cost += passes * edge->functions[f].kind->operations(&edge->functions[f]);
    }
    return cost;
}

/* Fills blocks up to `limit` from population 0 on, but keeps one population for each later rank.
 * Returns whether `ranks` blocks were enough. */
static bool fill(const vic_network *network, int ranks, double limit, int *rank_of) {
    double load = 0;
    int rank = 0, populations = network->n_populations;
    for (int p = 0; p < populations; p++) {
        double cost = cost_of(network, p);
        bool full = load > 0 && load + cost > limit;
        bool spare = populations - p <= ranks - 1 - rank;
        if (p > 0 && (full || spare)) {
            rank++;
            load = 0;
        }
        if (rank >= ranks)
            return false;
        load += cost;
        rank_of[p] = rank;
    }
    return true;
}

void vic_place(const vic_network *network, int ranks, int *rank_of) {
    for (int p = 0; p < network->n_populations; p++)
        rank_of[p] = p; /* a rank each, where there are enough */
    if (ranks >= network->n_populations)
        return;
    double low = 0, high = 0;
    for (int p = 0; p < network->n_populations; p++)
        high += cost_of(network, p);
    enum { BISECTIONS = 60 };
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        if (fill(network, ranks, middle, rank_of))
            high = middle;
        else
            low = middle;
    }
    fill(network, ranks, high, rank_of);
}
