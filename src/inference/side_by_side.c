/* Many small populations are the tasks of a rank's threads: all of them in one phase of a step, each on
 * arrays of its own. The thread that runs the inference takes the messages, in the order of the populations,
 * so that no other thread calls MPI. Which thread does what changes no bit. */
#include "inference.h"

#include "base/pool.h"

enum {
    POPULATIONS = 2,   /* for each thread, at least */
    LARGEST = 1 << 21, /* operations of one: what has more is worth sharing by itself */
    LEAST = 1 << 22,   /* operations of all: those of fewer are done before another thread has woken */
};

static double operations_of(const vic_inference *x, const vic_population *p) {
    double operations = 0;
    for (int k = 0; k < p->n_out; k++)
        for (size_t i = 0; i < p->out[k].edge->n_functions; i++) {
            const vic_function *f = &p->out[k].edge->functions[i];
            operations += f->kind->operations(f) * (double)x->batch;
        }
    return operations;
}

/* And their cost is not counted. A rank without populations has none of them. */
static bool are_small_and_many(const vic_inference *x) {
    double all = 0;
    for (int i = 0; i < x->n_local_populations; i++) {
        const vic_population *p = x->local_populations[i].population;
        double one = operations_of(x, p);
        if (one > LARGEST || p->done)
            return false;
        all += one;
    }
    return all >= LEAST && x->n_local_populations >= POPULATIONS * vic_pool_threads();
}

/* What is watched or counted population by population is done in their order, and so is learning in steps,
 * whose learner serves one at a time. */
bool vic_goes_side_by_side(const vic_inference *x) {
    return vic_pool_threads() > 1 && !x->is_dry && !x->options.algorithm->traits.learns_in_steps &&
           !vic_detects_anomalies() && !vic_timeline_is_recording(vic_wiring_timeline(x->wiring)) &&
           are_small_and_many(x);
}

bool vic_has_no_order(const vic_phase *phase) {
    return phase->after == NULL && (phase->receives == VIC_NO_MESSAGE || phase->receives != phase->sends);
}

/* ---- one phase ---- */

typedef struct shared_phase {
    vic_inference *x;
    vic_worker *worker;
    const vic_phase *phase;
} shared_phase;

static void act(void *context, size_t i) {
    const shared_phase *s = context;
    vic_local_population *r = s->worker->local_populations[i];
    s->phase->act(s->x, r, s->worker->step, r->arrived);
}

static void predict(void *context, size_t i) {
    const shared_phase *s = context;
    vic_population *p = s->worker->local_populations[i]->population;
    vic_apply_source(s->x, p, s->phase->source(s->x, p));
}

static vic_status send_predictions(shared_phase *s) {
    const vic_worker *w = s->worker;
    for (int i = 0; i < w->n_local_populations; i++)
        VIC_TRY(vic_compose_predictions(s->x, w->local_populations[i]->population, w->step));
    vic_pool_run((size_t)w->n_local_populations, predict, s);
    for (int i = 0; i < w->n_local_populations; i++)
        VIC_TRY(vic_send_composed_predictions(s->x, w->local_populations[i]->population, w->step));
    return VIC_OK;
}

vic_status vic_perform_side_by_side(vic_inference *x, vic_worker *w, const vic_phase *phase) {
    shared_phase s = {x, w, phase};
    for (int i = 0; i < w->n_local_populations; i++)
        VIC_TRY(vic_receive_for(x, phase, w->local_populations[i], w->step));
    if (phase->act)
        vic_pool_run((size_t)w->n_local_populations, act, &s);
    if (phase->sends == VIC_PREDICTION)
        return send_predictions(&s);
    for (int i = 0; phase->sends == VIC_ERROR && i < w->n_local_populations; i++)
        VIC_TRY(vic_send_error(x, w->local_populations[i], w->step));
    return VIC_OK;
}

/* ---- gradients ---- */

static void form_gradients(void *context, size_t i) {
    vic_inference *x = context;
    vic_form_gradients_of(x, x->local_populations[i].population);
}

void vic_form_gradients_side_by_side(vic_inference *x) {
    vic_pool_run((size_t)x->n_local_populations, form_gradients, x);
}
