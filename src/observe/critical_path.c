/* The timelines of an inference as a graph: a population does one thing after another, receives a message
 * after it was sent, and overwrites a buffer after it was received, where it had to wait for that. Replayed
 * by populations that all have a processor of their own, each thing begins as soon as what it depends on is
 * done, and takes as long as it took; the end of the last one is the length of the longest chain. A wait
 * takes no longer than from the moment its message was said: what came before that is the sender's time. */
#include "critical_path.h"

#include <math.h>

/* Two moments in the life of a message; NaN: it has not come to that. */
typedef struct moments {
    double sent, received;
} moments;

typedef struct replay {
    const vic_network *network;
    int steps, microbatches;
    const vic_span **order; /* by population, then by time */
    size_t *first, *next;   /* per population, into `order` */
    double *clock;          /* per population */
    moments *seen, *now;    /* per message: as it was, and in the replay */
} replay;

static size_t count_messages(const replay *r) {
    return (size_t)r->network->n_edges * VIC_MESSAGE_KINDS * ((size_t)r->steps + 1) * (size_t)r->microbatches;
}

static size_t message_of(const replay *r, const vic_span *span) {
    size_t line = (size_t)span->edge * VIC_MESSAGE_KINDS + span->kind;
    return (line * ((size_t)r->steps + 1) + (size_t)span->step) * (size_t)r->microbatches +
           (size_t)span->microbatch_index;
}

static bool outlasted_receive(const replay *r, const vic_span *span) {
    return span->doing == VIC_CLEARING && r->seen[message_of(r, span)].received <= span->end;
}

/* When it could have gone on at the earliest, had the other end been infinitely fast from there on. */
static double ready(const replay *r, const vic_span *span) {
    double since = span->begin;
    if (span->doing == VIC_WAITING)
        since = r->seen[message_of(r, span)].sent;
    else if (outlasted_receive(r, span))
        since = r->seen[message_of(r, span)].received;
    return since > span->begin ? fmin(since, span->end) : span->begin;
}

static double cost(const replay *r, const vic_span *span) {
    return span->end - ready(r, span);
}

/* What has to have happened before; NULL: nothing. */
static const double *awaited(const replay *r, const vic_span *span) {
    if (span->doing == VIC_WAITING)
        return &r->now[message_of(r, span)].sent;
    return outlasted_receive(r, span) ? &r->now[message_of(r, span)].received : NULL;
}

/* ---- the graph ---- */

static void look_back(replay *r, const vic_rank_timeline *record) {
    for (size_t i = 0; i < record->count; i++) {
        const vic_span *span = &record->spans[i];
        if (span->doing == VIC_POSTING)
            r->seen[message_of(r, span)].sent = span->begin;
        if (span->doing == VIC_WAITING)
            r->seen[message_of(r, span)].received = span->end;
    }
}

static void sort_by_population(replay *r, size_t n_ranks, const vic_rank_timeline *records) {
    int populations = r->network->n_populations;
    for (size_t k = 0; k < n_ranks; k++)
        for (size_t i = 0; i < records[k].count; i++)
            r->first[records[k].spans[i].population + 1]++;
    for (int p = 0; p < populations; p++) {
        r->first[p + 1] += r->first[p];
        r->next[p] = r->first[p];
    }
    for (size_t k = 0; k < n_ranks; k++)
        for (size_t i = 0; i < records[k].count; i++)
            r->order[r->next[records[k].spans[i].population]++] = &records[k].spans[i];
}

static int count_microbatches(size_t n_ranks, const vic_rank_timeline *records) {
    int last = 0;
    for (size_t k = 0; k < n_ranks; k++)
        for (size_t i = 0; i < records[k].count; i++)
            last = records[k].spans[i].microbatch_index > last ? records[k].spans[i].microbatch_index : last;
    return last + 1;
}

