/* Counts are gathered as one row per edge and kind, from senders and then from receivers; timelines as one
 * row per rank. */
#include "account.h"
#include "critical_path.h"

#include <math.h>

static size_t columns(const vic_communication *c) {
    return (size_t)c->steps + 1;
}

/* ---- counts ---- */

enum { MESSAGES, BYTES, POSTING, SENDER_WIDTH, RECEIVER_WIDTH = 1 };

typedef struct lines {
    vic_inference *inference;
    int n;
    int *end_of; /* per edge and kind: the rank that sends, or receives */
    double *mine, *all;
} lines;

static void choose_ends(lines *l, bool senders) {
    const vic_network *network = vic_inference_network(l->inference);
    const int *rank_of = vic_inference_rank_of(l->inference);
    for (int i = 0; i < l->n; i++) {
        const vic_edge *edge = &network->edges[i / VIC_MESSAGE_KINDS];
        bool lower_end = (i % VIC_MESSAGE_KINDS == VIC_PREDICTION) == senders;
        l->end_of[i] = rank_of[lower_end ? edge->from : edge->to];
    }
}

static void write_row(const vic_ledger_entry *e, bool sender, double *to) {
    if (!sender) {
        to[0] = e->seconds_waiting;
        return;
    }
    to[MESSAGES] = (double)e->messages;
    to[BYTES] = (double)e->bytes;
    to[POSTING] = e->seconds_posting;
}

static void read_row(vic_ledger_entry *e, bool sender, const double *from) {
    if (!sender) {
        e->seconds_waiting = from[0];
        return;
    }
    e->messages = (uint64_t)from[MESSAGES];
    e->bytes = (uint64_t)from[BYTES];
    e->seconds_posting = from[POSTING];
}

static vic_status collect_ends(lines *l, vic_communication *c, bool senders) {
    vic_group *group = vic_inference_group(l->inference);
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(l->inference));
    size_t width = senders ? SENDER_WIDTH : RECEIVER_WIDTH, row = width * columns(c);
    double *to = l->mine;
    choose_ends(l, senders);
    for (int i = 0; i < l->n; i++)
        for (int step = 0; l->end_of[i] == vic_group_rank(group) && step <= c->steps; step++, to += width) {
            vic_ledger_entry e = vic_ledger_at(ledger, i / VIC_MESSAGE_KINDS, i % VIC_MESSAGE_KINDS, step);
            write_row(&e, senders, to);
        }
    VIC_TRY(vic_group_gather_rows(group, l->end_of, l->n, row, l->mine, l->all));
    for (size_t k = 0; c->entries && k < (size_t)l->n * columns(c); k++)
        read_row(&c->entries[k], senders, l->all + k * width);
    return VIC_OK;
}

static vic_status make_lines(lines *l, vic_communication *c) {
    size_t n = (size_t)l->n, numbers = n * SENDER_WIDTH * columns(c);
    bool first = vic_group_rank(vic_inference_group(l->inference)) == 0;
    size_t local = 0;
    VIC_TRY(vic_allocate(n, sizeof *l->end_of, &l->end_of));
    for (int senders = 0; senders < 2; senders++) {
        choose_ends(l, senders == 1);
        for (size_t i = 0; i < n; i++)
            local += l->end_of[i] == vic_group_rank(vic_inference_group(l->inference));
    }
    VIC_TRY(vic_allocate(local * SENDER_WIDTH * columns(c), sizeof *l->mine, &l->mine));
    if (first)
        VIC_TRY(vic_allocate(numbers, sizeof *l->all, &l->all));
    return first ? vic_allocate(n * columns(c), sizeof *c->entries, &c->entries) : VIC_OK;
}

static vic_status collect_counts(vic_communication *c, vic_inference *inference) {
    lines l = {.inference = inference, .n = c->n_edges * VIC_MESSAGE_KINDS};
    vic_status status = vic_group_agree_on_status(vic_inference_group(inference), make_lines(&l, c));
    if (status == VIC_OK)
        status = collect_ends(&l, c, true);
    if (status == VIC_OK)
        status = collect_ends(&l, c, false);
    vic_release(&l.end_of);
    vic_release(&l.mine);
    vic_release(&l.all);
    return status;
}

/* ---- timelines ---- */

enum { BEGIN, END, POPULATION, DOING, EDGE, STEP, MICROBATCH, KIND, WIDTH };

typedef struct rank_timelines {
    vic_inference *inference;
    size_t longest;
    int *self; /* rank r holds row r */
    double *mine, *all;
    vic_span *spans;
    vic_rank_timeline *records; /* per rank */
} rank_timelines;

