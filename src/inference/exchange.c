#include "inference.h"

void vic_set_current_population(vic_inference *x, const vic_population *p) {
    vic_wiring_set_current_population(x->wiring, p->id);
}

void vic_set_current_microbatch(vic_inference *x, int microbatch_index) {
    x->microbatch_index = microbatch_index;
    x->microbatch = vic_nth_microbatch(x->batch, x->n_microbatches, microbatch_index);
}

/* Numbers of a message for each sample. */
static size_t width_of(const vic_inference *x, int edge) {
    return vic_shape_count(x->network->shapes[x->network->edges[edge].to]);
}

static size_t numbers_on(const vic_inference *x, int edge) {
    return width_of(x, edge) * x->microbatch.samples;
}

/* Of the current micro-batch. */
static vic_channel *carrier(const vic_inference *x, vic_channel *channel, int edge) {
    return vic_channel_microbatch(channel, x->microbatch_index, width_of(x, edge) * x->microbatch.first);
}

/* The array of all micro-batches, of which the message is the current one. */
static void *array_of(const vic_inference *x, const void *message, int edge) {
    size_t before = width_of(x, edge) * x->microbatch.first;
    return (char *)message - before * vic_precision_bytes(x->network->precision);
}

/* Sends the composed message. */
static vic_status send_message(vic_inference *x, vic_channel *channel, int edge, vic_message_kind kind,
                               int step, const void *message) {
    vic_emit_message(x, VIC_EVENT_SEND, edge, kind, step, message);
    return vic_channel_send(channel, step, numbers_on(x, edge));
}

static vic_status post_receive(vic_inference *x, int edge, vic_message_kind kind, int step) {
    if (!vic_schedule_sends(x->schedule, edge, kind, step))
        return VIC_OK;
    for (int k = 0; k < x->n_microbatches; k++) {
        vic_set_current_microbatch(x, k);
        vic_channel *channel = carrier(x, vic_wiring_receiver(x->wiring, edge, kind), edge);
        VIC_TRY(vic_channel_post_receive(channel, step, numbers_on(x, edge)));
    }
    return VIC_OK;
}

vic_status vic_post_receives(vic_inference *x, const vic_worker *worker, vic_message_kind kind, int step) {
    for (int i = 0; i < worker->n_local_populations; i++) {
        const vic_local_population *r = worker->local_populations[i];
        if (kind == VIC_PREDICTION)
            for (int k = 0; k < r->n_in; k++)
                VIC_TRY(post_receive(x, r->in[k], kind, step));
        else
            for (int k = 0; k < r->population->n_out; k++)
                VIC_TRY(post_receive(x, r->population->out[k].edge_index, kind, step));
    }
    return VIC_OK;
}

/* Whether every message of a kind that the population sends, or receives, in `step` can be composed, or has
 * arrived. Errors are sent along the edges from below, and predictions are received along them. */
static bool are_ready(vic_inference *x, const vic_local_population *r, int kind, bool sends, int step) {
    bool below = sends == (kind == VIC_ERROR);
    int n = kind == VIC_NO_MESSAGE ? 0 : below ? r->n_in : r->population->n_out;
    for (int k = 0; k < n; k++) {
        vic_message_kind what = (vic_message_kind)kind;
        int edge = below ? r->in[k] : r->population->out[k].edge_index;
        if (!vic_schedule_sends(x->schedule, edge, what, step))
            continue;
        bool ready =
            sends ? vic_channel_can_send(carrier(x, vic_wiring_sender(x->wiring, edge, what), edge))
                  : vic_channel_has_arrived(carrier(x, vic_wiring_receiver(x->wiring, edge, what), edge));
        if (!ready)
            return false;
    }
    return true;
}

bool vic_has_received(vic_inference *x, const vic_local_population *r, int kind, int step) {
    return are_ready(x, r, kind, false, step);
}

bool vic_can_send(vic_inference *x, const vic_local_population *r, int kind, int step) {
    return are_ready(x, r, kind, true, step);
}

/* The channel of the prediction along an edge, NULL where none is sent in `step`. */
static vic_channel *prediction_channel(const vic_inference *x, int edge, int step) {
    if (!vic_schedule_sends(x->schedule, edge, VIC_PREDICTION, step))
        return NULL;
    return carrier(x, vic_wiring_sender(x->wiring, edge, VIC_PREDICTION), edge);
}

static void apply(const vic_inference *x, vic_projection *out, vic_prediction_source source) {
    source.rule(out, x->microbatch, source.from, array_of(x, out->composed, out->edge_index));
}

vic_status vic_send_predictions(vic_inference *x, vic_population *p, vic_prediction_source source, int step) {
    for (int k = 0; k < p->n_out; k++) {
        vic_projection *out = &p->out[k];
        vic_channel *channel = prediction_channel(x, out->edge_index, step);
        if (channel == NULL)
            continue;
        vic_set_current_population(x, p);
        VIC_TRY(vic_channel_compose(channel, &out->composed));
        apply(x, out, source);
        VIC_TRY(send_message(x, channel, out->edge_index, VIC_PREDICTION, step, out->composed));
    }
    return VIC_OK;
}

vic_status vic_compose_predictions(vic_inference *x, vic_population *p, int step) {
    for (int k = 0; k < p->n_out; k++) {
        vic_channel *channel = prediction_channel(x, p->out[k].edge_index, step);
        p->out[k].composed = NULL;
        if (channel)
            VIC_TRY(vic_channel_compose(channel, &p->out[k].composed));
    }
    return VIC_OK;
}

void vic_apply_source(vic_inference *x, vic_population *p, vic_prediction_source source) {
    for (int k = 0; k < p->n_out; k++)
        if (p->out[k].composed)
            apply(x, &p->out[k], source);
}

