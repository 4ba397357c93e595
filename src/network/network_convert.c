#include "network.h"

static vic_status convert_functions(const vic_edge *edge, vic_precision precision, vic_function *functions) {
    for (size_t f = 0; f < edge->n_functions; f++) {
        const vic_function *function = &edge->functions[f];
        const vic_function_kind *kind = vic_function_find(precision, function->kind->name);
        if (kind == NULL)
            return vic_fail(VIC_BAD_CONFIG, "there is no function %s in %s", function->kind->name,
                            vic_precision_name(precision));
        VIC_TRY(vic_function_place(&functions[f], kind, function->in, function->option));
    }
    return VIC_OK;
}

/* The edges below are there already. */
static vic_status convert_edge(vic_network *converted, const vic_edge *edge) {
    vic_function *functions;
    VIC_TRY(vic_allocate(edge->n_functions, sizeof *functions, &functions));
    vic_status status = convert_functions(edge, converted->precision, functions);
    if (status == VIC_OK)
        status = edge->to == converted->n_populations
                     ? vic_network_grow(converted, edge->from, edge->n_functions, functions)
                     : vic_network_connect(converted, edge->from, edge->to, edge->n_functions, functions);
    vic_release(&functions);
    return status;
}

static vic_status fill(vic_network *converted, const vic_network *network) {
    for (int e = 0; e < network->n_edges; e++)
        VIC_TRY(convert_edge(converted, &network->edges[e]));
    converted->reduction = network->reduction;
    converted->loss = network->loss ? vic_loss_find(converted->precision, network->loss->name) : NULL;
    if (network->loss && converted->loss == NULL)
        return vic_fail(VIC_BAD_CONFIG, "there is no loss %s in %s", network->loss->name,
                        vic_precision_name(converted->precision));
    return VIC_OK;
}

vic_status vic_network_convert(vic_network **converted, const vic_network *network, vic_precision precision) {
    VIC_TRY(vic_network_create(converted, precision, network->shapes[0]));
    vic_status status = fill(*converted, network);
    if (status != VIC_OK)
        vic_network_destroy(converted);
    return status;
}
