#include "inference.h"

#include <string.h>

void vic_attend(vic_inference *x, const vic_population *p) {
    vic_wiring_attend(x->wiring, p->id);
}

void vic_turn_to(vic_inference *x, int part) {
    x->part_number = part;
    x->part = vic_nth_slice(x->batch, x->n_parts, part);
}

/* Numbers of a message for each sample. */
static size_t width_of(const vic_inference *x, int edge) {
    return vic_shape_count(x->network->shapes[x->network->edges[edge].to]);
}

static size_t numbers_on(const vic_inference *x, int edge) {
    return width_of(x, edge) * x->part.samples;
}

/* For the part at work. */
static vic_channel *carrier(const vic_inference *x, vic_channel *channel, int edge) {
    return vic_channel_part(channel, x->part_number, width_of(x, edge) * x->part.first);
}

/* The array of all parts, of which the message is the one at work. */
static void *array_of(const vic_inference *x, const void *message, int edge) {
    size_t before = width_of(x, edge) * x->part.first;
    return (char *)message - before * vic_precision_bytes(x->network->precision);
}

/* Says what was composed. */
static vic_status say(vic_inference *x, vic_channel *channel, int edge, vic_message_kind kind, int step,
                      const void *message) {
    vic_emit_message(x, VIC_EVENT_SEND, edge, kind, step, message);
    return vic_channel_say(channel, step, numbers_on(x, edge));
}

static vic_status listen_on(vic_inference *x, int edge, vic_message_kind kind, int step) {
    if (!vic_schedule_speaks(x->schedule, edge, kind, step))
        return VIC_OK;
    for (int part = 0; part < x->n_parts; part++) {
        vic_turn_to(x, part);
        vic_channel *channel = carrier(x, vic_wiring_listener(x->wiring, edge, kind), edge);
        VIC_TRY(vic_channel_listen(channel, step, numbers_on(x, edge)));
    }
    return VIC_OK;
}

vic_status vic_listen(vic_inference *x, const vic_worker *worker, vic_message_kind kind, int step) {
    for (int i = 0; i < worker->n_residents; i++) {
        const vic_resident *r = worker->residents[i];
        if (kind == VIC_PREDICTION)
            for (int k = 0; k < r->n_in; k++)
                VIC_TRY(listen_on(x, r->in[k], kind, step));
        else
            for (int k = 0; k < r->population->n_out; k++)
                VIC_TRY(listen_on(x, r->population->out[k].edge_index, kind, step));
    }
    return VIC_OK;
}

/* Whether every message of a kind that the population sends, or receives, in `step` can be composed, or has
 * come. Errors leave along the edges from below, and predictions come along them. */
static bool are_ready(vic_inference *x, const vic_resident *r, int kind, bool sends, int step) {
    bool below = sends == (kind == VIC_ERROR);
    int n = kind == VIC_NO_MESSAGE ? 0 : below ? r->n_in : r->population->n_out;
    for (int k = 0; k < n; k++) {
        vic_message_kind what = (vic_message_kind)kind;
        int edge = below ? r->in[k] : r->population->out[k].edge_index;
        if (!vic_schedule_speaks(x->schedule, edge, what, step))
            continue;
        bool ready =
            sends ? vic_channel_can_send(carrier(x, vic_wiring_speaker(x->wiring, edge, what), edge))
                  : vic_channel_has_arrived(carrier(x, vic_wiring_listener(x->wiring, edge, what), edge));
        if (!ready)
            return false;
    }
    return true;
}

bool vic_has_received(vic_inference *x, const vic_resident *r, int kind, int step) {
    return are_ready(x, r, kind, false, step);
}

bool vic_can_send(vic_inference *x, const vic_resident *r, int kind, int step) {
    return are_ready(x, r, kind, true, step);
}

vic_status vic_say_predictions(vic_inference *x, vic_population *p, vic_prediction_source source, int step) {
    for (int k = 0; k < p->n_out; k++) {
        int edge = p->out[k].edge_index;
        if (!vic_schedule_speaks(x->schedule, edge, VIC_PREDICTION, step))
            continue;
        vic_attend(x, p);
        vic_channel *channel = carrier(x, vic_wiring_speaker(x->wiring, edge, VIC_PREDICTION), edge);
        void *prediction;
        VIC_TRY(vic_channel_compose(channel, &prediction));
        source.rule(&p->out[k], x->part, source.from, array_of(x, prediction, edge));
        VIC_TRY(say(x, channel, edge, VIC_PREDICTION, step, prediction));
    }
    return VIC_OK;
}