vic_status vic_send_composed_predictions(vic_inference *x, vic_population *p, int step) {
    for (int k = 0; k < p->n_out; k++) {
        const vic_projection *out = &p->out[k];
        if (out->composed == NULL)
            continue;
        vic_channel *channel = prediction_channel(x, out->edge_index, step);
        VIC_TRY(send_message(x, channel, out->edge_index, VIC_PREDICTION, step, out->composed));
    }
    return VIC_OK;
}

static void add_up(const vic_inference *x, const vic_local_population *r) {
    vic_population *p = r->population;
    vic_precision precision = x->network->precision;
    size_t n = p->count * x->microbatch.samples;
    p->prediction = NULL;
    for (int k = 0; k < r->n_in; k++) {
        if (r->received[k] == NULL)
            continue;
        if (p->prediction == NULL) {
            p->prediction = r->received[k];
            continue;
        }
        void *sum = vic_microbatch_at(precision, p->count, p->sum, x->microbatch);
        if (!vic_population_count_cost(p, VIC_TASK_ADD, x->microbatch.samples))
            x->arithmetic->add(n, vic_microbatch_at(precision, p->count, p->prediction, x->microbatch),
                               vic_microbatch_at(precision, p->count, r->received[k], x->microbatch), sum);
        p->prediction = p->sum;
    }
}

void vic_clear_predictions(vic_inference *x, vic_local_population *r) {
    for (int k = 0; k < r->n_in; k++) {
        r->received[k] = NULL;
        vic_channel_reset(vic_wiring_receiver(x->wiring, r->in[k], VIC_PREDICTION));
    }
    r->population->prediction = NULL;
}

void vic_clear_errors(const vic_inference *x, vic_population *p) {
    p->has_feedback = false;
    for (int k = 0; k < p->n_out; k++) {
        vic_projection_clear_error(&p->out[k]);
        vic_channel_reset(vic_wiring_receiver(x->wiring, p->out[k].edge_index, VIC_ERROR));
    }
}

/* Over a wire that is not perfect, a number may first become infinite on its way. */
static void inspect(vic_inference *x, int edge, const vic_population *receiver, int step, const char *what,
                    const void *message) {
    if (x->options.wires == NULL || receiver->dry)
        return;
    if (!x->arithmetic->all_finite(numbers_on(x, edge), message))
        vic_note_fault(x, step, receiver->id, what);
}

vic_status vic_receive_predictions(vic_inference *x, vic_local_population *r, int step, bool *arrived) {
    *arrived = false;
    for (int k = 0; k < r->n_in; k++) {
        if (!vic_schedule_sends(x->schedule, r->in[k], VIC_PREDICTION, step))
            continue;
        const void *prediction;
        vic_channel *channel = carrier(x, vic_wiring_receiver(x->wiring, r->in[k], VIC_PREDICTION), r->in[k]);
        VIC_TRY(vic_channel_receive(channel, &prediction));
        r->received[k] = array_of(x, prediction, r->in[k]);
        inspect(x, r->in[k], r->population, step, "received prediction", prediction);
        vic_emit_message(x, VIC_EVENT_RECEIVED, r->in[k], VIC_PREDICTION, step, prediction);
        *arrived = true;
    }
    if (*arrived)
        add_up(x, r);
    return VIC_OK;
}

/* The errors of the current micro-batch, into a message. */
static void copy_error(const vic_inference *x, const vic_population *p, void *errors) {
    vic_precision precision = x->network->precision;
    if (vic_population_count_cost(p, VIC_TASK_COPY, x->microbatch.samples))
        return;
    if (!vic_is_split(x, p))
        vic_extract_microbatch(precision, p->count, x->batch, p->error, x->microbatch, errors);
    else
        x->arithmetic->mix(p->count * x->microbatch.samples, 0, 1,
                           vic_microbatch_at(precision, p->count, p->error, x->microbatch),
                           vic_microbatch_at(precision, p->count, errors, x->microbatch));
}

vic_status vic_send_error(vic_inference *x, const vic_local_population *r, int step) {
    if (x->microbatch_index == x->n_microbatches - 1)
        vic_emit_error(x, r->population, step);
    for (int k = 0; k < r->n_in; k++) {
        if (!vic_schedule_sends(x->schedule, r->in[k], VIC_ERROR, step))
            continue;
        vic_set_current_population(x, r->population);
        vic_channel *channel = carrier(x, vic_wiring_sender(x->wiring, r->in[k], VIC_ERROR), r->in[k]);
        void *message;
        VIC_TRY(vic_channel_compose(channel, &message));
        copy_error(x, r->population, array_of(x, message, r->in[k]));
        VIC_TRY(send_message(x, channel, r->in[k], VIC_ERROR, step, message));
    }
    return VIC_OK;
}

vic_status vic_receive_errors(vic_inference *x, vic_population *p, int step, bool *arrived) {
    *arrived = false;
    for (int k = 0; k < p->n_out; k++) {
        int edge = p->out[k].edge_index;
        if (!vic_schedule_sends(x->schedule, edge, VIC_ERROR, step))
            continue;
        const void *error;
        vic_channel *channel = carrier(x, vic_wiring_receiver(x->wiring, edge, VIC_ERROR), edge);
        VIC_TRY(vic_channel_receive(channel, &error));
        inspect(x, edge, p, step, "received error", error);
        vic_emit_message(x, VIC_EVENT_RECEIVED, edge, VIC_ERROR, step, error);
        vic_projection_set_error(&p->out[k], array_of(x, error, edge));
        *arrived = true;
    }
    return VIC_OK;
}