static vic_status make_timelines(rank_timelines *r, vic_communication *c) {
    size_t ranks = (size_t)c->n_ranks, row = 1 + WIDTH * r->longest;
    VIC_TRY(vic_allocate(ranks, sizeof *r->self, &r->self));
    for (int k = 0; k < c->n_ranks; k++)
        r->self[k] = k;
    VIC_TRY(vic_allocate(row, sizeof *r->mine, &r->mine));
    if (vic_group_rank(vic_inference_group(r->inference)) != 0)
        return VIC_OK;
    VIC_TRY(vic_allocate(ranks * row, sizeof *r->all, &r->all));
    VIC_TRY(vic_allocate(ranks * r->longest, sizeof *r->spans, &r->spans));
    VIC_TRY(vic_allocate(ranks, sizeof *r->records, &r->records));
    return vic_allocate(ranks, sizeof *c->ranks, &c->ranks);
}

static void write_timeline(const vic_span *spans, size_t count, double ahead, double *to) {
    *to++ = (double)count;
    for (size_t i = 0; i < count; i++, to += WIDTH) {
        to[BEGIN] = spans[i].begin - ahead;
        to[END] = spans[i].end - ahead;
        to[POPULATION] = spans[i].population;
        to[DOING] = (double)spans[i].doing;
        to[EDGE] = spans[i].edge;
        to[STEP] = spans[i].step;
        to[MICROBATCH] = spans[i].microbatch_index;
        to[KIND] = (double)spans[i].kind;
    }
}

/* What lies before `start` is cut off: a rank that came earlier has not waited for a message yet. */
static size_t read_timeline(const double *from, double start, vic_span *spans) {
    size_t kept = 0, count = (size_t)*from++;
    for (size_t i = 0; i < count; i++, from += WIDTH)
        if (from[END] > start)
            spans[kept++] = (vic_span){
                .begin = fmax(from[BEGIN], start) - start,
                .end = from[END] - start,
                .population = (int)from[POPULATION],
                .doing = (vic_doing)from[DOING],
                .edge = (int)from[EDGE],
                .step = (int)from[STEP],
                .microbatch_index = (int)from[MICROBATCH],
                .kind = (vic_message_kind)from[KIND],
            };
    return kept;
}

static void read_timelines(const rank_timelines *r, vic_communication *c) {
    size_t row = 1 + WIDTH * r->longest;
    double start = r->all[(size_t)vic_inference_rank_of(r->inference)[0] * row + 1 + BEGIN];
    for (size_t k = 0; k < (size_t)c->n_ranks; k++) {
        vic_span *spans = r->spans + k * r->longest;
        size_t count = read_timeline(r->all + k * row, start, spans);
        r->records[k] = (vic_rank_timeline){.spans = spans, .count = count};
        if (count > 0)
            c->seconds = fmax(c->seconds, spans[count - 1].end);
    }
}

static vic_status collect_spans(rank_timelines *r, vic_communication *c, double ahead) {
    vic_group *group = vic_inference_group(r->inference);
    size_t count;
    const vic_timeline *timeline = vic_wiring_timeline(vic_inference_wiring(r->inference));
    const vic_span *spans = vic_timeline_spans(timeline, &count);
    const int64_t mine[] = {(int64_t)count, (int64_t)vic_timeline_readings(timeline)};
    int64_t most[2];
    VIC_TRY(vic_group_allreduce_max(group, 2, mine, most));
    r->longest = (size_t)most[0];
    c->most_readings = (size_t)most[1];
    VIC_TRY(vic_group_agree_on_status(group, make_timelines(r, c)));
    write_timeline(spans, count, ahead, r->mine);
    VIC_TRY(vic_group_gather_rows(group, r->self, c->n_ranks, 1 + WIDTH * r->longest, r->mine, r->all));
    if (r->all == NULL)
        return vic_group_agree_on_status(group, VIC_OK);
    read_timelines(r, c);
    c->step = vic_step_of((size_t)c->n_ranks, r->records, c->steps);
    return vic_group_agree_on_status(group, vic_critical_path(vic_inference_network(r->inference), c->steps,
                                                              (size_t)c->n_ranks, r->records, &c->path,
                                                              &c->free_path, c->ranks));
}

static vic_status collect_timelines(vic_communication *c, vic_inference *inference, double ahead) {
    rank_timelines r = {.inference = inference};
    vic_status status = collect_spans(&r, c, ahead);
    vic_release(&r.self);
    vic_release(&r.mine);
    vic_release(&r.all);
    vic_release(&r.spans);
    vic_release(&r.records);
    return status;
}

vic_status vic_account(vic_communication *c, vic_inference *inference, double ahead) {
    *c = (vic_communication){
        .n_edges = vic_inference_network(inference)->n_edges,
        .steps = vic_inference_steps(inference),
        .n_ranks = vic_group_size(vic_inference_group(inference)),
    };
    VIC_TRY(collect_counts(c, inference));
    return collect_timelines(c, inference, ahead);
}