static vic_status build(replay *r, size_t n_ranks, const vic_rank_timeline *records) {
    r->microbatches = count_microbatches(n_ranks, records);
    size_t populations = (size_t)r->network->n_populations, messages = count_messages(r), spans = 0;
    for (size_t k = 0; k < n_ranks; k++)
        spans += records[k].count;
    VIC_TRY(vic_allocate(spans, sizeof(const vic_span *), &r->order));
    VIC_TRY(vic_allocate(populations + 1, sizeof *r->first, &r->first));
    VIC_TRY(vic_allocate(populations, sizeof *r->next, &r->next));
    VIC_TRY(vic_allocate(populations, sizeof *r->clock, &r->clock));
    VIC_TRY(vic_allocate(messages, sizeof *r->seen, &r->seen));
    VIC_TRY(vic_allocate(messages, sizeof *r->now, &r->now));
    for (size_t m = 0; m < messages; m++)
        r->seen[m] = (moments){NAN, NAN};
    for (size_t k = 0; k < n_ranks; k++)
        look_back(r, &records[k]);
    sort_by_population(r, n_ranks, records);
    return VIC_OK;
}

static void tear_down(replay *r) {
    vic_release(&r->order);
    vic_release(&r->first);
    vic_release(&r->next);
    vic_release(&r->clock);
    vic_release(&r->seen);
    vic_release(&r->now);
}

/* ---- the replay ---- */

/* Lets a population do the next thing, if it can. */
static bool advance(replay *r, int population, bool messages_are_free) {
    if (r->next[population] == r->first[population + 1])
        return false;
    const vic_span *span = r->order[r->next[population]];
    const double *event = awaited(r, span);
    double *clock = &r->clock[population];
    if (event && isnan(*event))
        return false;
    if (event && *event > *clock)
        *clock = *event;
    if (span->doing == VIC_POSTING)
        r->now[message_of(r, span)].sent = *clock;
    if (span->doing == VIC_COMPUTING || !messages_are_free)
        *clock += cost(r, span);
    if (span->doing == VIC_WAITING)
        r->now[message_of(r, span)].received = *clock;
    r->next[population]++;
    return true;
}

static double run(replay *r, bool messages_are_free) {
    int populations = r->network->n_populations;
    double end = 0;
    for (size_t m = 0; m < count_messages(r); m++)
        r->now[m] = (moments){NAN, NAN};
    for (int p = 0; p < populations; p++) {
        r->next[p] = r->first[p];
        r->clock[p] = 0;
    }
    /* Predictions go up and errors down: so do these rounds. */
    for (bool moved = true; moved;) {
        moved = false;
        for (int p = 0; p < 2 * populations; p++)
            while (advance(r, p < populations ? p : 2 * populations - 1 - p, messages_are_free))
                moved = true;
    }
    for (int p = 0; p < populations; p++) {
        if (r->next[p] < r->first[p + 1])
            return NAN;
        end = fmax(end, r->clock[p]);
    }
    return end;
}

static vic_rank_time add_up(const replay *r, const vic_rank_timeline *record) {
    vic_rank_time time = {0};
    for (size_t i = 0; i < record->count; i++) {
        const vic_span *span = &record->spans[i];
        double whole = span->end - span->begin, own = cost(r, span);
        if (span->doing == VIC_COMPUTING)
            time.computing += whole;
        else if (span->doing == VIC_POSTING || span->doing == VIC_POSTING_RECEIVE)
            time.posting += whole;
        else
            time.wire += own;
        time.late += whole - own;
    }
    return time;
}

vic_status vic_critical_path(const vic_network *network, int steps, size_t n_ranks,
                             const vic_rank_timeline *records, double *path, double *free_path,
                             vic_rank_time *ranks) {
    replay r = {.network = network, .steps = steps};
    vic_status status = build(&r, n_ranks, records);
    if (status == VIC_OK) {
        *path = run(&r, false);
        *free_path = run(&r, true);
        for (size_t k = 0; k < n_ranks; k++)
            ranks[k] = add_up(&r, &records[k]);
    }
    tear_down(&r);
    return status;
}

/* The start of the inference, a wave from the input to the output, is not counted. */
double vic_step_of(size_t n_ranks, const vic_rank_timeline *records, int steps) {
    double first = 0, last = 0;
    for (size_t k = 0; k < n_ranks; k++)
        for (size_t i = 0; i < records[k].count; i++) {
            const vic_span *span = &records[k].spans[i];
            if (span->doing != VIC_WAITING)
                continue;
            first = span->step == 1 ? fmax(first, span->end) : first;
            last = span->step == steps ? fmax(last, span->end) : last;
        }
    return steps > 1 && last > first ? (last - first) / (steps - 1) : NAN;
}
