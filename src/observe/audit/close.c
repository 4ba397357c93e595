/* What the witness saw of an inference, beside what the ledger and the wiring say. Who may talk to whom is
 * worked out here from the edges and the placement, without the messages' own wiring. */
#include "local.h"

#include <string.h>

typedef struct expectation {
    bool *wired;            /* per rank */
    vic_ledger_sum *booked; /* per rank */
} expectation;

static void add(vic_ledger_sum *to, vic_ledger_sum more) {
    to->messages += more.messages;
    to->bytes += more.bytes;
}

/* Predictions go up an edge, errors down. */
static void expect(expectation *e, vic_audit *a, vic_inference *x) {
    const vic_network *network = vic_inference_network(x);
    const int *rank_of = vic_inference_rank_of(x);
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(x));
    vic_ledger_sum within = {0, 0};
    for (int i = 0; i < network->n_edges; i++) {
        int lower = rank_of[network->edges[i].from], upper = rank_of[network->edges[i].to];
        vic_ledger_sum *to_upper = lower == upper ? &within : &e->booked[upper];
        vic_ledger_sum *to_lower = lower == upper ? &within : &e->booked[lower];
        if (lower == a->me)
            add(to_upper, vic_ledger_ever(ledger, i, VIC_PREDICTION));
        if (upper == a->me)
            add(to_lower, vic_ledger_ever(ledger, i, VIC_ERROR));
        if (lower != upper && lower == a->me)
            e->wired[upper] = true;
        if (lower != upper && upper == a->me)
            e->wired[lower] = true;
    }
    a->self.within_messages += within.messages;
    a->self.within_bytes += within.bytes;
}

static void compare(vic_audit *a, const vic_witness_record *seen, const expectation *e, int rank) {
    vic_audit_pair *to = &a->to[rank], *from = &a->from[rank];
    vic_ledger_sum booked = e->booked[rank];
    to->messages += seen->messages[rank];
    to->bytes += seen->bytes[rank];
    to->booked_messages += booked.messages;
    to->booked_bytes += booked.bytes;
    to->disagreements += seen->messages[rank] != booked.messages || seen->bytes[rank] != booked.bytes;
    from->heard += seen->heard[rank];
    if (e->wired[rank]) {
        to->wired = from->wired = true;
        return;
    }
    to->stray_messages += seen->messages[rank];
    to->stray_bytes += seen->bytes[rank];
    from->stray_receives += seen->heard[rank];
}

static vic_audit_call *find_call(const vic_audit *a, const char *name) {
    vic_audit_call *calls = (vic_audit_call *)(void *)a->calls.items;
    for (size_t i = 0; i < a->calls.n; i++)
        if (strcmp(calls[i].name, name) == 0)
            return &calls[i];
    return NULL;
}

vic_status vic_audit_add_calls(vic_audit *a, const vic_witness_record *record, bool inside) {
    for (size_t i = 0; i < record->n_calls; i++) {
        const vic_witness_call *seen = &record->calls[i];
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
    const vic_witness_record *seen = s->inside;
    VIC_TRY(vic_allocate((size_t)a->n_ranks, sizeof *e->wired, &e->wired));
    VIC_TRY(vic_allocate((size_t)a->n_ranks, sizeof *e->booked, &e->booked));
    expect(e, a, s->inference);
    for (int rank = 0; rank < a->n_ranks; rank++)
        compare(a, seen, e, rank);
    a->self.noted += seen->noted;
    a->self.from_anybody += seen->from_anybody;
    a->self.from_beyond += seen->from_beyond;
    return vic_audit_add_calls(a, seen, true);
}

void vic_audit_close_stage(vic_audit *a, vic_stage *s) {
    expectation e = {0};
    vic_status status = close_stage(a, s, &e);
    if (status != VIC_OK)
        a->trouble = status;
    vic_release(&e.wired);
    vic_release(&e.booked);
    vic_audit_take_stock(a, s->inference);
}
