/* Telling: each inference that was kept travels as one row of numbers per rank, and rank 0 puts them on its
 * clock. */
#include "trace_inside.h"

#include <math.h>
#include <string.h>

enum { BEGIN, END, POPULATION, DOING, EDGE, STEP, PART, KIND, WIDTH };

typedef struct telling {
    const vic_trace *trace;
    vic_trace_story *story;
    vic_clock_check last;
    const vic_take *take;
    size_t row; /* numbers that a rank sends: how many spans, the ends of steps, sizes, spans */
    int *self;  /* rank r holds row r */
    double *mine, *all;
} telling;

static size_t columns(const vic_take *take) {
    return (size_t)take->kept_steps + 1;
}

/* Clocks that drift apart do so evenly between the two comparisons. */
static double on_one_clock(const telling *t, double time) {
    const vic_clock_check *first = &t->trace->first, *last = &t->last;
    double lapse = last->when - first->when, share = lapse > 0 ? (time - first->when) / lapse : 0;
    return time - (first->ahead + share * (last->ahead - first->ahead));
}

/* ---- on every rank ---- */

static void write_row(const telling *t) {
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
        to[PART] = span->part;
        to[KIND] = (double)span->kind;
    }
}

/* ---- on rank 0 ---- */

/* Makes room for one more item in a growing array. */
static vic_status grow(void *array, size_t n, size_t *room, size_t size) {
    char *old, *larger;
    if (n < *room)
        return VIC_OK;
    memcpy(&old, array, sizeof old);
    *room = *room ? 2 * *room : 1024;
    VIC_TRY(vic_allocate(*room, size, &larger));
    if (n > 0)
        memcpy(larger, old, n * size);
    memcpy(array, &larger, sizeof larger);
    vic_release(&old);
    return VIC_OK;
}

static vic_status add_size(vic_trace_story *story, vic_trace_size size) {
    VIC_TRY(grow(&story->sizes, story->n_sizes, &story->size_room, sizeof size));
    story->sizes[story->n_sizes++] = size;
    return VIC_OK;
}

static vic_status add_span(vic_trace_story *story, vic_trace_span span) {
    VIC_TRY(grow(&story->spans, story->n_spans, &story->span_room, sizeof span));
    story->spans[story->n_spans++] = span;
    return VIC_OK;
}

static vic_status read_sizes(const telling *t, int rank, const double *ends, const double *sizes) {
    for (int p = 0; p < t->trace->n_populations; p++)
        for (size_t i = 0; i < columns(t->take); i++) {
            double value = sizes[(size_t)p * columns(t->take) + i];
            if (isfinite(value))
                VIC_TRY(add_size(t->story, (vic_trace_size){rank, p, ends[i], value}));
        }
    return VIC_OK;
}

/* The step that was in progress at a time. */
static int step_at(const telling *t, const double *ends, double time) {
    int step = 0;
    while (step <= t->take->kept_steps && ends[step] < time)
        step++;
    return step <= t->take->kept_steps ? step : t->take->steps + 1;
}

static vic_status read_row(const telling *t, int rank, const double *from) {
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
            .part = (int)from[PART],
            .kind = (vic_message_kind)from[KIND],
        };
        if (span.doing == VIC_COMPUTING)
            span.step = step_at(t, ends, span.end);
        VIC_TRY(add_span(t->story, (vic_trace_span){t->story->n_takes, rank, span}));
    }
    return VIC_OK;
}

static vic_status read_take(telling *t) {
    vic_trace_take *told = &t->story->takes[t->story->n_takes];
    size_t before = t->story->n_spans;
    for (int rank = 0; rank < t->story->n_ranks; rank++)
        VIC_TRY(read_row(t, rank, t->all + (size_t)rank * t->row));
    *told = (vic_trace_take){.index = t->take->index,
                             .algorithm = t->take->algorithm,
                             .steps = t->take->steps,
                             .microbatches = t->take->microbatches,
                             .kept_steps = t->take->kept_steps,
                             .begin = INFINITY,
                             .end = -INFINITY};
    for (size_t i = before; i < t->story->n_spans; i++) {
        told->begin = fmin(told->begin, t->story->spans[i].span.begin);
        told->end = fmax(told->end, t->story->spans[i].span.end);
    }
    t->story->n_takes++;
    return VIC_OK;
}

