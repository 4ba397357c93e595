/* The memory inventory of populations: their arrays. */
#include "projection.h"

#include <stdio.h>

const char *vic_allocation_kind_name(vic_allocation_kind kind) {
    static const char *const names[VIC_ALLOCATION_KINDS] = {
        [VIC_ALLOCATION_BELIEF] = "beliefs",      [VIC_ALLOCATION_ERROR] = "errors",
        [VIC_ALLOCATION_SYNAPSES] = "synapses",   [VIC_ALLOCATION_GRADIENT] = "gradients",
        [VIC_ALLOCATION_OPTIMISER] = "optimiser", [VIC_ALLOCATION_ACTIVITY] = "activity",
        [VIC_ALLOCATION_MESSAGE] = "messages",    [VIC_ALLOCATION_DATA] = "data",
        [VIC_ALLOCATION_RECORD] = "records",
    };
    return names[kind];
}

static void show(vic_inventory_visitor visitor, const void *array, const vic_allocation *allocation) {
    if (array)
        visitor.visit(visitor.context, allocation);
}

void vic_list_plain(vic_inventory_visitor visitor, const void *array, vic_allocation allocation,
                    size_t count) {
    allocation.rank = 1;
    allocation.dim[0] = allocation.count = count;
    show(visitor, array, &allocation);
}

void vic_list_shaped(vic_inventory_visitor visitor, const void *array, vic_allocation allocation,
                     vic_shape shape, size_t samples) {
    allocation.rank = shape.rank + 1;
    for (int d = 0; d < shape.rank; d++)
        allocation.dim[d] = shape.dim[d];
    allocation.dim[shape.rank] = samples;
    allocation.count = vic_shape_count(shape) * samples;
    show(visitor, array, &allocation);
}

void vic_list_parameter(vic_inventory_visitor visitor, const void *array, vic_allocation allocation,
                        const vic_parameter *parameter) {
    allocation.rank = parameter->rank;
    for (int d = 0; d < parameter->rank; d++)
        allocation.dim[d] = parameter->dim[d];
    allocation.count = parameter->count;
    show(visitor, array, &allocation);
}

/* ---- projections ---- */

static void list_parameters(const vic_projection *p, vic_inventory_visitor visitor,
                            vic_allocation allocation) {
    char name[64];
    for (size_t i = 0; i < p->n_parameters; i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(p->network, p->edge_index, i);
        allocation.name = slot.name;
        allocation.kind = VIC_ALLOCATION_SYNAPSES;
        vic_list_parameter(visitor, p->theta[i], allocation, slot.parameter);
        snprintf(name, sizeof name, "gradient of %s", slot.name);
        allocation.name = name;
        allocation.kind = VIC_ALLOCATION_GRADIENT;
        vic_list_parameter(visitor, p->gradient[i], allocation, slot.parameter);
    }
}

static vic_shape boundary_shape(const vic_edge *edge, size_t k) {
    return k < edge->n_functions ? edge->computed[k].in : edge->computed[k - 1].out;
}

static void list_activity(const vic_projection *p, const vic_activity *activity, const char *which,
                          vic_inventory_visitor visitor, vic_allocation allocation) {
    char name[64];
    allocation.name = name;
    for (size_t k = 0; activity->own && k <= p->edge->n_functions; k++) {
        snprintf(name, sizeof name, "%s %d.%zu", which, p->edge_index, k);
        vic_list_shaped(visitor, activity->own[k], allocation, boundary_shape(p->edge, k), p->capacity);
    }
}

static void list_packings(const vic_projection *p, vic_inventory_visitor visitor, vic_allocation allocation) {
    char name[64];
    allocation.name = name;
    for (size_t i = 0; i < 2 * p->edge->n_functions; i++) {
        snprintf(name, sizeof name, "packed synapses %d.%zu%s", p->edge_index, i / 2, i % 2 ? " back" : "");
        vic_list_plain(visitor, p->packings[i].array, allocation, vic_packing_count(p, i / 2, i % 2));
    }
}

static void list_saved(const vic_projection *p, vic_inventory_visitor visitor, vic_allocation allocation) {
    char name[64];
    allocation.name = name;
    allocation.item = 1;
    for (size_t k = 0; p->saved && k < p->edge->n_functions; k++) {
        if (p->saved[k] == NULL)
            continue;
        const vic_function *f = &p->edge->computed[k];
        snprintf(name, sizeof name, "notes of %s", f->kind->name);
        vic_list_plain(visitor, p->saved[k], allocation, f->kind->saved_bytes(f) * p->capacity);
    }
}

void vic_projection_list(const vic_projection *p, vic_inventory_visitor visitor) {
    vic_allocation allocation = {.population = p->edge->from,
                                 .kind = VIC_ALLOCATION_ACTIVITY,
                                 .item = vic_precision_bytes(p->network->precision)};
    list_parameters(p, visitor, allocation);
    list_packings(p, visitor, allocation);
    list_activity(p, &p->home, "activity", visitor, allocation);
    list_activity(p, &p->moved, "moved activity", visitor, allocation);
    list_saved(p, visitor, allocation);
    allocation.name = "working room";
    vic_list_plain(visitor, p->block_scratch[0], allocation, vic_block_scratch_count(p));
    vic_list_plain(visitor, p->block_scratch[1], allocation, vic_block_scratch_count(p));
    vic_list_plain(visitor, p->function_scratch, allocation, vic_function_scratch_count(p));
}

/* ---- populations ---- */

void vic_population_list(const vic_population *p, vic_inventory_visitor visitor) {
    const struct {
        vic_allocation_kind kind;
        const char *name;
        const void *array;
    } arrays[] = {
        {VIC_ALLOCATION_BELIEF, "belief", p->belief},
        {VIC_ALLOCATION_BELIEF, "displacement of the belief", p->displacement},
        {VIC_ALLOCATION_BELIEF, "prediction of the sweep", p->own_vhat},
        {VIC_ALLOCATION_ERROR, "multiplier", p->dual},
        {VIC_ALLOCATION_ERROR, "error", p->error},
        {VIC_ALLOCATION_ERROR, "feedback of the errors above", p->feedback},
        {VIC_ALLOCATION_ACTIVITY, "sum of predictions", p->sum},
        {VIC_ALLOCATION_ACTIVITY, "sum of errors", p->scratch},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        vic_allocation allocation = {.population = p->id,
                                     .kind = arrays[i].kind,
                                     .name = arrays[i].name,
                                     .item = vic_precision_bytes(p->network->precision)};
        vic_list_shaped(visitor, arrays[i].array, allocation, p->network->shapes[p->id], p->capacity);
    }
    for (int k = 0; k < p->n_out; k++)
        vic_projection_list(&p->out[k], visitor);
}
