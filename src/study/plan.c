/* An inference as it would go on a machine: every rank does what its part says, each thing as soon as it can.
 *
 * A message of m bytes that is begun at t keeps its speaker busy until t + o_s(m). It leaves then, or when
 * the speaker's last one has been out of the way for its gap, and is there L + G m later; its buffer is free
 * after G m. Where its size needs a rendezvous, it does not leave before its listener listens, and its buffer
 * is free when it is there. Its listener has it o_r(m) after that, or after beginning to wait, whichever is
 * later (LogGP; see vicinal/plan.h). */
#include "vicinal/plan.h"

#include "critical_path.h"
#include "score.h"

#include <math.h>

typedef struct message {
    double said, leaves, listened; /* NaN: it has not come to that */
} message;

typedef struct player {
    size_t next;
    int step;               /* that it is in */
    double clock, out_free; /* when its next message may leave */
} player;

typedef struct stage {
    const vic_machine *machine;
    const vic_network *network;
    const vic_score *score;
    const int *rank_of;
    bool messages_are_free;
    player *players;   /* per rank */
    message *messages; /* per edge, kind, step and slice */
    double *ends;      /* per step: when the last rank is done with it */
    vic_span *spans;   /* of all ranks, one behind the other; NULL: nobody asks */
    vic_record *records;
} stage;

static size_t index_of(const stage *s, const vic_note *note) {
    size_t line = (size_t)note->edge * VIC_MESSAGE_KINDS + note->kind;
    size_t row = line * ((size_t)s->score->steps + 1) + (size_t)note->step;
    return row * (size_t)s->score->n_slices + (size_t)note->slice;
}

static size_t count_messages(const stage *s) {
    return (size_t)s->network->n_edges * VIC_MESSAGE_KINDS * ((size_t)s->score->steps + 1) *
           (size_t)s->score->n_slices;
}

static size_t bytes_of(const stage *s, const vic_note *note) {
    return vic_score_bytes(s->score, note->edge, note->kind, note->slice);
}

/* NULL: both ends are on one rank, and messages take no time; so they do where that is asked for. */
static const vic_link *link_of(const stage *s, int edge) {
    size_t from = (size_t)s->rank_of[s->network->edges[edge].from];
    size_t to = (size_t)s->rank_of[s->network->edges[edge].to];
    size_t cores = s->machine->cores;
    if (from == to || s->messages_are_free)
        return NULL;
    return from / cores == to / cores ? &s->machine->node : &s->machine->network;
}

/* ---- what a rank does ---- */

static void post(const stage *s, player *p, const vic_note *note) {
    const vic_link *link = link_of(s, note->edge);
    message *m = &s->messages[index_of(s, note)];
    size_t bytes = bytes_of(s, note);
    m->said = m->leaves = p->clock;
    if (link == NULL)
        return;
    p->clock += vic_link_send(link, bytes);
    m->leaves = fmax(p->clock, p->out_free);
    p->out_free = m->leaves + vic_link_gap(link, bytes);
}

static void listen_for(const stage *s, player *p, const vic_note *note) {
    const vic_link *link = link_of(s, note->edge);
    if (link != NULL)
        p->clock += vic_link_listen(link, bytes_of(s, note));
    s->messages[index_of(s, note)].listened = p->clock;
}

/* NaN: it has not. */
static double sets_off(const vic_link *link, size_t bytes, const message *m) {
    if (!vic_link_needs_rendezvous(link, bytes) || isnan(m->leaves) || isnan(m->listened))
        return vic_link_needs_rendezvous(link, bytes) ? NAN : m->leaves;
    return fmax(m->leaves, m->listened);
}

/* Whether the last message on this channel, if there was one, has left or its leaving is known. */
static bool clear_way(const stage *s, player *p, const vic_note *note) {
    const vic_link *link = link_of(s, note->edge);
    const message *last = &s->messages[index_of(s, note)];
    size_t bytes = bytes_of(s, note);
    if (link == NULL)
        return true;
    double left = sets_off(link, bytes, last) + (vic_link_needs_rendezvous(link, bytes)
                                                     ? vic_link_flight(link, bytes)
                                                     : vic_link_crossing(link, bytes));
    if (isnan(left))
        return false;
    p->clock = fmax(p->clock, left);
    return true;
}

/* Whether the message has been said. */
static bool hear(const stage *s, player *p, const vic_note *note) {
    const vic_link *link = link_of(s, note->edge);
    const message *m = &s->messages[index_of(s, note)];
    size_t bytes = bytes_of(s, note);
    if (isnan(m->said))
        return false;
    if (link == NULL) {
        p->clock = fmax(p->clock, m->said);
        return true;
    }
    p->clock = fmax(p->clock, sets_off(link, bytes, m) + vic_link_flight(link, bytes));
    p->clock += vic_link_receive(link, bytes);
    return true;
}

