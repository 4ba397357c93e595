#include "network.h"

/* Adds what an edge costs the population that it leaves: its prediction, the transposed Jacobian and the
 * gradient cost about the same each. */
static void add_edge(const vic_edge *edge, double *cost) {
    int passes = edge->from == 0 ? 2 : 3; /* no error is taken back to the clamped input */
    for (size_t f = 0; f < edge->n_functions; f++)
        *cost += passes * edge->functions[f].kind->operations(&edge->functions[f]);
}

/* The operations of a population in one inference and its learning. One more for each neuron keeps costs
 * above 0. */
static double cost_of(const vic_network *network, int population) {
    double cost = (double)vic_shape_count(network->shapes[population]);
    for (int e = 0; e < network->n_edges; e++)
        if (network->edges[e].from == population)
            add_edge(&network->edges[e], &cost);
    return cost;
}

/* cost_of every population, in one pass over the edges; NULL where there is no memory for that. */
static double *all_costs(const vic_network *network) {
    double *costs;
    if (vic_allocate((size_t)network->n_populations, sizeof *costs, &costs) != VIC_OK)
        return NULL;
    for (int p = 0; p < network->n_populations; p++)
        costs[p] = (double)vic_shape_count(network->shapes[p]);
    for (int e = 0; e < network->n_edges; e++)
        add_edge(&network->edges[e], &costs[network->edges[e].from]);
    return costs;
}

static double cost_at(const vic_network *network, const double *costs, int population) {
    return costs ? costs[population] : cost_of(network, population);
}

/* Fills blocks up to `limit` from population 0 on, but keeps one population for each later rank.
 * Returns whether `ranks` blocks were enough. */
static bool fill(const vic_network *network, const double *costs, int ranks, double limit, int *rank_of) {
    double load = 0;
    int rank = 0, populations = network->n_populations;
    for (int p = 0; p < populations; p++) {
        double cost = cost_at(network, costs, p);
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
    double low = 0, high = 0, *costs = all_costs(network);
    for (int p = 0; p < network->n_populations; p++)
        high += cost_at(network, costs, p);
    enum { BISECTIONS = 60 };
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        if (fill(network, costs, ranks, middle, rank_of))
            high = middle;
        else
            low = middle;
    }
    fill(network, costs, ranks, high, rank_of);
    vic_release(&costs);
}
