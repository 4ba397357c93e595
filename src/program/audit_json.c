#include "audit_json.h"

#include <string.h>

static json_t *integer(uint64_t value) {
    return json_integer((json_int_t)value);
}

/* ---- between ranks ---- */

typedef uint64_t column(const vic_audit_pair *pair);

static uint64_t messages(const vic_audit_pair *p) {
    return p->messages;
}

static uint64_t bytes(const vic_audit_pair *p) {
    return p->bytes;
}

static uint64_t outside_messages(const vic_audit_pair *p) {
    return p->outside_messages;
}

static uint64_t outside_bytes(const vic_audit_pair *p) {
    return p->outside_bytes;
}

/* The pairs are in the order of a matrix. */
static json_t *matrix(const vic_audit_report *r, column *value) {
    json_t *rows = json_array();
    const vic_audit_pair *p = r->pairs, *end = r->pairs + r->n_pairs;
    for (int from = 0; from < r->n_ranks; from++) {
        json_t *row = json_array();
        for (int to = 0; to < r->n_ranks; to++) {
            bool here = p < end && p->from == from && p->to == to;
            json_array_append_new(row, integer(here ? value(p) : 0));
            p += here;
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *wired(const vic_audit_report *r) {
    json_t *pairs = json_array();
    for (size_t i = 0; i < r->n_pairs; i++)
        if (r->pairs[i].wired)
            json_array_append_new(pairs, json_pack("[i, i]", r->pairs[i].from, r->pairs[i].to));
    return pairs;
}

/* Of messages by MPI, to be compared with the matrix. */
static json_t *ledger(const vic_audit_report *r) {
    uint64_t sent = 0, size = 0;
    for (size_t i = 0; i < r->n_pairs; i++) {
        sent += r->pairs[i].ledger_messages;
        size += r->pairs[i].ledger_bytes;
    }
    return json_pack("{s:o, s:o}", "messages", integer(sent), "bytes", integer(size));
}

static json_t *within(const vic_audit_report *r) {
    uint64_t sent = 0, size = 0;
    for (int i = 0; i < r->n_ranks; i++) {
        sent += r->ranks[i].within_messages;
        size += r->ranks[i].within_bytes;
    }
    return json_pack("{s:o, s:o}", "messages", integer(sent), "bytes", integer(size));
}

/* ---- shared memory ---- */

static uint64_t shared_messages(const vic_audit_pair *p) {
    return p->shared_messages;
}

static uint64_t shared_bytes(const vic_audit_pair *p) {
    return p->shared_bytes;
}

static json_t *shared(const vic_audit_report *r) {
    json_t *segments = json_array();
    for (size_t i = 0; i < r->n_segments; i++) {
        const vic_audit_segment *s = &r->segments[i];
        json_array_append_new(segments, json_pack("{s:s, s:i, s:i, s:o, s:o}", "name", s->name, "rank",
                                                  s->rank, "edge", s->edge, "writable", integer(s->writable),
                                                  "readable", integer(s->readable)));
    }
    return json_pack("{s:o, s:o, s:o}", "messages", matrix(r, shared_messages), "bytes",
                     matrix(r, shared_bytes), "segments", segments);
}

/* ---- calls ---- */

static json_t *calls_inside(const vic_audit_report *r) {
    json_t *calls = json_array();
    for (size_t i = 0; i < r->n_calls; i++) {
        const vic_audit_call *c = &r->calls[i];
        if (c->inside_calls > 0)
            json_array_append_new(calls,
                                  json_pack("{s:i, s:s, s:o, s:o}", "rank", c->rank, "name", c->name, "calls",
                                            integer(c->inside_calls), "bytes", integer(c->inside_bytes)));
    }
    return calls;
}

static json_t *calls_outside(const vic_audit_report *r) {
    json_t *calls = json_array();
    size_t n;
    vic_audit_call *sums = vic_audit_sum_calls(r, &n);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(calls, json_pack("{s:s, s:o, s:o}", "name", sums[i].name, "calls",
                                               integer(sums[i].outside_calls), "bytes",
                                               integer(sums[i].outside_bytes)));
    vic_release(&sums);
    return calls;
}

/* ---- inventory ---- */

static json_t *allocation(const vic_audit_allocation *h) {
    json_t *shape = json_array();
    for (int d = 0; d < h->n_dims; d++)
        json_array_append_new(shape, integer(h->dim[d]));
    return json_pack("{s:s, s:s, s:o, s:o}", "kind", vic_allocation_kind_name(h->kind), "name", h->name,
                     "shape", shape, "bytes", integer(h->bytes));
}

static json_t *population(const vic_audit_report *r, int id) {
    json_t *allocations = json_array();
    uint64_t size = 0;
    int rank = -1;
    for (size_t i = 0; i < r->n_allocations; i++) {
        const vic_audit_allocation *h = &r->allocations[i];
        if (h->population != id)
            continue;
        json_array_append_new(allocations, allocation(h));
        size += h->bytes;
        rank = h->rank;
    }
    return json_pack("{s:i, s:i, s:o, s:o}", "population", id, "rank", rank, "bytes", integer(size),
                     "holdings", allocations);
}

static json_t *populations(const vic_audit_report *r) {
    json_t *all = json_array();
    for (int id = 0; id < vic_audit_populations(r); id++)
        json_array_append_new(all, population(r, id));
    return all;
}

static json_t *parameters(const vic_audit_report *r) {
    return json_pack("{s:o, s:o, s:o}", "arrays", integer(r->n_parameters), "bytes",
                     integer(vic_audit_parameter_bytes(r)), "held_bytes",
                     integer(vic_audit_bytes_of(r, -1, VIC_ALLOCATION_SYNAPSES)));
}

/* ---- all ---- */

static json_t *faults(const vic_audit_report *r) {
    json_t *texts = json_array();
    for (size_t i = 0; i < r->n_faults; i++)
        json_array_append_new(texts, json_string(r->faults[i]));
    return texts;
}

static json_t *outside(const vic_audit_report *r) {
    return json_pack("{s:o, s:o, s:o}", "messages", matrix(r, outside_messages), "bytes",
                     matrix(r, outside_bytes), "calls", calls_outside(r));
}

static json_t *overhead(const vic_audit_report *r) {
    return json_pack("{s:o, s:o, s:o}", "share", vic_json_number(r->overhead), "seconds_per_call",
                     vic_json_number(r->call_cost), "seconds_per_inference",
                     vic_json_number(r->inference_cost));
}

json_t *vic_audit_json(const vic_audit_report *r) {
    uint64_t inside = 0;
    for (size_t i = 0; i < r->n_calls; i++)
        inside += r->calls[i].inside_calls;
    return json_pack(
        "{s:b, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o}",
        "passed", r->passed, "faults", faults(r), "ranks", r->n_ranks, "inferences", integer(r->inferences),
        "messages", matrix(r, messages), "bytes", matrix(r, bytes), "wired", wired(r), "collectives_inside",
        integer(inside), "calls_inside", calls_inside(r), "ledger_agrees", r->ledger_agrees, "ledger",
        ledger(r), "within_ranks", within(r), "shared", shared(r), "outside", outside(r), "stock_agrees",
        r->inventory_agrees, "parameters", parameters(r), "populations", populations(r), "overhead",
        overhead(r));
}
