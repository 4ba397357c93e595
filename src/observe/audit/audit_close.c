/* What the interposer counted in an inference, beside the ledger. Which ranks may exchange messages is
 * derived here from the edges and the placement, without vic_wiring. */
#include "audit_local.h"

#include <string.h>

typedef struct expectation {
    bool *wired;             /* per rank */
    vic_ledger_sum *counted; /* per rank, by MPI */
    vic_ledger_sum *shared;  /* per rank, through shared memory */
} expectation;

static void add(vic_ledger_sum *to, vic_ledger_sum more) {
    to->messages += more.messages;
    to->bytes += more.bytes;
}

/* What the ledger has of an edge and kind that this rank sends to another one. */
static void add_sent(expectation *e, const vic_ledger *ledger, int edge, vic_message_kind kind, int rank) {
    vic_ledger_sum all = vic_ledger_ever(ledger, edge, kind);
    vic_ledger_sum shared = vic_ledger_ever_shared(ledger, edge, kind);
    add(&e->shared[rank], shared);
    add(&e->counted[rank], (vic_ledger_sum){all.messages - shared.messages, all.bytes - shared.bytes});
}

/* Predictions go up an edge, errors down. */
static void expect(expectation *e, vic_audit *a, vic_inference *x) {
    const vic_network *network = vic_inference_network(x);
    const int *rank_of = vic_inference_rank_of(x);
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(x));
    vic_ledger_sum within = {0, 0};
    for (int i = 0; i < network->n_edges; i++) {
        int lower = rank_of[network->edges[i].from], upper = rank_of[network->edges[i].to];
        if (lower == upper && lower == a->me) {
            add(&within, vic_ledger_ever(ledger, i, VIC_PREDICTION));
            add(&within, vic_ledger_ever(ledger, i, VIC_ERROR));
        } else if (lower == a->me) {
            add_sent(e, ledger, i, VIC_PREDICTION, upper);
            e->wired[upper] = true;
        } else if (upper == a->me) {
            add_sent(e, ledger, i, VIC_ERROR, lower);
            e->wired[lower] = true;
        }
    }
    a->self.within_messages += within.messages;
    a->self.within_bytes += within.bytes;
}

static void compare(vic_audit *a, const vic_interposer_record *seen, const expectation *e, int rank) {
    vic_audit_pair *to = &a->to[rank], *from = &a->from[rank];
    vic_ledger_sum counted = e->counted[rank];
    to->messages += seen->messages[rank];
    to->bytes += seen->bytes[rank];
    to->ledger_messages += counted.messages;
    to->ledger_bytes += counted.bytes;
    to->shared_messages += e->shared[rank].messages;
    to->shared_bytes += e->shared[rank].bytes;
    to->disagreements += seen->messages[rank] != counted.messages || seen->bytes[rank] != counted.bytes;
    from->received += seen->received[rank];
    if (e->wired[rank]) {
        to->wired = from->wired = true;
        return;
    }
    to->stray_messages += seen->messages[rank];
    to->stray_bytes += seen->bytes[rank];
    from->stray_receives += seen->received[rank];
}

static vic_audit_call *find_call(const vic_audit *a, const char *name) {
    vic_audit_call *calls = (vic_audit_call *)(void *)a->calls.items;
    for (size_t i = 0; i < a->calls.n; i++)
        if (strcmp(calls[i].name, name) == 0)
            return &calls[i];
    return NULL;
}

vic_status vic_audit_add_calls(vic_audit *a, const vic_interposer_record *record, bool inside) {
    for (size_t i = 0; i < record->n_calls; i++) {
        const vic_interposer_call *seen = &record->calls[i];
        vic_audit_call *call = find_call(a, seen->name);
        if (call == NULL) {
            vic_audit_call fresh = {.rank = a->me};
            snprintf(fresh.name, sizeof fresh.name, "%s", seen->name);
            VIC_TRY(vic_list_add(&a->calls, &fresh));
            call = find_call(a, seen->name);
        }
        *(inside ? &call->inside_calls : &call->outside_calls) += seen->calls;
        *(inside ? &call->inside_bytes : &call->outside_bytes) += seen->bytes;
    }
    return VIC_OK;
}

static vic_status close_stage(vic_audit *a, const vic_stage *s, expectation *e) {
    const vic_interposer_record *seen = s->inside;
    VIC_TRY(vic_allocate((size_t)a->n_ranks, sizeof *e->wired, &e->wired));
    VIC_TRY(vic_allocate((size_t)a->n_ranks, sizeof *e->counted, &e->counted));
    VIC_TRY(vic_allocate((size_t)a->n_ranks, sizeof *e->shared, &e->shared));
    VIC_TRY(vic_audit_list_segments(a, s->inference));
    expect(e, a, s->inference);
    for (int rank = 0; rank < a->n_ranks; rank++)
        compare(a, seen, e, rank);
    a->self.all_calls += seen->all_calls;
    a->self.from_any_source += seen->from_any_source;
    a->self.outside_world += seen->outside_world;
    return vic_audit_add_calls(a, seen, true);
}

void vic_audit_close_stage(vic_audit *a, vic_stage *s) {
    expectation e = {0};
    vic_status status = close_stage(a, s, &e);
    if (status != VIC_OK)
        a->trouble = status;
    vic_release(&e.wired);
    vic_release(&e.counted);
    vic_release(&e.shared);
    vic_audit_take_inventory(a, s->inference);
}
