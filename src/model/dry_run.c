/* The virtual clocks. A message of m bytes that is begun at t keeps its sender busy until t + o_s(m). It
 * leaves then, or when the sender's last one has been out of the way for its gap, and is there L + G m later;
 * its buffer is free after G m. Where its size needs a rendezvous, it does not leave before its receive is
 * posted, and its buffer is free when it is there. Its receiver has it o_r(m) after that, or after beginning
 * to wait, whichever is later (LogGP; see machine.h). */
#include "dry_run.h"

#include <math.h>
#include <string.h>

enum { FIRST_SPANS = 64 };

typedef struct message {
    double sent, leaves, posted; /* NaN: it has not come to that */
} message;

typedef struct rank {
    double clock, out_free; /* when its next message may leave */
    int population;         /* the current one; -1: none yet */
    size_t count, capacity;
    vic_span *spans;
} rank;

struct vic_dry_run {
    const vic_machine *machine;
    const vic_network *network;
    const int *rank_of;
    size_t batch;
    int n_ranks, steps, n_microbatches;
    const vic_wires *wires; /* that the messages cross; NULL: perfect ones */
    bool messages_are_free, recording;
    vic_status lost; /* why spans were, in a call that returns no status */
    vic_dry_messages hooks;
    vic_inference *inference;
    rank *ranks;
    vic_rank_timeline *records;
    message *messages; /* per edge, kind, step and micro-batch */
    double *ends;      /* per step */
};

size_t vic_dry_run_bytes(const vic_dry_run *run, int edge, vic_message_kind kind, int microbatch_index) {
    const vic_network *network = run->network;
    size_t features = vic_shape_count(network->shapes[network->edges[edge].to]);
    size_t samples = vic_nth_microbatch(run->batch, run->n_microbatches, microbatch_index).samples;
    if (run->wires == NULL)
        return features * samples * vic_precision_bytes(network->precision);
    return vic_wire_bytes(&run->wires->of[edge * VIC_MESSAGE_KINDS + (int)kind], network->precision, features,
                          samples);
}

static size_t bytes_of(const vic_dry_run *run, vic_dry_message m) {
    return vic_dry_run_bytes(run, m.edge, m.kind, m.microbatch_index);
}

static size_t count_messages(const vic_dry_run *run) {
    return vic_size_product(
        vic_size_product((size_t)run->network->n_edges * VIC_MESSAGE_KINDS, (size_t)run->steps + 1),
        (size_t)run->n_microbatches);
}

static message *entry(const vic_dry_run *run, vic_dry_message m) {
    size_t line = (size_t)m.edge * VIC_MESSAGE_KINDS + m.kind;
    size_t row = line * ((size_t)run->steps + 1) + (size_t)m.step;
    return &run->messages[row * (size_t)run->n_microbatches + (size_t)m.microbatch_index];
}

/* NULL: both ends are on one rank, and messages take no time; so they do where that is asked for. */
static const vic_link *link_of(const vic_dry_run *run, vic_dry_message m) {
    size_t from = (size_t)run->rank_of[m.sender], to = (size_t)run->rank_of[m.receiver];
    size_t here = vic_machine_ranks_of_node(run->machine);
    if (from == to || run->messages_are_free)
        return NULL;
    return from / here == to / here ? &run->machine->node : &run->machine->network;
}

static bool stays(const vic_dry_run *run, vic_dry_message m) {
    return run->rank_of[m.sender] == run->rank_of[m.receiver];
}

/* ---- spans ---- */

static vic_status grow(rank *r) {
    size_t capacity = r->capacity ? vic_size_product(2, r->capacity) : FIRST_SPANS;
    vic_span *spans;
    VIC_TRY(vic_allocate(capacity, sizeof *spans, &spans));
    if (r->count > 0)
        memcpy(spans, r->spans, r->count * sizeof *spans);
    vic_release(&r->spans);
    r->spans = spans;
    r->capacity = capacity;
    return VIC_OK;
}

static vic_status record(const vic_dry_run *run, rank *r, vic_span span) {
    if (!run->recording)
        return VIC_OK;
    if (r->count == r->capacity)
        VIC_TRY(grow(r));
    r->spans[r->count++] = span;
    return VIC_OK;
}

/* Lets the time of what the rank has computed pass. */
static vic_status catch_up(const vic_dry_run *run, int number) {
    rank *r = &run->ranks[number];
    double begin = r->clock;
    vic_cost cost = vic_inference_take_cost(run->inference, number);
    if (cost.tasks == 0)
        return VIC_OK;
    r->clock += vic_speed_seconds(&run->machine->speed[run->network->precision], cost);
    return record(run, r,
                  (vic_span){.begin = begin,
                             .end = r->clock,
                             .population = r->population,
                             .doing = VIC_COMPUTING,
                             .edge = -1,
                             .step = -1,
                             .microbatch_index = -1});
}

