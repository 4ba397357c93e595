/* The event stream: who has subscribed is called for what happens. */
#include "inference.h"

static vic_subscriber *first;

void vic_subscribe(vic_subscriber *subscriber) {
    subscriber->next = first;
    first = subscriber;
}

void vic_unsubscribe(vic_subscriber *subscriber) {
    for (vic_subscriber **place = &first; *place; place = &(*place)->next)
        if (*place == subscriber) {
            *place = subscriber->next;
            return;
        }
}

static void emit(const vic_event *event) {
    for (vic_subscriber *s = first, *next; s; s = next) {
        next = s->next;
        if ((s->kinds & VIC_EVENT_BIT(event->kind)) && (s->only == NULL || s->only == event->inference))
            s->receive(s->context, event);
    }
}

static void emit_of_all(vic_inference *x, vic_event_kind kind, int step) {
    emit(&(vic_event){.kind = kind, .inference = x, .step = step, .population = -1, .edge = -1});
}

void vic_emit_begin(vic_inference *x) {
    emit_of_all(x, VIC_EVENT_BEGIN, -1);
}

void vic_emit_step_end(vic_inference *x, int step) {
    emit_of_all(x, VIC_EVENT_STEP_END, step);
}

void vic_emit_end(vic_inference *x) {
    emit_of_all(x, VIC_EVENT_END, -1);
}

void vic_emit_leave(vic_inference *x) {
    emit_of_all(x, VIC_EVENT_LEAVE, -1);
}

void vic_emit_error(vic_inference *x, const vic_population *p, int step) {
    if (first == NULL || x->is_dry)
        return;
    emit(&(vic_event){.kind = VIC_EVENT_ERROR,
                      .inference = x,
                      .step = step,
                      .population = p->id,
                      .edge = -1,
                      .part = {0, x->batch},
                      .values = p->error});
}

void vic_emit_message(vic_inference *x, vic_event_kind kind, int edge, vic_message_kind message, int step,
                      const void *values) {
    if (first == NULL || x->is_dry)
        return;
    const vic_edge *ends = &x->network->edges[edge];
    bool at_source = (kind == VIC_EVENT_SEND) == (message == VIC_PREDICTION);
    emit(&(vic_event){.kind = kind,
                      .inference = x,
                      .step = step,
                      .population = at_source ? ends->from : ends->to,
                      .edge = edge,
                      .message = message,
                      .part = x->part,
                      .values = values});
}
