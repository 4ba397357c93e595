/* Each recorded inference is gathered as one row of numbers per rank, and rank 0 converts the times to its
 * clock. */
#include "trace_local.h"

#include <math.h>
#include <string.h>

enum { BEGIN, END, POPULATION, DOING, EDGE, STEP, MICROBATCH, KIND, WIDTH };

typedef struct collection {
    const vic_trace *trace;
    vic_trace_data *trace_data;
    vic_clock_check last;
    const vic_take *take;
    size_t row; /* numbers that a rank sends: how many spans, the ends of steps, sizes, spans */
    int *self;  /* rank r holds row r */
    double *mine, *all;
} collection;

static size_t columns(const vic_take *take) {
    return (size_t)take->kept_steps + 1;
}

/* Clocks that drift apart do so evenly between the two comparisons. */
static double on_one_clock(const collection *t, double time) {
    const vic_clock_check *first = &t->trace->first, *last = &t->last;
    double lapse = last->when - first->when, share = lapse > 0 ? (time - first->when) / lapse : 0;
    return time - (first->ahead + share * (last->ahead - first->ahead));
}

/* ---- on every rank ---- */

static void write_row(const collection *t) {
    const vic_take *take = t->take;
    size_t sizes = columns(take) * (size_t)t->trace->n_populations;
    double *to = t->mine;
    *to++ = (double)take->n_spans;
    for (size_t i = 0; i < columns(take); i++)
        *to++ = on_one_clock(t, take->step_ends[i]);
    memcpy(to, take->sizes, sizes * sizeof *to);
    to += sizes;
    for (const vic_span *span = take->spans; span < take->spans + take->n_spans; span++, to += WIDTH) {
        to[BEGIN] = on_one_clock(t, span->begin);
        to[END] = on_one_clock(t, span->end);
        to[POPULATION] = span->population;
        to[DOING] = (double)span->doing;
        to[EDGE] = span->edge;
        to[STEP] = span->step;
        to[MICROBATCH] = span->microbatch_index;
        to[KIND] = (double)span->kind;
    }
}

/* ---- on rank 0 ---- */

/* Grows an array by one item where it is full. */
static vic_status grow(void *array, size_t n, size_t *capacity, size_t size) {
    char *old, *larger;
    if (n < *capacity)
        return VIC_OK;
    memcpy(&old, array, sizeof old);
    *capacity = *capacity ? 2 * *capacity : 1024;
    VIC_TRY(vic_allocate(*capacity, size, &larger));
    if (n > 0)
        memcpy(larger, old, n * size);
    memcpy(array, &larger, sizeof larger);
    vic_release(&old);
    return VIC_OK;
}

static vic_status add_size(vic_trace_data *trace_data, vic_trace_size size) {
    VIC_TRY(grow(&trace_data->sizes, trace_data->n_sizes, &trace_data->size_capacity, sizeof size));
    trace_data->sizes[trace_data->n_sizes++] = size;
    return VIC_OK;
}

static vic_status add_span(vic_trace_data *trace_data, vic_trace_span span) {
    VIC_TRY(grow(&trace_data->spans, trace_data->n_spans, &trace_data->span_capacity, sizeof span));
    trace_data->spans[trace_data->n_spans++] = span;
    return VIC_OK;
}

static vic_status read_sizes(const collection *t, int rank, const double *ends, const double *sizes) {
    for (int p = 0; p < t->trace->n_populations; p++)
        for (size_t i = 0; i < columns(t->take); i++) {
            double value = sizes[(size_t)p * columns(t->take) + i];
            if (isfinite(value))
                VIC_TRY(add_size(t->trace_data, (vic_trace_size){rank, p, ends[i], value}));
        }
    return VIC_OK;
}

/* The step that was in progress at a time. */
static int step_at(const collection *t, const double *ends, double time) {
    int step = 0;
    while (step <= t->take->kept_steps && ends[step] < time)
        step++;
    return step <= t->take->kept_steps ? step : t->take->steps + 1;
}

static vic_status read_row(const collection *t, int rank, const double *from) {
    size_t count = (size_t)*from++, sizes = columns(t->take) * (size_t)t->trace->n_populations;
    const double *ends = from;
    VIC_TRY(read_sizes(t, rank, ends, from + columns(t->take)));
    from += columns(t->take) + sizes;
    for (size_t i = 0; i < count; i++, from += WIDTH) {
        vic_span span = {
            .begin = from[BEGIN],
            .end = from[END],
            .population = (int)from[POPULATION],
            .doing = (vic_doing)from[DOING],
            .edge = (int)from[EDGE],
            .step = (int)from[STEP],
            .microbatch_index = (int)from[MICROBATCH],
            .kind = (vic_message_kind)from[KIND],
        };
        if (span.doing == VIC_COMPUTING)
            span.step = step_at(t, ends, span.end);
        VIC_TRY(add_span(t->trace_data, (vic_trace_span){t->trace_data->n_takes, rank, span}));
    }
    return VIC_OK;
}

static vic_status read_take(collection *t) {
    vic_trace_take *entry = &t->trace_data->takes[t->trace_data->n_takes];
    size_t before = t->trace_data->n_spans;
    for (int rank = 0; rank < t->trace_data->n_ranks; rank++)
        VIC_TRY(read_row(t, rank, t->all + (size_t)rank * t->row));
    *entry = (vic_trace_take){.index = t->take->index,
                              .algorithm = t->take->algorithm,
                              .steps = t->take->steps,
                              .microbatches = t->take->microbatches,
                              .kept_steps = t->take->kept_steps,
                              .begin = INFINITY,
                              .end = -INFINITY};
    for (size_t i = before; i < t->trace_data->n_spans; i++) {
        entry->begin = fmin(entry->begin, t->trace_data->spans[i].span.begin);
        entry->end = fmax(entry->end, t->trace_data->spans[i].span.end);
    }
    t->trace_data->n_takes++;
    return VIC_OK;
}

