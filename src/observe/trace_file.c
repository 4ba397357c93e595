/* A trace as Chrome trace-event JSON, the format that Perfetto and chrome://tracing open: an array of events
 * in the order of their time, in microseconds. A process is a rank, a thread a population. Spans are events
 * X, an arrow is an s with its f, counters are C, names M. */
#include "trace.h"

#include "base/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* One end of a message: the span in which it was sent, or received. */
typedef struct message_end {
    const vic_trace_span *span;
    int64_t at; /* nanoseconds */
} message_end;

typedef struct arrow {
    message_end sent, received;
} arrow;

/* In the order in which those of one moment are written. */
typedef enum event_kind { SPAN, DEPARTURE, ARRIVAL, SIZE, GAP } event_kind;

typedef struct event {
    int64_t at;
    event_kind kind;
    size_t index; /* of the span, the arrow or the size */
} event;

typedef struct page {
    const vic_trace_data *trace_data;
    FILE *to;
    bool begun;
    message_end *sent, *received;
    size_t n_sent, n_received;
    arrow *arrows;
    size_t n_arrows;
    event *events;
    size_t n_events;
} page;

static int64_t nanoseconds(double seconds) {
    return llround(1e9 * seconds);
}

static int64_t length(const vic_trace_span *s) {
    return nanoseconds(s->span.end) - nanoseconds(s->span.begin);
}

/* ---- arrows ---- */

static int by_message(const void *a, const void *b) {
    const message_end *one = a, *other = b;
    const vic_span *x = &one->span->span, *y = &other->span->span;
    if (one->span->take != other->span->take)
        return one->span->take < other->span->take ? -1 : 1;
    if (x->edge != y->edge)
        return x->edge < y->edge ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    if (x->microbatch_index != y->microbatch_index)
        return x->microbatch_index < y->microbatch_index ? -1 : 1;
    return (one->at > other->at) - (one->at < other->at);
}

static bool same_message(const message_end *one, const message_end *other) {
    const vic_span *x = &one->span->span, *y = &other->span->span;
    return one->span->take == other->span->take && x->edge == y->edge && x->kind == y->kind &&
           x->step == y->step && x->microbatch_index == y->microbatch_index;
}

/* An arrow is drawn from the span that it begins in. Where posting took no time, as in memory, that is the
 * computing before it. */
static message_end begin_of(const vic_trace_data *trace_data, const vic_trace_span *s) {
    int64_t at = nanoseconds(s->span.begin);
    bool takes_time = length(s) > 0,
         follows = s > trace_data->spans && s[-1].rank == s->rank && s[-1].take == s->take &&
                   s[-1].span.population == s->span.population && length(s - 1) > 0;
    return (message_end){s, takes_time || !follows ? at : at - 1};
}

static message_end end_of(const vic_trace_span *s) {
    int64_t end = nanoseconds(s->span.end);
    return (message_end){s, length(s) > 0 ? end - 1 : end};
}

static vic_status find_arrows(page *p) {
    const vic_trace_data *trace_data = p->trace_data;
    VIC_TRY(vic_allocate(trace_data->n_spans, sizeof *p->sent, &p->sent));
    VIC_TRY(vic_allocate(trace_data->n_spans, sizeof *p->received, &p->received));
    VIC_TRY(vic_allocate(trace_data->n_spans, sizeof *p->arrows, &p->arrows));
    for (const vic_trace_span *s = trace_data->spans; s < trace_data->spans + trace_data->n_spans; s++) {
        if (s->span.doing == VIC_POSTING)
            p->sent[p->n_sent++] = begin_of(trace_data, s);
        if (s->span.doing == VIC_WAITING)
            p->received[p->n_received++] = end_of(s);
    }
    qsort(p->sent, p->n_sent, sizeof *p->sent, by_message);
    qsort(p->received, p->n_received, sizeof *p->received, by_message);
    for (size_t i = 0, k = 0; i < p->n_sent && k < p->n_received;) {
        if (same_message(&p->sent[i], &p->received[k]))
            p->arrows[p->n_arrows++] = (arrow){p->sent[i++], p->received[k++]};
        else if (by_message(&p->sent[i], &p->received[k]) < 0)
            i++;
        else
            k++;
    }
    return VIC_OK;
}

/* ---- events in their order ---- */