static vic_status record_message(const vic_dry_run *run, rank *r, vic_doing doing, vic_dry_message m,
                                 double begin) {
    return record(run, r,
                  (vic_span){.begin = begin,
                             .end = r->clock,
                             .population = r->population,
                             .doing = doing,
                             .edge = m.edge,
                             .step = m.step,
                             .microbatch_index = m.microbatch_index,
                             .kind = m.kind});
}

/* ---- what a rank does ---- */

static void set_current_population(void *context, int population) {
    vic_dry_run *run = context;
    int number = run->rank_of[population];
    rank *r = &run->ranks[number];
    if (r->population == population)
        return;
    if (r->population >= 0 && run->lost == VIC_OK)
        run->lost = catch_up(run, number);
    r->population = population;
}

/* Makes this population the current one of its rank, and returns the rank with its clock advanced to now. */
static vic_status switch_population(vic_dry_run *run, int population, rank **r) {
    set_current_population(run, population);
    *r = &run->ranks[run->rank_of[population]];
    return catch_up(run, run->rank_of[population]);
}

static vic_status send(void *context, vic_dry_message m) {
    vic_dry_run *run = context;
    const vic_link *link = link_of(run, m);
    message *sent = entry(run, m);
    size_t bytes = bytes_of(run, m);
    rank *r;
    VIC_TRY(switch_population(run, m.sender, &r));
    double begin = r->clock;
    sent->sent = sent->leaves = begin;
    if (link) {
        r->clock += vic_link_send(link, bytes);
        sent->leaves = fmax(r->clock, r->out_free);
        r->out_free = sent->leaves + vic_link_gap(link, bytes);
    }
    return record_message(run, r, VIC_POSTING, m, begin);
}

/* NaN: it has not. */
static double sets_off(const vic_link *link, size_t bytes, const message *m) {
    if (!vic_link_needs_rendezvous(link, bytes))
        return m->leaves;
    return isnan(m->leaves) || isnan(m->posted) ? NAN : fmax(m->leaves, m->posted);
}

/* When the buffer of a message is free; NaN: not known yet. */
static double has_left_at(const vic_dry_run *run, vic_dry_message last) {
    const vic_link *link = link_of(run, last);
    size_t bytes = bytes_of(run, last);
    if (link == NULL)
        return 0;
    return sets_off(link, bytes, entry(run, last)) + (vic_link_needs_rendezvous(link, bytes)
                                                          ? vic_link_flight(link, bytes)
                                                          : vic_link_transmission(link, bytes));
}

/* The message of the inference before has left. */
static bool was_sent(const vic_dry_run *run, vic_dry_message last) {
    return !isnan(entry(run, last)->sent);
}

static bool has_left(void *context, vic_dry_message last) {
    const vic_dry_run *run = context;
    return !was_sent(run, last) || !isnan(has_left_at(run, last));
}

static vic_status clear(void *context, vic_dry_message last) {
    vic_dry_run *run = context;
    rank *r;
    if (stays(run, last) || !was_sent(run, last))
        return VIC_OK;
    VIC_TRY(switch_population(run, last.sender, &r));
    double begin = r->clock;
    r->clock = fmax(r->clock, has_left_at(run, last));
    return record_message(run, r, VIC_CLEARING, last, begin);
}

static vic_status post_receive(void *context, vic_dry_message m) {
    vic_dry_run *run = context;
    const vic_link *link = link_of(run, m);
    rank *r;
    if (stays(run, m))
        return VIC_OK;
    VIC_TRY(switch_population(run, m.receiver, &r));
    double begin = r->clock;
    if (link)
        r->clock += vic_link_post_receive(link, bytes_of(run, m));
    entry(run, m)->posted = r->clock;
    return record_message(run, r, VIC_POSTING_RECEIVE, m, begin);
}

static bool has_arrived(void *context, vic_dry_message m) {
    return !isnan(entry(context, m)->sent);
}

static vic_status receive(void *context, vic_dry_message m) {
    vic_dry_run *run = context;
    const vic_link *link = link_of(run, m);
    const message *sent = entry(run, m);
    size_t bytes = bytes_of(run, m);
    rank *r;
    VIC_TRY(switch_population(run, m.receiver, &r));
    double begin = r->clock;
    if (link == NULL) {
        r->clock = fmax(r->clock, sent->sent);
    } else {
        r->clock = fmax(r->clock, sets_off(link, bytes, sent) + vic_link_flight(link, bytes));
        r->clock += vic_link_receive(link, bytes);
    }
    return record_message(run, r, VIC_WAITING, m, begin);
}

