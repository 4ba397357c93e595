/* Taking stock of populations: what they hold, array by array. */
#include "projection.h"

#include <stdio.h>

const char *vic_holding_kind_name(vic_holding_kind kind) {
    static const char *const names[VIC_HOLDING_KINDS] = {
        [VIC_HELD_BELIEF] = "beliefs",      [VIC_HELD_ERROR] = "errors",
        [VIC_HELD_SYNAPSES] = "synapses",   [VIC_HELD_GRADIENT] = "gradients",
        [VIC_HELD_OPTIMISER] = "optimiser", [VIC_HELD_ACTIVITY] = "activity",
        [VIC_HELD_MESSAGE] = "messages",    [VIC_HELD_DATA] = "data",
        [VIC_HELD_RECORD] = "records",
    };
    return names[kind];
}

static void show(vic_stocktaker taker, const void *array, const vic_holding *holding) {
    if (array)
        taker.note(taker.context, holding);
}

void vic_list_plain(vic_stocktaker taker, const void *array, vic_holding holding, size_t count) {
    holding.rank = 1;
    holding.dim[0] = holding.count = count;
    show(taker, array, &holding);
}

void vic_list_shaped(vic_stocktaker taker, const void *array, vic_holding holding, vic_shape shape,
                     size_t samples) {
    holding.rank = shape.rank + 1;
    for (int d = 0; d < shape.rank; d++)
        holding.dim[d] = shape.dim[d];
    holding.dim[shape.rank] = samples;
    holding.count = vic_shape_count(shape) * samples;
    show(taker, array, &holding);
}

void vic_list_parameter(vic_stocktaker taker, const void *array, vic_holding holding,
                        const vic_parameter *parameter) {
    holding.rank = parameter->rank;
    for (int d = 0; d < parameter->rank; d++)
        holding.dim[d] = parameter->dim[d];
    holding.count = parameter->count;
    show(taker, array, &holding);
}

/* ---- projections ---- */

static void list_parameters(const vic_projection *p, vic_stocktaker taker, vic_holding holding) {
    char name[64];
    for (size_t i = 0; i < p->n_parameters; i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(p->network, p->edge_index, i);
        holding.name = slot.name;
        holding.kind = VIC_HELD_SYNAPSES;
        vic_list_parameter(taker, p->theta[i], holding, slot.parameter);
        snprintf(name, sizeof name, "gradient of %s", slot.name);
        holding.name = name;
        holding.kind = VIC_HELD_GRADIENT;
        vic_list_parameter(taker, p->gradient[i], holding, slot.parameter);
    }
}

static vic_shape boundary_shape(const vic_edge *edge, size_t k) {
    return k < edge->n_functions ? edge->computed[k].in : edge->computed[k - 1].out;
}

static void list_activity(const vic_projection *p, const vic_activity *activity, const char *which,
                          vic_stocktaker taker, vic_holding holding) {
    char name[64];
    holding.name = name;
    for (size_t k = 0; activity->room && k <= p->edge->n_functions; k++) {
        snprintf(name, sizeof name, "%s %d.%zu", which, p->edge_index, k);
        vic_list_shaped(taker, activity->room[k], holding, boundary_shape(p->edge, k), p->capacity);
    }
}

static void list_notes(const vic_projection *p, vic_stocktaker taker, vic_holding holding) {
    char name[64];
    holding.name = name;
    holding.item = 1;
    for (size_t k = 0; p->notes && k < p->edge->n_functions; k++) {
        if (p->notes[k] == NULL)
            continue;
        const vic_function *f = &p->edge->computed[k];
        snprintf(name, sizeof name, "notes of %s", f->kind->name);
        vic_list_plain(taker, p->notes[k], holding, f->kind->notes(f) * p->capacity);
    }
}

void vic_projection_list(const vic_projection *p, vic_stocktaker taker) {
    vic_holding holding = {.population = p->edge->from,
                           .kind = VIC_HELD_ACTIVITY,
                           .item = vic_precision_bytes(p->network->precision)};
    list_parameters(p, taker, holding);
    list_activity(p, &p->home, "activity", taker, holding);
    list_activity(p, &p->moved, "moved activity", taker, holding);
    list_notes(p, taker, holding);
    holding.name = "working room";
    vic_list_plain(taker, p->scratch[0], holding, vic_scratch_count(p));
    vic_list_plain(taker, p->scratch[1], holding, vic_scratch_count(p));
    vic_list_plain(taker, p->work, holding, vic_work_count(p));
}

/* ---- populations ---- */

void vic_population_list(const vic_population *p, vic_stocktaker taker) {
    const struct {
        vic_holding_kind kind;
        const char *name;
        const void *array;
    } arrays[] = {
        {VIC_HELD_BELIEF, "belief", p->belief},
        {VIC_HELD_BELIEF, "displacement of the belief", p->displacement},
        {VIC_HELD_BELIEF, "prediction of the sweep", p->own_vhat},
        {VIC_HELD_ERROR, "multiplier", p->dual},
        {VIC_HELD_ERROR, "error", p->error},
        {VIC_HELD_ERROR, "feedback of the errors above", p->feedback},
        {VIC_HELD_ACTIVITY, "sum of predictions", p->sum},
        {VIC_HELD_ACTIVITY, "sum of errors", p->scratch},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        vic_holding holding = {.population = p->id,
                               .kind = arrays[i].kind,
                               .name = arrays[i].name,
                               .item = vic_precision_bytes(p->network->precision)};
        vic_list_shaped(taker, arrays[i].array, holding, p->network->shapes[p->id], p->capacity);
    }
    for (int k = 0; k < p->n_out; k++)
        vic_projection_list(&p->out[k], taker);
}
