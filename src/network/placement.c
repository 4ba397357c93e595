#include "network.h"

/* Fills blocks up to `limit` from population 0 on, but keeps one population for each later rank.
 * Returns whether `ranks` blocks were enough. */
static bool fill(int populations, const double *costs, int ranks, double limit, int *rank_of) {
    double load = 0;
    int rank = 0;
    for (int p = 0; p < populations; p++) {
        bool full = load > 0 && load + costs[p] > limit;
        bool spare = populations - p <= ranks - 1 - rank;
        if (p > 0 && (full || spare)) {
            rank++;
            load = 0;
        }
        if (rank >= ranks)
            return false;
        load += costs[p];
        rank_of[p] = rank;
    }
    return true;
}

void vic_place(int populations, const double *costs, int ranks, int *rank_of) {
    for (int p = 0; p < populations; p++)
        rank_of[p] = p; /* a rank each, where there are enough */
    if (ranks >= populations)
        return;
    double low = 0, high = 0;
    for (int p = 0; p < populations; p++)
        high += costs[p];
    enum { BISECTIONS = 60 };
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        if (fill(populations, costs, ranks, middle, rank_of))
            high = middle;
        else
            low = middle;
    }
    fill(populations, costs, ranks, high, rank_of);
}
