#include "checkpoint_state.h"

#include <stdio.h>

enum { NAME = 96 };

typedef struct visiting {
    vic_trainer *trainer;
    vic_inference *inference;
    const vic_network *network;
    bool everywhere; /* populations of other ranks, too */
    vic_state_visit *visit;
    void *context;
} visiting;

static vic_status visit_sums(const visiting *v, int population) {
    size_t length = vic_trainer_sums_length(v->trainer);
    char name[NAME];
    snprintf(name, sizeof name, "sums.%d", population);
    return v->visit(v->context, &(vic_state_tensor){
                                    .population = population,
                                    .name = name,
                                    .dtype = "F64",
                                    .precision = VIC_FLOAT64,
                                    .rank = 1,
                                    .dim = &length,
                                    .count = length,
                                    .bytes = length * sizeof(double),
                                    .values = vic_trainer_sums(v->trainer, population),
                                });
}

/* The i-th parameter of an edge and its moments; `out` is the edge's projection, the k-th of its population,
 * or NULL where that is on another rank. */
static vic_status visit_parameter(const visiting *v, int edge, size_t i, const vic_projection *out, int k) {
    const vic_optimizer_kind *optimizer = vic_trainer_options(v->trainer)->optimizer;
    vic_parameter_slot slot = vic_parameter_slot_at(v->network, edge, i);
    const vic_parameter *p = slot.parameter;
    char name[NAME];
    vic_state_tensor tensor = {
        .population = v->network->edges[edge].from,
        .name = slot.name,
        .dtype = v->network->precision == VIC_FLOAT32 ? "F32" : "F64",
        .precision = v->network->precision,
        .rank = p->rank,
        .dim = p->dim,
        .count = p->count,
        .bytes = p->count * vic_precision_bytes(v->network->precision),
        .values = out ? out->theta[i] : NULL,
    };
    VIC_TRY(v->visit(v->context, &tensor));
    tensor.name = name;
    for (size_t m = 0; m < optimizer->n_moments; m++) {
        snprintf(name, sizeof name, "%s.%s", slot.name, optimizer->moment_names[m]);
        tensor.values = out ? vic_trainer_moment(v->trainer, tensor.population, k, i, m) : NULL;
        VIC_TRY(v->visit(v->context, &tensor));
    }
    return VIC_OK;
}

static vic_status visit_edge(const visiting *v, int edge) {
    const vic_population *from = vic_inference_population(v->inference, v->network->edges[edge].from);
    int k = 0;
    if (from == NULL && !v->everywhere)
        return VIC_OK;
    while (from && from->out[k].edge_index != edge)
        k++;
    for (size_t i = 0; i < vic_edge_parameters(&v->network->edges[edge]); i++)
        VIC_TRY(visit_parameter(v, edge, i, from ? &from->out[k] : NULL, k));
    return VIC_OK;
}

static vic_status visit_all(const visiting *v) {
    for (int id = 0; id < v->network->n_populations; id++) /* wide numbers come first in files, too */
        if (v->everywhere || vic_inference_population(v->inference, id))
            VIC_TRY(visit_sums(v, id));
    for (int e = 0; e < v->network->n_edges; e++)
        VIC_TRY(visit_edge(v, e));
    return VIC_OK;
}

vic_status vic_state_visit_all(vic_trainer *trainer, vic_inference *inference, vic_state_visit *visit,
                               void *context) {
    const vic_network *network = vic_inference_network(inference);
    return visit_all(&(visiting){trainer, inference, network, true, visit, context});
}

vic_status vic_state_visit_local(vic_trainer *trainer, vic_inference *inference, vic_state_visit *visit,
                                 void *context) {
    const vic_network *network = vic_inference_network(inference);
    return visit_all(&(visiting){trainer, inference, network, false, visit, context});
}
