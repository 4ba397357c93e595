#include "inference.h"

#include <string.h>

void vic_attend(vic_inference *x, const vic_population *p) {
    vic_timeline_attend(vic_wiring_timeline(x->wiring), p->id);
}

static size_t numbers_on(const vic_inference *x, int edge) {
    return vic_shape_count(x->network->shapes[x->network->edges[edge].to]) * x->batch;
}

/* Says what was composed. */
static vic_status say(vic_inference *x, vic_channel *channel, int edge, vic_message_kind kind, int step,
                      const void *message) {
    if (x->recorder)
        x->recorder->said(x->recorder->context, edge, kind, step, message);
    return vic_channel_say(channel, step, numbers_on(x, edge));
}

static vic_status listen_on(vic_inference *x, int edge, vic_message_kind kind, int step) {
    if (!vic_schedule_speaks(x->schedule, edge, kind, step))
        return VIC_OK;
    return vic_channel_listen(vic_wiring_listener(x->wiring, edge, kind), step, numbers_on(x, edge));
}

vic_status vic_listen(vic_inference *x, vic_message_kind kind, int step) {
    for (int i = 0; i < x->n_residents; i++) {
        const vic_resident *r = &x->residents[i];
        if (kind == VIC_PREDICTION)
            for (int k = 0; k < r->n_in; k++)
                VIC_TRY(listen_on(x, r->in[k], kind, step));
        else
            for (int k = 0; k < r->population->n_out; k++)
                VIC_TRY(listen_on(x, r->population->out[k].edge_index, kind, step));
    }
    return VIC_OK;
}

vic_status vic_say_predictions(vic_inference *x, vic_population *p, vic_projection_rule *rule,
                               const void *from, int step) {
    for (int k = 0; k < p->n_out; k++) {
        int edge = p->out[k].edge_index;
        if (!vic_schedule_speaks(x->schedule, edge, VIC_PREDICTION, step))
            continue;
        vic_attend(x, p);
        vic_channel *channel = vic_wiring_speaker(x->wiring, edge, VIC_PREDICTION);
        void *prediction;
        VIC_TRY(vic_channel_compose(channel, &prediction));
        rule(&p->out[k], x->batch, from, prediction);
        VIC_TRY(say(x, channel, edge, VIC_PREDICTION, step, prediction));
    }
    return VIC_OK;
}

static void add_up(const vic_inference *x, const vic_resident *r) {
    vic_population *p = r->population;
    size_t n = p->count * x->batch;
    p->prediction = NULL;
    for (int k = 0; k < r->n_in; k++) {
        if (r->heard[k] == NULL)
            continue;
        if (p->prediction == NULL) {
            p->prediction = r->heard[k];
            continue;
        }
        if (p->prediction != p->sum)
            memcpy(p->sum, p->prediction, n * vic_precision_bytes(x->network->precision));
        x->arithmetic->add(n, r->heard[k], p->sum);
        p->prediction = p->sum;
    }
}

void vic_forget_predictions(vic_resident *r) {
    for (int k = 0; k < r->n_in; k++)
        r->heard[k] = NULL;
    r->population->prediction = NULL;
}

vic_status vic_hear_predictions(vic_inference *x, vic_resident *r, int step) {
    bool news = false;
    for (int k = 0; k < r->n_in; k++) {
        if (!vic_schedule_speaks(x->schedule, r->in[k], VIC_PREDICTION, step))
            continue;
        VIC_TRY(vic_channel_hear(vic_wiring_listener(x->wiring, r->in[k], VIC_PREDICTION), &r->heard[k]));
        news = true;
    }
    if (news)
        add_up(x, r);
    return VIC_OK;
}

vic_status vic_say_error(vic_inference *x, const vic_resident *r, int step) {
    size_t bytes = r->population->count * x->batch * vic_precision_bytes(x->network->precision);
    if (x->recorder)
        x->recorder->erred(x->recorder->context, r->population, step);
    for (int k = 0; k < r->n_in; k++) {
        if (!vic_schedule_speaks(x->schedule, r->in[k], VIC_ERROR, step))
            continue;
        vic_attend(x, r->population);
        vic_channel *channel = vic_wiring_speaker(x->wiring, r->in[k], VIC_ERROR);
        void *message;
        VIC_TRY(vic_channel_compose(channel, &message));
        memcpy(message, r->population->error, bytes);
        VIC_TRY(say(x, channel, r->in[k], VIC_ERROR, step, message));
    }
    return VIC_OK;
}

vic_status vic_hear_errors(vic_inference *x, vic_population *p, int step, bool *news) {
    *news = false;
    for (int k = 0; k < p->n_out; k++) {
        int edge = p->out[k].edge_index;
        if (!vic_schedule_speaks(x->schedule, edge, VIC_ERROR, step))
            continue;
        const void *error;
        VIC_TRY(vic_channel_hear(vic_wiring_listener(x->wiring, edge, VIC_ERROR), &error));
        vic_projection_hear(&p->out[k], error, x->batch);
        *news = true;
    }
    return VIC_OK;
}
