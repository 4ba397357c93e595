#include "updates.h"
#include "verify.h"

#include <string.h>

vic_projection *vic_projection_of(vic_inference *x, int edge) {
    vic_population *p = vic_inference_population(x, vic_inference_network(x)->edges[edge].from);
    for (int k = 0; p && k < p->n_out; k++)
        if (p->out[k].edge_index == edge)
            return &p->out[k];
    return NULL;
}

static size_t count_of(const vic_projection *p, size_t i) {
    return vic_parameter_slot_at(p->network, p->edge_index, i).parameter->count;
}

static vic_status allocate_projection(vic_updates *updates, const vic_projection *p) {
    size_t bytes = vic_precision_bytes(updates->precision);
    void ***arrays = &updates->of[p->edge_index];
    /* A closing NULL, so that the arrays can be released without the projection. */
    VIC_TRY(vic_allocate(p->n_parameters + 1, sizeof **arrays, arrays));
    for (size_t i = 0; i < p->n_parameters; i++)
        VIC_TRY(vic_allocate(count_of(p, i), bytes, &(*arrays)[i]));
    return VIC_OK;
}

static vic_status allocate_all(vic_updates *updates, vic_inference *x) {
    VIC_TRY(vic_allocate((size_t)updates->n_edges, sizeof *updates->of, &updates->of));
    for (int e = 0; e < updates->n_edges; e++) {
        const vic_projection *p = vic_projection_of(x, e);
        if (p)
            VIC_TRY(allocate_projection(updates, p));
    }
    return VIC_OK;
}

vic_status vic_updates_create(vic_updates **updates, vic_inference *x, vic_precision precision) {
    VIC_TRY(vic_allocate(1, sizeof **updates, updates));
    **updates = (vic_updates){.precision = precision, .n_edges = vic_inference_network(x)->n_edges};
    vic_status status = allocate_all(*updates, x);
    if (status != VIC_OK)
        vic_updates_destroy(updates);
    return status;
}

size_t vic_verify_forecast(const vic_network *network, const bool *here, vic_precision precision) {
    return vic_size_product(vic_network_parameters_of(network, here), vic_precision_bytes(precision));
}

void vic_updates_destroy(vic_updates **updates) {
    vic_updates *u = *updates;
    if (u == NULL)
        return;
    for (int e = 0; u->of && e < u->n_edges; e++) {
        for (void **array = u->of[e]; array && *array; array++)
            vic_release(array);
        vic_release(&u->of[e]);
    }
    vic_release(&u->of);
    vic_release(updates);
}

void vic_updates_take(vic_updates *updates, vic_inference *x) {
    for (int e = 0; e < updates->n_edges; e++) {
        const vic_projection *p = vic_projection_of(x, e);
        for (size_t i = 0; p && i < p->n_parameters; i++)
            vic_convert(count_of(p, i), p->network->precision, p->gradient[i], updates->precision,
                        updates->of[e][i]);
    }
}
