#include "network.h"

enum { UNREACHED = -1 };

static void take(int *height, int candidate, bool shorter) {
    if (*height == UNREACHED || (shorter ? candidate < *height : candidate > *height))
        *height = candidate;
}

/* Takes the height of the edge's upper end, if it has one, for its lower end. Returns whether that changed.
 */
static bool pass_down(const vic_edge *edge, int *height, bool shorter) {
    int before = height[edge->from];
    if (height[edge->to] != UNREACHED)
        take(&height[edge->from], height[edge->to] + 1, shorter);
    return height[edge->from] != before;
}

/* Edges go upward: a pass over them from the last one down is enough where they are in the order of their
 * upper ends, as those of a chain are; others take some more. */
static void climb(const vic_network *network, int *height, bool shorter) {
    int output = vic_network_output(network);
    bool changed = true;
    for (int p = 0; p < output; p++)
        height[p] = UNREACHED;
    height[output] = 0;
    while (changed) {
        changed = false;
        for (int e = network->n_edges; e-- > 0;)
            changed |= pass_down(&network->edges[e], height, shorter);
    }
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
        if (p > 0 && network->first_in[p] < 0)
            return vic_fail(VIC_BAD_CONFIG, "population %d has no edge from below: nothing predicts it", p);
    }
    return VIC_OK;
}