static void count_from_zero(vic_trace_data *trace_data) {
    double origin = trace_data->n_takes > 0 ? trace_data->takes[0].begin : 0;
    for (size_t i = 0; i < trace_data->n_takes; i++) {
        trace_data->takes[i].begin -= origin;
        trace_data->takes[i].end -= origin;
    }
    for (size_t i = 0; i < trace_data->n_spans; i++) {
        trace_data->spans[i].span.begin -= origin;
        trace_data->spans[i].span.end -= origin;
    }
    for (size_t i = 0; i < trace_data->n_sizes; i++)
        trace_data->sizes[i].time -= origin;
}

/* ---- collective ---- */

static vic_status make_rows(collection *t) {
    VIC_TRY(vic_allocate(t->row, sizeof *t->mine, &t->mine));
    if (vic_group_rank(t->trace->group) == 0)
        VIC_TRY(vic_allocate(t->row * (size_t)t->trace_data->n_ranks, sizeof *t->all, &t->all));
    return VIC_OK;
}

static vic_status collect_take(collection *t) {
    vic_group *group = t->trace->group;
    int64_t spans = (int64_t)t->take->n_spans, most;
    VIC_TRY(vic_group_allreduce_max(group, 1, &spans, &most));
    t->row = 1 + columns(t->take) * (1 + (size_t)t->trace->n_populations) + WIDTH * (size_t)most;
    vic_status status = vic_group_agree_on_status(group, make_rows(t));
    if (status == VIC_OK) {
        write_row(t);
        status = vic_group_gather_rows(group, t->self, t->trace_data->n_ranks, t->row, t->mine, t->all);
    }
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, vic_group_rank(group) == 0 ? read_take(t) : VIC_OK);
    vic_release(&t->mine);
    vic_release(&t->all);
    return status;
}

static vic_status begin(collection *t) {
    vic_trace_data *trace_data = t->trace_data;
    size_t populations = (size_t)t->trace->n_populations, edges = (size_t)t->trace->n_edges;
    trace_data->n_edges = t->trace->n_edges;
    trace_data->n_ranks = vic_group_size(t->trace->group);
    trace_data->n_populations = t->trace->n_populations;
    trace_data->inferences = t->trace->inferences;
    VIC_TRY(vic_allocate((size_t)trace_data->n_ranks, sizeof *t->self, &t->self));
    for (int rank = 0; rank < trace_data->n_ranks; rank++)
        t->self[rank] = rank;
    VIC_TRY(vic_allocate(populations, sizeof *trace_data->rank_of, &trace_data->rank_of));
    VIC_TRY(vic_allocate(populations, sizeof *trace_data->neurons, &trace_data->neurons));
    VIC_TRY(vic_allocate(2 * edges, sizeof *trace_data->ends, &trace_data->ends));
    if (populations > 0) {
        memcpy(trace_data->rank_of, t->trace->rank_of, populations * sizeof *trace_data->rank_of);
        memcpy(trace_data->neurons, t->trace->neurons, populations * sizeof *trace_data->neurons);
        memcpy(trace_data->ends, t->trace->ends, 2 * edges * sizeof *trace_data->ends);
    }
    return vic_allocate(2 * t->trace->kept, sizeof *trace_data->takes, &trace_data->takes);
}

static vic_status compare_clocks(collection *t) {
    vic_group *group = t->trace->group;
    VIC_TRY(vic_clock_check_make(&t->last, group));
    int64_t mine = llround(1e9 * fmax(t->trace->first.uncertainty, t->last.uncertainty)), worst;
    VIC_TRY(vic_group_allreduce_max(group, 1, &mine, &worst));
    t->trace_data->clock_uncertainty = 1e-9 * (double)worst;
    return VIC_OK;
}

static vic_status collect_all(collection *t) {
    const vic_trace *trace = t->trace;
    uint64_t kept = trace->kept, all = trace->inferences, last = all > 2 * kept ? all - kept : kept;
    VIC_TRY(compare_clocks(t));
    for (uint64_t i = 0; i < all; i = i + 1 == kept ? last : i + 1) {
        t->take = vic_trace_place(trace, i);
        VIC_TRY(collect_take(t));
    }
    count_from_zero(t->trace_data);
    return VIC_OK;
}

vic_status vic_trace_collect(vic_trace *trace, vic_trace_data *trace_data) {
    collection t = {.trace = trace, .trace_data = trace_data};
    *trace_data = (vic_trace_data){0};
    vic_status status = trace->status == VIC_OK
                            ? begin(&t)
                            : vic_fail(trace->status, "out of memory: the trace has lost spans");
    status = vic_group_agree_on_status(trace->group, status);
    if (status == VIC_OK)
        status = collect_all(&t);
    vic_release(&t.self);
    return status;
}

void vic_trace_data_release(vic_trace_data *trace_data) {
    vic_release(&trace_data->rank_of);
    vic_release(&trace_data->neurons);
    vic_release(&trace_data->ends);
    vic_release(&trace_data->takes);
    vic_release(&trace_data->spans);
    vic_release(&trace_data->sizes);
}