static void count_from_zero(vic_trace_story *story) {
    double origin = story->n_takes > 0 ? story->takes[0].begin : 0;
    for (size_t i = 0; i < story->n_takes; i++) {
        story->takes[i].begin -= origin;
        story->takes[i].end -= origin;
    }
    for (size_t i = 0; i < story->n_spans; i++) {
        story->spans[i].span.begin -= origin;
        story->spans[i].span.end -= origin;
    }
    for (size_t i = 0; i < story->n_sizes; i++)
        story->sizes[i].time -= origin;
}

/* ---- collective ---- */

static vic_status make_rows(telling *t) {
    VIC_TRY(vic_allocate(t->row, sizeof *t->mine, &t->mine));
    if (vic_group_rank(t->trace->group) == 0)
        VIC_TRY(vic_allocate(t->row * (size_t)t->story->n_ranks, sizeof *t->all, &t->all));
    return VIC_OK;
}

static vic_status collect_take(telling *t) {
    vic_group *group = t->trace->group;
    int64_t spans = (int64_t)t->take->n_spans, most;
    VIC_TRY(vic_group_largest(group, 1, &spans, &most));
    t->row = 1 + columns(t->take) * (1 + (size_t)t->trace->n_populations) + WIDTH * (size_t)most;
    vic_status status = vic_group_agree(group, make_rows(t));
    if (status == VIC_OK) {
        write_row(t);
        status = vic_group_collect(group, t->self, t->story->n_ranks, t->row, t->mine, t->all);
    }
    if (status == VIC_OK)
        status = vic_group_agree(group, vic_group_rank(group) == 0 ? read_take(t) : VIC_OK);
    vic_release(&t->mine);
    vic_release(&t->all);
    return status;
}

static vic_status begin(telling *t) {
    vic_trace_story *story = t->story;
    size_t populations = (size_t)t->trace->n_populations, edges = (size_t)t->trace->n_edges;
    story->n_edges = t->trace->n_edges;
    story->n_ranks = vic_group_size(t->trace->group);
    story->n_populations = t->trace->n_populations;
    story->inferences = t->trace->inferences;
    VIC_TRY(vic_allocate((size_t)story->n_ranks, sizeof *t->self, &t->self));
    for (int rank = 0; rank < story->n_ranks; rank++)
        t->self[rank] = rank;
    VIC_TRY(vic_allocate(populations, sizeof *story->rank_of, &story->rank_of));
    VIC_TRY(vic_allocate(populations, sizeof *story->neurons, &story->neurons));
    VIC_TRY(vic_allocate(2 * edges, sizeof *story->ends, &story->ends));
    if (populations > 0) {
        memcpy(story->rank_of, t->trace->rank_of, populations * sizeof *story->rank_of);
        memcpy(story->neurons, t->trace->neurons, populations * sizeof *story->neurons);
        memcpy(story->ends, t->trace->ends, 2 * edges * sizeof *story->ends);
    }
    return vic_allocate(2 * t->trace->kept, sizeof *story->takes, &story->takes);
}

static vic_status compare_clocks(telling *t) {
    vic_group *group = t->trace->group;
    VIC_TRY(vic_clock_check_make(&t->last, group));
    int64_t mine = llround(1e9 * fmax(t->trace->first.uncertainty, t->last.uncertainty)), worst;
    VIC_TRY(vic_group_largest(group, 1, &mine, &worst));
    t->story->clock_uncertainty = 1e-9 * (double)worst;
    return VIC_OK;
}

static vic_status collect_all(telling *t) {
    const vic_trace *trace = t->trace;
    uint64_t kept = trace->kept, all = trace->inferences, last = all > 2 * kept ? all - kept : kept;
    VIC_TRY(compare_clocks(t));
    for (uint64_t i = 0; i < all; i = i + 1 == kept ? last : i + 1) {
        t->take = vic_trace_place(trace, i);
        VIC_TRY(collect_take(t));
    }
    count_from_zero(t->story);
    return VIC_OK;
}

vic_status vic_trace_tell(vic_trace *trace, vic_trace_story *story) {
    telling t = {.trace = trace, .story = story};
    *story = (vic_trace_story){0};
    vic_status status = trace->status == VIC_OK
                            ? begin(&t)
                            : vic_fail(trace->status, "out of memory: the trace has lost spans");
    status = vic_group_agree(trace->group, status);
    if (status == VIC_OK)
        status = collect_all(&t);
    vic_release(&t.self);
    return status;
}

void vic_trace_story_release(vic_trace_story *story) {
    vic_release(&story->rank_of);
    vic_release(&story->neurons);
    vic_release(&story->ends);
    vic_release(&story->takes);
    vic_release(&story->spans);
    vic_release(&story->sizes);
}
