/* Subscribes to the begin and end of inferences, so that calls inside and outside are counted separately. */
#include "audit_local.h"

#include <string.h>

/* ---- stages ---- */

static vic_stage *find(const vic_audit *a, const vic_inference *x) {
    vic_stage *s = a->stages;
    while (s && s->inference != x)
        s = s->next;
    return s;
}

static vic_stage *open_stage(vic_audit *a, vic_inference *x) {
    vic_stage *s;
    vic_status status = vic_allocate(1, sizeof *s, &s);
    if (status == VIC_OK)
        status = vic_interposer_record_create(&s->inside);
    if (status != VIC_OK) {
        a->trouble = status;
        vic_release(&s);
        return NULL;
    }
    s->inference = x;
    s->next = a->stages;
    return a->stages = s;
}

static void begin(vic_audit *a, vic_inference *x) {
    vic_stage *s = find(a, x);
    if (s == NULL)
        s = open_stage(a, x);
    if (s == NULL)
        return;
    vic_interposer_set_record(s->inside);
    s->began = vic_now();
}

static void end(vic_audit *a, const vic_inference *x) {
    const vic_stage *s = find(a, x);
    if (s)
        a->self.seconds += vic_now() - s->began;
    a->self.inferences++;
    vic_interposer_set_record(a->outside);
}

static void leave(vic_audit *a, const vic_inference *x) {
    for (vic_stage **place = &a->stages; *place; place = &(*place)->next) {
        vic_stage *s = *place;
        if (s->inference != x)
            continue;
        *place = s->next;
        vic_interposer_set_record(NULL);
        vic_audit_close_stage(a, s);
        vic_interposer_set_record(a->outside);
        vic_interposer_record_destroy(&s->inside);
        vic_release(&s);
        return;
    }
}

static void receive(void *context, const vic_event *event) {
    if (event->kind == VIC_EVENT_BEGIN)
        begin(context, event->inference);
    else if (event->kind == VIC_EVENT_END)
        end(context, event->inference);
    else
        leave(context, event->inference);
}

/* ---- the beginning ---- */

static vic_status make(vic_audit **audit, const vic_group *group) {
    VIC_TRY(vic_allocate(1, sizeof **audit, audit));
    vic_audit *a = *audit;
    a->me = vic_group_rank(group);
    a->n_ranks = vic_group_size(group);
    a->calls.item = sizeof(vic_audit_call);
    a->allocations.item = sizeof(vic_audit_allocation);
    a->parameters.item = sizeof(vic_audit_parameter);
    a->segments.item = sizeof(vic_audit_segment);
    a->subscriber = (vic_subscriber){.context = a,
                                     .kinds = VIC_EVENT_BIT(VIC_EVENT_BEGIN) | VIC_EVENT_BIT(VIC_EVENT_END) |
                                              VIC_EVENT_BIT(VIC_EVENT_LEAVE),
                                     .receive = receive};
    VIC_TRY(vic_allocate((size_t)a->n_ranks, sizeof *a->to, &a->to));
    VIC_TRY(vic_allocate((size_t)a->n_ranks, sizeof *a->from, &a->from));
    for (int rank = 0; rank < a->n_ranks; rank++) {
        a->to[rank] = (vic_audit_pair){.from = a->me, .to = rank};
        a->from[rank] = (vic_audit_pair){.from = rank, .to = a->me};
    }
    return vic_interposer_record_create(&a->outside);
}

vic_status vic_audit_start(vic_group *group) {
    if (!vic_interposer_is_available())
        return vic_fail(VIC_BAD_CONFIG,
                        "--audit: this program was built with an MPI that has no profiling interface");
    vic_status status = vic_group_agree_on_status(group, make(&vic_audit_now, group));
    if (status != VIC_OK)
        return status;
    vic_audit_measure(&vic_audit_now->self.call_cost, &vic_audit_now->self.inference_cost);
    vic_subscribe(&vic_audit_now->subscriber);
    vic_interposer_set_record(vic_audit_now->outside);
    return VIC_OK;
}

void vic_audit_measure(double *call_cost, double *inference_cost) {
    enum { TIMES = 2000 };
    vic_interposer_record *before = vic_interposer_set_record(NULL);
    *call_cost = vic_interposer_overhead();
    double start = vic_now();
    volatile double sink = 0;
    for (int i = 0; i < TIMES; i++) {
        vic_interposer_set_record(NULL);
        sink = sink + vic_now();
        sink = sink + vic_now();
        vic_interposer_set_record(NULL);
    }
    *inference_cost = (vic_now() - start) / TIMES;
    vic_interposer_set_record(before);
}

/* ---- what is not an inference's ---- */

void vic_audit_keep(const char *path) {
    if (vic_audit_now == NULL)
        return;
    vic_release(&vic_audit_now->path);
    if (vic_format(&vic_audit_now->path, "%s", path) != VIC_OK)
        vic_audit_now->trouble = VIC_NO_MEMORY;
}

const char *vic_audit_kept(void) {
    return vic_audit_now ? vic_audit_now->path : NULL;
}
