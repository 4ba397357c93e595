#include "vicinal/populations.h"

enum { UNREACHED = -1 };

static void take(int *height, int candidate, bool shorter) {
    if (*height == UNREACHED || (shorter ? candidate < *height : candidate > *height))
        *height = candidate;
}

/* Edges go upward, so that one pass from the output down meets every population after those above it. */
static void climb(const vic_network *network, int *height, bool shorter) {
    int output = vic_network_output(network);
    for (int p = 0; p < output; p++)
        height[p] = UNREACHED;
    height[output] = 0;
    for (int to = output; to > 0; to--)
        for (int e = 0; e < network->n_edges; e++)
            if (network->edges[e].to == to && height[to] != UNREACHED)
                take(&height[network->edges[e].from], height[to] + 1, shorter);
}

static bool is_heard_from_below(const vic_network *network, int population) {
    for (int e = 0; e < network->n_edges; e++)
        if (network->edges[e].to == population)
            return true;
    return false;
}

vic_status vic_network_heights(const vic_network *network, int *shortest, int *longest) {
    int *any = shortest ? shortest : longest;
    if (shortest)
        climb(network, shortest, true);
    if (longest)
        climb(network, longest, false);
    for (int p = 0; p < network->n_populations; p++) {
        if (any && any[p] == UNREACHED)
            return vic_fail(VIC_BAD_CONFIG,
                            "population %d does not lead to the output: give it an edge upward", p);
        if (p > 0 && !is_heard_from_below(network, p))
            return vic_fail(VIC_BAD_CONFIG, "population %d has no edge from below: nothing predicts it", p);
    }
    return VIC_OK;
}
