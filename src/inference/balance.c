/* What each population does in an inference and in learning from it, which placement balances. */
#include "inference.h"

static double operations_of(const vic_edge *edge) {
    double operations = 0;
    for (size_t f = 0; f < edge->n_functions; f++)
        operations += edge->functions[f].kind->operations(&edge->functions[f]);
    return operations;
}

/* How often the population that an edge leaves multiplies by its synapses: in the sweep, for each prediction
 * that it sends, for each error that it takes back, and for the gradient, which cost about the same each. The
 * clamped input takes no error back. */
static int passes_of(const vic_schedule *s, int edge) {
    const vic_algorithm *algorithm = s->options.algorithm;
    int errors = vic_schedule_count(s, edge, VIC_ERROR);
    int passes =
        1 + vic_schedule_count(s, edge, VIC_PREDICTION) + (algorithm->traits.learns_in_steps ? errors : 1);
    if (s->network->edges[edge].from == 0)
        return passes;
    return passes + errors + (algorithm->finish ? 1 : 0);
}

/* One operation for each neuron keeps costs above 0. */
static void add_costs(const vic_schedule *s, double *costs) {
    const vic_network *network = s->network;
    for (int p = 0; p < network->n_populations; p++)
        costs[p] = (double)vic_shape_count(network->shapes[p]);
    for (int e = 0; e < network->n_edges; e++)
        costs[network->edges[e].from] += passes_of(s, e) * operations_of(&network->edges[e]);
}

vic_status vic_inference_place(const vic_network *network, vic_inference_options options, int ranks,
                               int *rank_of) {
    vic_schedule *schedule = NULL;
    double *costs = NULL;
    vic_status status = vic_schedule_create(&schedule, network, options);
    if (status == VIC_OK)
        status = vic_allocate((size_t)network->n_populations, sizeof *costs, &costs);
    if (status == VIC_OK && ranks < network->n_populations)
        add_costs(schedule, costs);
    if (status == VIC_OK)
        vic_place(network->n_populations, costs, ranks, rank_of);
    vic_release(&costs);
    vic_schedule_destroy(&schedule);
    return status;
}
