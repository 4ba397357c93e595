/* What an inference would cost on a machine: a dry run, accounted for as a measured one. */
#include "plan.h"
#include "dry_run.h"

#include <math.h>

typedef struct outcome {
    const vic_network *network;
    const int *rank_of;
    vic_dry_run *run;
} outcome;

static vic_ledger_entry *entry(const vic_communication *c, const vic_span *span) {
    size_t row = (size_t)span->edge * VIC_MESSAGE_KINDS + span->kind;
    return &c->entries[row * ((size_t)c->steps + 1) + (size_t)span->step];
}

static void count_span(const vic_dry_run *run, vic_communication *c, const vic_span *span) {
    double seconds = span->end - span->begin;
    if (span->doing == VIC_COMPUTING)
        return;
    vic_ledger_entry *e = entry(c, span);
    if (span->doing == VIC_POSTING) {
        e->messages++;
        e->bytes += vic_dry_run_bytes(run, span->edge, span->kind, span->microbatch_index);
    }
    if (span->doing == VIC_POSTING || span->doing == VIC_CLEARING)
        e->seconds_posting += seconds;
    else
        e->seconds_waiting += seconds;
}

static vic_status account(vic_communication *c, const outcome *o) {
    const vic_rank_timeline *records = vic_dry_run_records(o->run);
    c->n_edges = o->network->n_edges;
    c->steps = vic_dry_run_steps(o->run);
    c->n_ranks = vic_dry_run_ranks(o->run);
    size_t rows = (size_t)c->n_edges * VIC_MESSAGE_KINDS;
    VIC_TRY(vic_allocate(rows * ((size_t)c->steps + 1), sizeof *c->entries, &c->entries));
    VIC_TRY(vic_allocate((size_t)c->n_ranks, sizeof *c->ranks, &c->ranks));
    for (int rank = 0; rank < c->n_ranks; rank++)
        for (size_t i = 0; i < records[rank].count; i++)
            count_span(o->run, c, &records[rank].spans[i]);
    c->seconds = vic_dry_run_end(o->run, c->steps);
    c->step = vic_step_of((size_t)c->n_ranks, records, c->steps);
    return vic_critical_path(o->network, c->steps, (size_t)c->n_ranks, records, &c->path, &c->free_path,
                             c->ranks);
}

/* The first step of the later half; in one step there is but that. */
static int later(int steps) {
    return steps / 2 + 1;
}

static double step_of(const vic_dry_run *run) {
    int n = vic_dry_run_steps(run), before = later(n) - 1;
    return (vic_dry_run_end(run, n) - vic_dry_run_end(run, before)) / (n - before);
}

static void count_steps(vic_plan *plan, const outcome *o) {
    const vic_communication *c = &plan->communication;
    int n = c->steps, first = later(n);
    double share = 1.0 / (n - first + 1);
    for (int i = 0; i < c->n_edges * VIC_MESSAGE_KINDS; i++) {
        const vic_edge *edge = &o->network->edges[i / VIC_MESSAGE_KINDS];
        bool crosses = o->rank_of[edge->from] != o->rank_of[edge->to];
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

static vic_status predict(vic_plan *plan, const outcome *o) {
    VIC_TRY(vic_dry_run_play(o->run, false, true));
    VIC_TRY(account(&plan->communication, o));
    plan->step = step_of(o->run);
    plan->bottleneck = busiest(&plan->communication);
    count_steps(plan, o);
    VIC_TRY(vic_dry_run_play(o->run, true, false));
    plan->free_seconds = vic_dry_run_end(o->run, vic_dry_run_steps(o->run));
    plan->free_step = step_of(o->run);
    return VIC_OK;
}

static vic_status check(const vic_machine *machine, const vic_network *network, int ranks) {
    size_t here = vic_machine_ranks_of_node(machine), nodes = machine->nodes;
    if (machine->speed[network->precision].products == 0)
        return vic_fail(VIC_BAD_CONFIG, "the machine %s has no speed for %s (compute.%s)", machine->name,
                        vic_precision_name(network->precision), vic_precision_name(network->precision));
    if ((size_t)ranks > here * nodes)
        return vic_fail(VIC_BAD_CONFIG,
                        "the machine %s has no room for %d ranks: nodes x ranks of a node = %zu x %zu",
                        machine->name, ranks, nodes, here);
    return VIC_OK;
}

vic_status vic_plan_make(vic_plan *plan, const vic_machine *machine, const vic_network *network,
                         const int *rank_of, size_t batch, vic_inference_options options) {
    outcome o = {.network = network, .rank_of = rank_of};
    *plan = (vic_plan){0};
    VIC_TRY(vic_dry_run_create(&o.run, machine, network, rank_of, batch, options));
    vic_status status = check(machine, network, vic_dry_run_ranks(o.run));
    if (status == VIC_OK)
        status = predict(plan, &o);
    vic_dry_run_destroy(&o.run);
    return status;
}

void vic_plan_release(vic_plan *plan) {
    vic_communication_release(&plan->communication);
}