static void add_up(const vic_inference *x, const vic_resident *r) {
    vic_population *p = r->population;
    vic_precision precision = x->network->precision;
    size_t n = p->count * x->part.samples;
    p->prediction = NULL;
    for (int k = 0; k < r->n_in; k++) {
        if (r->heard[k] == NULL)
            continue;
        if (p->prediction == NULL) {
            p->prediction = r->heard[k];
            continue;
        }
        void *sum = vic_slice_at(precision, p->count, p->sum, x->part);
        bool imagined = vic_population_tell(p, VIC_TASK_ADD, x->part.samples);
        if (p->prediction != p->sum && !imagined)
            memcpy(sum, vic_slice_at(precision, p->count, p->prediction, x->part),
                   n * vic_precision_bytes(precision));
        if (!imagined)
            x->arithmetic->add(n, vic_slice_at(precision, p->count, r->heard[k], x->part), sum);
        p->prediction = p->sum;
    }
}

void vic_forget_predictions(vic_inference *x, vic_resident *r) {
    for (int k = 0; k < r->n_in; k++) {
        r->heard[k] = NULL;
        vic_channel_forget(vic_wiring_listener(x->wiring, r->in[k], VIC_PREDICTION));
    }
    r->population->prediction = NULL;
}

void vic_forget_errors(const vic_inference *x, vic_population *p) {
    p->has_feedback = false;
    for (int k = 0; k < p->n_out; k++) {
        vic_projection_forget(&p->out[k]);
        vic_channel_forget(vic_wiring_listener(x->wiring, p->out[k].edge_index, VIC_ERROR));
    }
}

/* Over a wire that is not perfect, a number may first become infinite on its way. */
static void inspect(vic_inference *x, int edge, const vic_population *listener, int step, const char *what,
                    const void *message) {
    if (x->options.wires == NULL || listener->imagined)
        return;
    if (!x->arithmetic->all_finite(numbers_on(x, edge), message))
        vic_note_fault(x, step, listener->id, what);
}

vic_status vic_hear_predictions(vic_inference *x, vic_resident *r, int step, bool *news) {
    *news = false;
    for (int k = 0; k < r->n_in; k++) {
        if (!vic_schedule_speaks(x->schedule, r->in[k], VIC_PREDICTION, step))
            continue;
        const void *prediction;
        vic_channel *channel = carrier(x, vic_wiring_listener(x->wiring, r->in[k], VIC_PREDICTION), r->in[k]);
        VIC_TRY(vic_channel_hear(channel, &prediction));
        r->heard[k] = array_of(x, prediction, r->in[k]);
        inspect(x, r->in[k], r->population, step, "received prediction", prediction);
        vic_emit_message(x, VIC_EVENT_RECEIVED, r->in[k], VIC_PREDICTION, step, prediction);
        *news = true;
    }
    if (*news)
        add_up(x, r);
    return VIC_OK;
}

/* The part of the errors that is at work, into a message. */
static void copy_error(const vic_inference *x, const vic_population *p, void *errors) {
    vic_precision precision = x->network->precision;
    if (vic_population_tell(p, VIC_TASK_COPY, x->part.samples))
        return;
    if (!vic_is_parted(x, p))
        vic_take_slice(precision, p->count, x->batch, p->error, x->part, errors);
    else
        memcpy(vic_slice_at(precision, p->count, errors, x->part),
               vic_slice_at(precision, p->count, p->error, x->part),
               p->count * x->part.samples * vic_precision_bytes(precision));
}

vic_status vic_say_error(vic_inference *x, const vic_resident *r, int step) {
    if (x->part_number == x->n_parts - 1)
        vic_emit_error(x, r->population, step);
    for (int k = 0; k < r->n_in; k++) {
        if (!vic_schedule_speaks(x->schedule, r->in[k], VIC_ERROR, step))
            continue;
        vic_attend(x, r->population);
        vic_channel *channel = carrier(x, vic_wiring_speaker(x->wiring, r->in[k], VIC_ERROR), r->in[k]);
        void *message;
        VIC_TRY(vic_channel_compose(channel, &message));
        copy_error(x, r->population, array_of(x, message, r->in[k]));
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
        vic_channel *channel = carrier(x, vic_wiring_listener(x->wiring, edge, VIC_ERROR), edge);
        VIC_TRY(vic_channel_hear(channel, &error));
        inspect(x, edge, p, step, "received error", error);
        vic_emit_message(x, VIC_EVENT_RECEIVED, edge, VIC_ERROR, step, error);
        vic_projection_hear(&p->out[k], array_of(x, error, edge));
        *news = true;
    }
    return VIC_OK;
}
