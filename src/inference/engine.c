/* The engine: what an algorithm's phases have populations do, in the order of their messages. */
#include "inference.h"

/* Receives of a kind are posted once for the step, before anything that its messages could depend on. */
static vic_status post_receives(vic_inference *x, vic_phases phases, int step) {
    bool posted[VIC_MESSAGE_KINDS] = {false};
    for (int i = 0; i < phases.n; i++) {
        int kind = phases.of[i].receives;
        if (kind == VIC_NO_MESSAGE || posted[kind])
            continue;
        posted[kind] = true;
        VIC_TRY(vic_listen(x, (vic_message_kind)kind, step));
    }
    return VIC_OK;
}

static vic_status receive(vic_inference *x, const vic_phase *phase, vic_resident *r, int step, bool *news) {
    *news = false;
    if (phase->receives == VIC_PREDICTION)
        return vic_hear_predictions(x, r, step, news);
    if (phase->receives == VIC_ERROR)
        return vic_hear_errors(x, r->population, step, news);
    return VIC_OK;
}

static vic_status send(vic_inference *x, const vic_phase *phase, vic_resident *r, int step) {
    if (phase->sends == VIC_PREDICTION)
        return vic_say_predictions(x, r->population, phase->source(x, r->population), step);
    if (phase->sends == VIC_ERROR)
        return vic_say_error(x, r, step);
    return VIC_OK;
}

static vic_status perform(vic_inference *x, const vic_phase *phase, vic_resident *r, int step) {
    bool news;
    VIC_TRY(receive(x, phase, r, step, &news));
    if (phase->act)
        phase->act(x, r, step, news);
    VIC_TRY(send(x, phase, r, step));
    if (phase->after)
        phase->after(x, r, step);
    return VIC_OK;
}

static vic_status perform_all(vic_inference *x, const vic_phase *phase, int step) {
    for (int k = 0; k < x->n_residents; k++)
        VIC_TRY(perform(x, phase, &x->residents[phase->downward ? x->n_residents - 1 - k : k], step));
    return VIC_OK;
}

vic_status vic_engine_step(vic_inference *x, vic_phases phases, int step) {
    VIC_TRY(post_receives(x, phases, step));
    for (int i = 0; i < phases.n; i++) {
        int parts = phases.of[i].by_microbatch ? x->n_parts : 1;
        for (int part = 0; part < parts; part++) {
            vic_turn_to(x, part);
            VIC_TRY(perform_all(x, &phases.of[i], step));
        }
    }
    return VIC_OK;
}
