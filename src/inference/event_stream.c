/* The event stream: calls the subscribers for each event. */
#include "inference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static vic_subscriber *first;

/* A walk over the list, which may begin within another: who comes next may leave meanwhile. */
typedef struct walk {
    vic_subscriber *next;
    struct walk *outer;
} walk;

static walk *innermost;

void vic_subscribe(vic_subscriber *subscriber) {
    subscriber->next = first;
    first = subscriber;
}

void vic_unsubscribe(vic_subscriber *subscriber) {
    for (walk *w = innermost; w; w = w->outer)
        if (w->next == subscriber)
            w->next = subscriber->next;
    for (vic_subscriber **place = &first; *place; place = &(*place)->next)
        if (*place == subscriber) {
            *place = subscriber->next;
            return;
        }
}

static bool is_wanted(const vic_inference *x, vic_event_kind kind) {
    for (const vic_subscriber *s = first; s; s = s->next)
        if ((s->kinds & VIC_EVENT_BIT(kind)) && (s->only == NULL || s->only == x))
            return true;
    return false;
}

static void emit(const vic_event *event) {
    walk w = {.next = first, .outer = innermost};
    innermost = &w;
    while (w.next) {
        vic_subscriber *s = w.next;
        w.next = s->next;
        if ((s->kinds & VIC_EVENT_BIT(event->kind)) && (s->only == NULL || s->only == event->inference))
            s->receive(s->context, event);
    }
    innermost = w.outer;
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

/* ---- events of a step are called in the order of populations, once it is over ---- */

typedef struct kept_event {
    vic_event event;
    size_t number;
    void *copy; /* of values that may change before the step is over; or NULL */
} kept_event;

struct vic_event_queue {
    size_t n, capacity;
    kept_event *of;
};

static vic_status ensure_capacity(vic_event_queue *q) {
    kept_event *more;
    if (q->n < q->capacity)
        return VIC_OK;
    size_t capacity = q->capacity ? 2 * q->capacity : 64;
    VIC_TRY(vic_allocate(capacity, sizeof *more, &more));
    for (size_t i = 0; i < q->n; i++)
        more[i] = q->of[i];
    vic_release(&q->of);
    q->of = more;
    q->capacity = capacity;
    return VIC_OK;
}

static vic_status keep(vic_inference *x, const vic_event *event, size_t bytes) {
    if (x->events == NULL)
        VIC_TRY(vic_allocate(1, sizeof *x->events, &x->events));
    VIC_TRY(ensure_capacity(x->events));
    kept_event *kept = &x->events->of[x->events->n];
    *kept = (kept_event){.event = *event, .number = x->events->n};
    if (bytes > 0) {
        VIC_TRY(vic_allocate(bytes, 1, &kept->copy));
        kept->event.values = memcpy(kept->copy, event->values, bytes);
    }
    x->events->n++;
    return VIC_OK;
}

/* Every rank learns of it when it asks for faults: this one goes on, for its neighbours wait for messages. */
static void keep_or_note(vic_inference *x, const vic_event *event, size_t bytes) {
    if (keep(x, event, bytes) == VIC_OK)
        return;
    vic_fault fault = {
        .found = true, .status = VIC_NO_MEMORY, .stage = event->step, .population = event->population};
    snprintf(fault.text, sizeof fault.text,
             "out of memory for the events of population %d at inference step %d", event->population,
             event->step);
    vic_fault_keep(&x->fault, &fault);
}

static int in_order(const void *a, const void *b) {
    const kept_event *one = a, *other = b;
    if (one->event.population != other->event.population)
        return one->event.population < other->event.population ? -1 : 1;
    return one->number < other->number ? -1 : 1;
}

void vic_emit_step(vic_inference *x) {
    vic_event_queue *q = x->events;
    if (q == NULL || q->n == 0)
        return;
    qsort(q->of, q->n, sizeof *q->of, in_order);
    for (size_t i = 0; i < q->n; i++) {
        emit(&q->of[i].event);
        vic_release(&q->of[i].copy);
    }
    q->n = 0;
}

void vic_event_queue_clear(vic_event_queue *q) {
    for (size_t i = 0; q && i < q->n; i++)
        vic_release(&q->of[i].copy);
    if (q)
        q->n = 0;
}

void vic_event_queue_destroy(vic_event_queue **queue) {
    vic_event_queue *q = *queue;
    vic_event_queue_clear(q);
    if (q)
        vic_release(&q->of);
    vic_release(queue);
}

/* The input has no error. */
size_t vic_event_forecast(const vic_network *network, const bool *here, size_t capacity) {
    size_t bytes = 0, number = vic_precision_bytes(network->precision);
    for (int p = 1; p < network->n_populations; p++) {
        size_t numbers = vic_size_product(vic_shape_count(network->shapes[p]), capacity);
        bytes = vic_size_sum(bytes, here[p] ? vic_allocated_bytes(numbers, number) : 0);
    }
    return bytes;
}

void vic_emit_error(vic_inference *x, const vic_population *p, int step) {
    if (first == NULL || x->is_dry || !is_wanted(x, VIC_EVENT_ERROR))
        return;
    vic_event event = {.kind = VIC_EVENT_ERROR,
                       .inference = x,
                       .step = step,
                       .population = p->id,
                       .edge = -1,
                       .microbatch = {0, x->batch},
                       .values = p->error};
    keep_or_note(x, &event, p->error ? p->count * x->batch * vic_precision_bytes(p->network->precision) : 0);
}

void vic_emit_message(vic_inference *x, vic_event_kind kind, int edge, vic_message_kind message, int step,
                      const void *values) {
    if (first == NULL || x->is_dry || !is_wanted(x, kind))
        return;
    const vic_edge *ends = &x->network->edges[edge];
    bool at_source = (kind == VIC_EVENT_SEND) == (message == VIC_PREDICTION);
    vic_event event = {.kind = kind,
                       .inference = x,
                       .step = step,
                       .population = at_source ? ends->from : ends->to,
                       .edge = edge,
                       .message = message,
                       .microbatch = x->microbatch,
                       .values = values};
    keep_or_note(x, &event, 0);
}