/* ---- all ranks ---- */

/* Goes on until the rank is done or waits for what has not been sent. */
static vic_status advance(vic_dry_run *run, int number, bool *moved) {
    vic_dry_progress progress;
    do {
        VIC_TRY(vic_inference_advance_dry(run->inference, number, &progress));
        *moved = *moved || progress.moved;
        if (progress.stepped) {
            VIC_TRY(catch_up(run, number));
            run->ends[progress.step] = fmax(run->ends[progress.step], run->ranks[number].clock);
        }
    } while (progress.stepped);
    return VIC_OK;
}

static void reset(vic_dry_run *run) {
    size_t n = count_messages(run);
    for (size_t m = 0; m < n; m++)
        run->messages[m] = (message){NAN, NAN, NAN};
    for (int step = 0; step <= run->steps; step++)
        run->ends[step] = 0;
    for (int i = 0; i < run->n_ranks; i++) {
        rank *r = &run->ranks[i];
        r->clock = r->out_free = 0;
        r->population = -1;
        r->count = 0;
    }
}

/* Ranks upward and downward in turn, in the direction of messages. */
vic_status vic_dry_run_play(vic_dry_run *run, bool messages_are_free, bool records) {
    bool moved = true;
    run->messages_are_free = messages_are_free;
    run->recording = records;
    run->lost = VIC_OK;
    reset(run);
    VIC_TRY(vic_inference_begin_dry(run->inference, run->batch));
    while (moved) {
        moved = false;
        for (int i = 0; i < run->n_ranks; i++)
            VIC_TRY(advance(run, i, &moved));
        for (int i = run->n_ranks; i-- > 0;)
            VIC_TRY(advance(run, i, &moved));
    }
    VIC_TRY(run->lost);
    for (int i = 0; records && i < run->n_ranks; i++)
        run->records[i] = (vic_rank_timeline){.spans = run->ranks[i].spans, .count = run->ranks[i].count};
    return VIC_OK;
}

static vic_status set(vic_dry_run *run, vic_inference_options options) {
    run->hooks = (vic_dry_messages){.context = run,
                                    .set_current_population = set_current_population,
                                    .send = send,
                                    .clear = clear,
                                    .post_receive = post_receive,
                                    .receive = receive,
                                    .has_left = has_left,
                                    .has_arrived = has_arrived};
    VIC_TRY(vic_inference_create_dry(&run->inference, run->network, run->rank_of, run->batch, options,
                                     &run->hooks));
    run->n_ranks = vic_inference_dry_ranks(run->inference);
    run->steps = vic_inference_steps(run->inference);
    run->n_microbatches = vic_inference_microbatches(run->inference, run->batch);
    VIC_TRY(vic_allocate((size_t)run->n_ranks, sizeof *run->ranks, &run->ranks));
    VIC_TRY(vic_allocate((size_t)run->n_ranks, sizeof *run->records, &run->records));
    VIC_TRY(vic_allocate(count_messages(run), sizeof *run->messages, &run->messages));
    return vic_allocate((size_t)run->steps + 1, sizeof *run->ends, &run->ends);
}

vic_status vic_dry_run_create(vic_dry_run **run, const vic_machine *machine, const vic_network *network,
                              const int *rank_of, size_t batch, vic_inference_options options) {
    VIC_TRY(vic_allocate(1, sizeof **run, run));
    **run = (vic_dry_run){
        .machine = machine, .network = network, .rank_of = rank_of, .batch = batch, .wires = options.wires};
    vic_status status = set(*run, options);
    if (status != VIC_OK)
        vic_dry_run_destroy(run);
    return status;
}

void vic_dry_run_destroy(vic_dry_run **run) {
    vic_dry_run *d = *run;
    if (d == NULL)
        return;
    vic_inference_destroy(&d->inference);
    for (int i = 0; d->ranks && i < d->n_ranks; i++)
        vic_release(&d->ranks[i].spans);
    vic_release(&d->ranks);
    vic_release(&d->records);
    vic_release(&d->messages);
    vic_release(&d->ends);
    vic_release(run);
}

int vic_dry_run_ranks(const vic_dry_run *run) {
    return run->n_ranks;
}

int vic_dry_run_steps(const vic_dry_run *run) {
    return run->steps;
}

double vic_dry_run_end(const vic_dry_run *run, int step) {
    return run->ends[step];
}

const vic_rank_timeline *vic_dry_run_records(const vic_dry_run *run) {
    return run->records;
}