/* Whether it could be done by now. */
static bool perform(const stage *s, player *p, const vic_note *note) {
    switch (note->doing) {
    case VIC_COMPUTING:
        p->clock += vic_speed_seconds(&s->machine->speed[s->network->precision], note->work);
        return true;
    case VIC_POSTING:
        post(s, p, note);
        return true;
    case VIC_CLEARING:
        return clear_way(s, p, note);
    case VIC_LISTENING:
        listen_for(s, p, note);
        return true;
    case VIC_WAITING:
        return hear(s, p, note);
    }
    return true;
}

static void record(const stage *s, int rank, const vic_note *note, double begin, double end) {
    vic_record *r = &s->records[rank];
    vic_span *spans = s->spans + (r->spans - s->spans);
    spans[r->count++] = (vic_span){
        .begin = begin,
        .end = end,
        .population = note->population,
        .doing = note->doing,
        .edge = note->edge,
        .step = note->step,
        .part = note->edge < 0 ? -1 : note->slice,
        .kind = note->kind,
    };
}

static void end_steps(const stage *s, const vic_part *part, player *p) {
    for (; p->step <= s->score->steps && part->ends[p->step] == p->next; p->step++)
        s->ends[p->step] = fmax(s->ends[p->step], p->clock);
}

/* Goes on until the part ends or waits for what has not been said; whether it came any further. */
static bool play(const stage *s, int rank) {
    const vic_part *part = &s->score->parts[rank];
    player *p = &s->players[rank];
    size_t before = p->next;
    end_steps(s, part, p);
    while (p->next < part->count) {
        double begin = p->clock;
        if (!perform(s, p, &part->notes[p->next]))
            break;
        if (s->spans)
            record(s, rank, &part->notes[p->next], begin, p->clock);
        p->next++;
        end_steps(s, part, p);
    }
    return p->next > before;
}

/* Ranks upward and downward in turn, as news goes. */
static void play_all(const stage *s) {
    int n = s->score->n_ranks;
    bool moved = true;
    for (size_t m = 0; m < count_messages(s); m++)
        s->messages[m] = (message){NAN, NAN, NAN};
    for (int step = 0; step <= s->score->steps; step++)
        s->ends[step] = 0;
    for (int rank = 0; rank < n; rank++)
        s->players[rank] = (player){0};
    while (moved) {
        moved = false;
        for (int rank = 0; rank < n; rank++)
            moved |= play(s, rank);
        for (int rank = n; rank-- > 0;)
            moved |= play(s, rank);
    }
}

static vic_status set(stage *s, bool with_spans) {
    size_t ranks = (size_t)s->score->n_ranks, notes = 0;
    VIC_TRY(vic_allocate(ranks, sizeof *s->players, &s->players));
    VIC_TRY(vic_allocate(count_messages(s), sizeof *s->messages, &s->messages));
    VIC_TRY(vic_allocate((size_t)s->score->steps + 1, sizeof *s->ends, &s->ends));
    if (!with_spans)
        return VIC_OK;
    for (size_t rank = 0; rank < ranks; rank++)
        notes += s->score->parts[rank].count;
    VIC_TRY(vic_allocate(notes, sizeof *s->spans, &s->spans));
    VIC_TRY(vic_allocate(ranks, sizeof *s->records, &s->records));
    vic_span *spans = s->spans;
    for (size_t rank = 0; rank < ranks; rank++) {
        s->records[rank].spans = spans;
        spans += s->score->parts[rank].count;
    }
    return VIC_OK;
}

static void clear(stage *s) {
    vic_release(&s->players);
    vic_release(&s->messages);
    vic_release(&s->ends);
    vic_release(&s->spans);
    vic_release(&s->records);
}

/* ---- what came of it ---- */

static vic_ledger_entry *entry(const vic_communication *c, const vic_span *span) {
    size_t row = (size_t)span->edge * VIC_MESSAGE_KINDS + span->kind;
    return &c->entries[row * ((size_t)c->steps + 1) + (size_t)span->step];
}

static void count_span(const vic_score *score, vic_communication *c, const vic_span *span) {
    double seconds = span->end - span->begin;
    if (span->doing == VIC_COMPUTING)
        return;
    vic_ledger_entry *e = entry(c, span);
    if (span->doing == VIC_POSTING) {
        e->messages++;
        e->bytes += vic_score_bytes(score, span->edge, span->kind, span->part);
    }
    if (span->doing == VIC_POSTING || span->doing == VIC_CLEARING)
        e->seconds_posting += seconds;
    else
        e->seconds_waiting += seconds;
}

