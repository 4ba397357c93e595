/* Taking stock of an inference: the arrays of its residents and their messages. */
#include "inference.h"

static void list_resident(const vic_inference *x, const vic_resident *r, vic_stocktaker taker) {
    const vic_population *p = r->population;
    vic_shape shape = x->network->shapes[p->id];
    vic_holding holding = {
        .population = p->id, .kind = VIC_HELD_RECORD, .item = vic_precision_bytes(x->network->precision)};
    vic_population_list(p, taker);
    holding.name = "recorded prediction";
    vic_list_shaped(taker, r->recorded_prediction, holding, shape, x->capacity);
    holding.name = "recorded belief";
    vic_list_shaped(taker, r->recorded_belief, holding, shape, x->capacity);
    holding.name = "recorded error";
    vic_list_shaped(taker, r->recorded_error, holding, shape, x->capacity);
    holding.name = "initial belief";
    holding.kind = VIC_HELD_BELIEF;
    vic_list_shaped(taker, r->initial, holding, shape, x->capacity);
    vic_holding energy = {
        .population = p->id, .kind = VIC_HELD_RECORD, .name = "free energy", .item = sizeof *r->energy};
    vic_list_plain(taker, r->energy, energy, r->n_energy);
}

static void list_ends(const vic_inference *x, vic_stocktaker taker) {
    int output = vic_network_output(x->network);
    size_t item = vic_precision_bytes(x->network->precision);
    vic_holding input = {.kind = VIC_HELD_BELIEF, .name = "belief, the data", .item = item};
    vic_holding target = {.population = output, .kind = VIC_HELD_DATA, .name = "target", .item = item};
    vic_list_shaped(taker, x->input, input, x->network->shapes[0], x->capacity);
    if (x->network->loss->target_type == VIC_TARGET_VALUES) {
        vic_list_shaped(taker, x->target, target, x->network->shapes[output], x->capacity);
        return;
    }
    target.item = sizeof(int64_t);
    vic_list_plain(taker, x->target, target, x->capacity);
}

void vic_inference_list(const vic_inference *x, vic_stocktaker taker) {
    for (int i = 0; i < x->n_residents; i++)
        list_resident(x, &x->residents[i], taker);
    list_ends(x, taker);
    vic_wiring_list(x->wiring, taker);
}

size_t vic_inference_room(const vic_inference *x) {
    return x->tally.bytes;
}
