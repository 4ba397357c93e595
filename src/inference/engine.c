/* The engine: takes workers through the phases of an algorithm's steps. A phase begins when its messages are
 * there. */
#include "inference.h"

static vic_phases phases_of(const vic_inference *x, int step) {
    return step == 0 ? vic_sweep_phases : x->options.algorithm->phases;
}

void vic_engine_begin(vic_inference *x, size_t batch) {
    x->batch = batch;
    x->n_microbatches = vic_schedule_microbatches(x->schedule, batch);
    x->has_gradients = false;
    x->side_by_side = vic_goes_side_by_side(x);
    vic_event_queue_clear(x->events);
    for (int i = 0; i < x->n_local_populations; i++) {
        x->local_populations[i].is_faulty = false;
        vic_collect_anomaly(x, x->local_populations[i].population, 0); /* what nobody has asked for */
        vic_population_renew(x->local_populations[i].population);
    }
    x->fault = (vic_fault){0};
    for (int i = 0; i < x->n_workers; i++) {
        vic_worker *w = &x->workers[i];
        w->step = w->phase = w->microbatch_index = w->population = 0;
        w->begun = false;
    }
}

/* Receives of a kind are posted once for the step, before anything that its messages could depend on. */
static vic_status post_receives(vic_inference *x, const vic_worker *w, vic_phases phases) {
    bool posted[VIC_MESSAGE_KINDS] = {false};
    for (int i = 0; i < phases.n; i++) {
        int kind = phases.of[i].receives;
        if (kind == VIC_NO_MESSAGE || posted[kind])
            continue;
        posted[kind] = true;
        VIC_TRY(vic_post_receives(x, w, (vic_message_kind)kind, w->step));
    }
    return VIC_OK;
}

static vic_status begin_step(vic_inference *x, vic_worker *w, vic_phases phases) {
    const vic_algorithm *algorithm = x->options.algorithm;
    w->begun = true;
    for (int k = 0; w->step == 1 && algorithm->begin && k < w->n_local_populations; k++)
        algorithm->begin(x, w->local_populations[k]);
    return post_receives(x, w, phases);
}

static bool can_begin(vic_inference *x, const vic_phase *phase, const vic_local_population *r, int step) {
    return !vic_wiring_is_dry(x->wiring) ||
           (vic_has_received(x, r, phase->receives, step) && vic_can_send(x, r, phase->sends, step));
}

vic_status vic_receive_for(vic_inference *x, const vic_phase *phase, vic_local_population *r, int step) {
    r->arrived = false;
    if (phase->receives == VIC_PREDICTION)
        return vic_receive_predictions(x, r, step, &r->arrived);
    if (phase->receives == VIC_ERROR)
        return vic_receive_errors(x, r->population, step, &r->arrived);
    return VIC_OK;
}

static vic_status send(vic_inference *x, const vic_phase *phase, vic_local_population *r, int step) {
    if (phase->sends == VIC_PREDICTION)
        return vic_send_predictions(x, r->population, phase->source(x, r->population), step);
    if (phase->sends == VIC_ERROR)
        return vic_send_error(x, r, step);
    return VIC_OK;
}

static vic_status perform(vic_inference *x, const vic_phase *phase, vic_local_population *r, int step) {
    VIC_TRY(vic_receive_for(x, phase, r, step));
    if (phase->act)
        phase->act(x, r, step, r->arrived);
    VIC_TRY(send(x, phase, r, step));
    if (phase->after)
        phase->after(x, r, step);
    vic_collect_anomaly(x, r->population, step);
    return VIC_OK;
}

/* From the worker's next population on, for the micro-batch at work. */
static vic_status perform_all(vic_inference *x, vic_worker *w, const vic_phase *phase, bool *done) {
    *done = x->side_by_side && vic_has_no_order(phase);
    if (*done)
        return vic_perform_side_by_side(x, w, phase);
    for (; w->population < w->n_local_populations; w->population++) {
        int place = phase->downward ? w->n_local_populations - 1 - w->population : w->population;
        if (!can_begin(x, phase, w->local_populations[place], w->step))
            return VIC_OK;
        VIC_TRY(perform(x, phase, w->local_populations[place], w->step));
    }
    w->population = 0;
    *done = true;
    return VIC_OK;
}

vic_status vic_engine_step(vic_inference *x, vic_worker *w, bool *done) {
    vic_phases phases = phases_of(x, w->step);
    *done = false;
    if (!w->begun)
        VIC_TRY(begin_step(x, w, phases));
    for (; w->phase < phases.n; w->phase++) {
        int microbatches = phases.of[w->phase].by_microbatch ? x->n_microbatches : 1;
        for (; w->microbatch_index < microbatches; w->microbatch_index++) {
            vic_set_current_microbatch(x, w->microbatch_index);
            VIC_TRY(perform_all(x, w, &phases.of[w->phase], done));
            if (!*done)
                return VIC_OK;
        }
        w->microbatch_index = 0;
    }
    w->phase = 0;
    w->begun = false;
    w->step++;
    *done = true;
    return VIC_OK;
}