static vic_status account(vic_communication *c, const stage *s) {
    const vic_score *score = s->score;
    size_t columns = (size_t)score->steps + 1;
    c->n_edges = s->network->n_edges;
    c->steps = score->steps;
    c->n_ranks = score->n_ranks;
    VIC_TRY(vic_allocate((size_t)c->n_edges * VIC_MESSAGE_KINDS * columns, sizeof *c->entries, &c->entries));
    VIC_TRY(vic_allocate((size_t)c->n_ranks, sizeof *c->ranks, &c->ranks));
    for (int rank = 0; rank < c->n_ranks; rank++)
        for (size_t i = 0; i < s->records[rank].count; i++)
            count_span(score, c, &s->records[rank].spans[i]);
    c->seconds = s->ends[c->steps];
    c->step = vic_step_of((size_t)c->n_ranks, s->records, c->steps);
    return vic_critical_path(s->network, c->steps, (size_t)c->n_ranks, s->records, &c->path, &c->free_path,
                             c->ranks);
}

/* The first step of the later half; in one step there is but that. */
static int later(int steps) {
    return steps / 2 + 1;
}

static double step_of(const stage *s) {
    int n = s->score->steps, before = later(n) - 1;
    return (s->ends[n] - s->ends[before]) / (n - before);
}

static void count_steps(vic_plan *plan, const stage *s) {
    const vic_communication *c = &plan->cost;
    int n = c->steps, first = later(n);
    double share = 1.0 / (n - first + 1);
    for (int i = 0; i < c->n_edges * VIC_MESSAGE_KINDS; i++) {
        const vic_edge *edge = &s->network->edges[i / VIC_MESSAGE_KINDS];
        bool crosses = s->rank_of[edge->from] != s->rank_of[edge->to];
        for (int step = first; step <= n; step++) {
            vic_ledger_entry e = vic_communication_at(c, i / VIC_MESSAGE_KINDS,
                                                      (vic_message_kind)(i % VIC_MESSAGE_KINDS), step);
            plan->step_messages += share * (double)e.messages;
            plan->step_bytes += share * (double)e.bytes;
            plan->rank_messages += crosses ? share * (double)e.messages : 0;
            plan->rank_bytes += crosses ? share * (double)e.bytes : 0;
        }
    }
}

static int busiest(const vic_communication *c) {
    int most = 0;
    for (int rank = 1; rank < c->n_ranks; rank++)
        if (c->ranks[rank].computing + c->ranks[rank].posting >
            c->ranks[most].computing + c->ranks[most].posting)
            most = rank;
    return most;
}

static vic_status foretell(vic_plan *plan, stage *s) {
    VIC_TRY(set(s, true));
    play_all(s);
    VIC_TRY(account(&plan->cost, s));
    plan->step = step_of(s);
    plan->bottleneck = busiest(&plan->cost);
    count_steps(plan, s);
    vic_release(&s->spans);
    s->messages_are_free = true;
    play_all(s);
    plan->free_seconds = s->ends[s->score->steps];
    plan->free_step = step_of(s);
    return VIC_OK;
}

static vic_status check(const vic_machine *machine, const vic_network *network, int ranks) {
    size_t cores = machine->cores, nodes = machine->nodes;
    if (machine->speed[network->precision].products == 0)
        return vic_fail(VIC_BAD_CONFIG, "the machine %s does not say how fast it is in %s (compute.%s)",
                        machine->name, vic_precision_name(network->precision),
                        vic_precision_name(network->precision));
    if ((size_t)ranks > cores * nodes)
        return vic_fail(VIC_BAD_CONFIG, "the machine %s has no room for %d ranks: nodes x cores = %zu x %zu",
                        machine->name, ranks, nodes, cores);
    return VIC_OK;
}

vic_status vic_plan_make(vic_plan *plan, const vic_machine *machine, const vic_network *network,
                         const int *rank_of, size_t batch, vic_inference_options options) {
    vic_score *score;
    *plan = (vic_plan){0};
    VIC_TRY(vic_score_create(&score, network, rank_of, batch, options));
    stage s = {.machine = machine, .network = network, .score = score, .rank_of = rank_of};
    vic_status status = check(machine, network, score->n_ranks);
    if (status == VIC_OK)
        status = foretell(plan, &s);
    clear(&s);
    vic_score_destroy(&score);
    return status;
}

void vic_plan_release(vic_plan *plan) {
    vic_communication_release(&plan->cost);
}
