/* The memory inventory of an inference: the arrays of its local populations and their messages. */
#include "inference.h"

static void list_local_population(const vic_inference *x, const vic_local_population *r,
                                  vic_inventory_visitor visitor) {
    const vic_population *p = r->population;
    vic_shape shape = x->network->shapes[p->id];
    vic_allocation allocation = {.population = p->id,
                                 .kind = VIC_ALLOCATION_RECORD,
                                 .item = vic_precision_bytes(x->network->precision)};
    vic_population_list(p, visitor);
    allocation.name = "recorded prediction";
    vic_list_shaped(visitor, r->recorded_prediction, allocation, shape, x->capacity);
    allocation.name = "recorded belief";
    vic_list_shaped(visitor, r->recorded_belief, allocation, shape, x->capacity);
    allocation.name = "recorded error";
    vic_list_shaped(visitor, r->recorded_error, allocation, shape, x->capacity);
    allocation.name = "initial belief";
    allocation.kind = VIC_ALLOCATION_BELIEF;
    vic_list_shaped(visitor, r->initial, allocation, shape, x->capacity);
    vic_allocation energy = {
        .population = p->id, .kind = VIC_ALLOCATION_RECORD, .name = "free energy", .item = sizeof *r->energy};
    vic_list_plain(visitor, r->energy, energy, r->n_energy);
}

static void list_ends(const vic_inference *x, vic_inventory_visitor visitor) {
    int output = vic_network_output(x->network);
    size_t item = vic_precision_bytes(x->network->precision);
    vic_allocation input = {.kind = VIC_ALLOCATION_BELIEF, .name = "belief, the data", .item = item};
    vic_allocation target = {
        .population = output, .kind = VIC_ALLOCATION_DATA, .name = "target", .item = item};
    vic_list_shaped(visitor, x->input, input, x->network->shapes[0], x->capacity);
    if (x->network->loss->target_type == VIC_TARGET_VALUES) {
        vic_list_shaped(visitor, x->target, target, x->network->shapes[output], x->capacity);
        return;
    }
    target.item = sizeof(int64_t);
    vic_list_plain(visitor, x->target, target, x->capacity);
}

void vic_inference_list(const vic_inference *x, vic_inventory_visitor visitor) {
    for (int i = 0; i < x->n_local_populations; i++)
        list_local_population(x, &x->local_populations[i], visitor);
    list_ends(x, visitor);
    vic_wiring_list(x->wiring, visitor);
}

size_t vic_inference_array_bytes(const vic_inference *x) {
    return x->memory_counter.bytes;
}