static int by_time(const void *a, const void *b) {
    const event *one = a, *other = b;
    if (one->at != other->at)
        return one->at < other->at ? -1 : 1;
    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

static void add(page *p, double at, event_kind kind, size_t index) {
    p->events[p->n_events++] = (event){nanoseconds(at), kind, index};
}

static vic_status order_events(page *p) {
    const vic_trace_data *trace_data = p->trace_data;
    size_t most = trace_data->n_spans + 2 * p->n_arrows + trace_data->n_sizes + trace_data->n_takes;
    VIC_TRY(vic_allocate(most, sizeof *p->events, &p->events));
    for (size_t i = 0; i < trace_data->n_spans; i++)
        if (length(&trace_data->spans[i]) > 0)
            add(p, trace_data->spans[i].span.begin, SPAN, i);
    for (size_t i = 0; i < p->n_arrows; i++) {
        p->events[p->n_events++] = (event){p->arrows[i].sent.at, DEPARTURE, i};
        p->events[p->n_events++] = (event){p->arrows[i].received.at, ARRIVAL, i};
    }
    for (size_t i = 0; i < trace_data->n_sizes; i++)
        add(p, trace_data->sizes[i].time, SIZE, i);
    for (size_t i = 1; i < trace_data->n_takes; i++)
        if (trace_data->takes[i].index > trace_data->takes[i - 1].index + 1)
            add(p, trace_data->takes[i - 1].end, GAP, i);
    qsort(p->events, p->n_events, sizeof *p->events, by_time);
    return VIC_OK;
}

/* ---- writing ---- */

static void separate(page *p) {
    fputs(p->begun ? ",\n" : "\n", p->to);
    p->begun = true;
}

static void write_time(FILE *to, const char *key, int64_t ns) {
    fprintf(to, ",\"%s\":%lld.%03d", key, (long long)(ns / 1000), (int)(ns % 1000));
}

static void write_name(page *p, const char *what, int rank, int population, const char *name, int order) {
    separate(p);
    fprintf(p->to, "{\"name\":\"%s_name\",\"ph\":\"M\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":\"%s\"}},\n",
            what, rank, population, name);
    fprintf(p->to,
            "{\"name\":\"%s_sort_index\",\"ph\":\"M\",\"pid\":%d,\"tid\":%d,\"args\":{\"sort_index\":%d}}",
            what, rank, population, order);
}

/* Idle ranks have no row. */
static void write_names(page *p) {
    const vic_trace_data *trace_data = p->trace_data;
    char name[96];
    for (int q = 0; q < trace_data->n_populations; q++) {
        int rank = trace_data->rank_of[q];
        const char *about = q == 0 ? "input" : q == trace_data->n_populations - 1 ? "output" : "hidden";
        if (q == 0 || trace_data->rank_of[q - 1] != rank) {
            snprintf(name, sizeof name, "rank %d", rank);
            write_name(p, "process", rank, q, name, rank);
        }
        snprintf(name, sizeof name, "population %d (%s, %zu neurons)", q, about, trace_data->neurons[q]);
        write_name(p, "thread", rank, q, name, q);
    }
}

static void write_message(const page *p, const vic_trace_take *take, const vic_span *span) {
    const int *ends = p->trace_data->ends + 2 * span->edge;
    bool up = span->kind == VIC_PREDICTION;
    fprintf(p->to, ",\"message\":\"%s %d -> %d\"", vic_message_kind_name(span->kind), ends[!up], ends[up]);
    if (take->microbatches > 1)
        fprintf(p->to, ",\"microbatch\":%d", span->microbatch_index);
}

static const char *name_of(const page *p, const vic_trace_span *s) {
    static const char *const names[] = {[VIC_POSTING] = "say",
                                        [VIC_CLEARING] = "wait for room to say",
                                        [VIC_POSTING_RECEIVE] = "listen",
                                        [VIC_WAITING] = "wait"};
    if (s->span.doing != VIC_COMPUTING)
        return names[s->span.doing];
    return s->span.step == 0                                    ? "compute: sweep"
           : s->span.step > p->trace_data->takes[s->take].steps ? "compute: gradients"
                                                                : "compute";
}

static const char *category_of(vic_doing doing) {
    return doing == VIC_COMPUTING                          ? "compute"
           : doing == VIC_WAITING || doing == VIC_CLEARING ? "wait"
                                                           : "message";
}

static void write_span(page *p, const vic_trace_span *s) {
    const vic_trace_take *take = &p->trace_data->takes[s->take];
    fprintf(p->to, "{\"name\":\"%s\",\"cat\":\"%s\",\"ph\":\"X\"", name_of(p, s), category_of(s->span.doing));
    write_time(p->to, "ts", nanoseconds(s->span.begin));
    write_time(p->to, "dur", length(s));
    fprintf(p->to, ",\"pid\":%d,\"tid\":%d,\"args\":{\"inference\":%llu,\"algorithm\":\"%s\"", s->rank,
            s->span.population, (unsigned long long)take->index, take->algorithm);
    if (s->span.step <= take->steps)
        fprintf(p->to, ",\"step\":%d", s->span.step);
    if (s->span.doing != VIC_COMPUTING)
        write_message(p, take, &s->span);
    fputs("}}", p->to);
}

static void write_arrow(page *p, size_t index, bool departs) {
    const message_end *end = departs ? &p->arrows[index].sent : &p->arrows[index].received;
    const vic_span *span = &end->span->span;
    fprintf(p->to, "{\"name\":\"%s\",\"cat\":\"message\",\"ph\":\"%s\",\"id\":%zu",
            vic_message_kind_name(span->kind), departs ? "s" : "f\",\"bp\":\"e", index);
    write_time(p->to, "ts", end->at);
    fprintf(p->to, ",\"pid\":%d,\"tid\":%d,\"args\":{\"step\":%d", end->span->rank, span->population,
            span->step);
    write_message(p, &p->trace_data->takes[end->span->take], span);
    fputs("}}", p->to);
}

static void write_size(page *p, const vic_trace_size *size, int64_t at) {
    bool output = size->population == p->trace_data->n_populations - 1;
    fprintf(p->to, "{\"name\":\"%s %d\",\"cat\":\"error\",\"ph\":\"C\"",
            output ? "loss at population" : "error norm of population", size->population);
    write_time(p->to, "ts", at);
    fprintf(p->to, ",\"pid\":%d,\"tid\":%d,\"args\":{\"%s\":%.6g}}", size->rank, size->population,
            output ? "loss" : "norm", size->value);
}

/* A mark across all rows where the inferences between two takes are missing. */
static void write_gap(page *p, size_t take, int64_t at) {
    unsigned long long first = p->trace_data->takes[take - 1].index + 1,
                       next = p->trace_data->takes[take].index;
    fprintf(p->to,
            "{\"name\":\"inferences %llu to %llu are left out\",\"cat\":\"trace\",\"ph\":\"i\",\"s\":\"g\"",
            first, next - 1);
    write_time(p->to, "ts", at);
    fputs(",\"pid\":0,\"tid\":0}", p->to);
}

static void write_event(page *p, const event *e) {
    separate(p);
    switch (e->kind) {
    case SPAN:
        write_span(p, &p->trace_data->spans[e->index]);
        break;
    case DEPARTURE:
    case ARRIVAL:
        write_arrow(p, e->index, e->kind == DEPARTURE);
        break;
    case SIZE:
        write_size(p, &p->trace_data->sizes[e->index], e->at);
        break;
    case GAP:
        write_gap(p, e->index, e->at);
        break;
    }
}

/* What the file is about, and what is not in it. */
static void write_about(const page *p) {
    const vic_trace_data *trace_data = p->trace_data;
    fprintf(
        p->to,
        "{\"displayTimeUnit\":\"ns\",\n\"otherData\":{\"about\":\"vicinal: a process per rank, a thread per "
        "population\",\"ranks\":%d,\"populations\":%d,\"messages\":%zu,\"clock_uncertainty_us\":%.3f,"
        "\"inferences\":%llu,\"inferences_left_out\":%llu,\n\"kept\":[",
        trace_data->n_ranks, trace_data->n_populations, p->n_arrows, 1e6 * trace_data->clock_uncertainty,
        (unsigned long long)trace_data->inferences,
        (unsigned long long)(trace_data->inferences - trace_data->n_takes));
    for (size_t i = 0; i < trace_data->n_takes; i++) {
        const vic_trace_take *take = &trace_data->takes[i];
        fprintf(p->to, "%s{\"inference\":%llu,\"algorithm\":\"%s\",\"steps\":%d,\"steps_left_out\":%d}",
                i ? ",\n" : "\n", (unsigned long long)take->index, take->algorithm, take->steps,
                take->steps - take->kept_steps);
    }
    fputs("]},\n\"traceEvents\":[", p->to);
}

static vic_status write_page(page *p) {
    write_about(p);
    write_names(p);
    for (size_t i = 0; i < p->n_events; i++)
        write_event(p, &p->events[i]);
    fputs("\n]}\n", p->to);
    return VIC_OK;
}

static vic_status write_file(page *p, const char *path) {
    char *text = NULL;
    size_t size = 0;
    p->to = open_memstream(&text, &size);
    if (p->to == NULL)
        return vic_fail(VIC_NO_MEMORY, "%s: out of memory", path);
    vic_status status = write_page(p);
    if (ferror(p->to) | fclose(p->to))
        status = vic_fail(VIC_NO_MEMORY, "%s: out of memory", path);
    if (status == VIC_OK)
        status = vic_write_file(path, text, size);
    free(text);
    return status;
}

vic_status vic_trace_write(const vic_trace_data *trace_data, const char *path) {
    page p = {.trace_data = trace_data};
    vic_status status = find_arrows(&p);
    if (status == VIC_OK)
        status = order_events(&p);
    if (status == VIC_OK)
        status = write_file(&p, path);
    vic_release(&p.sent);
    vic_release(&p.received);
    vic_release(&p.arrows);
    vic_release(&p.events);
    return status;
}
