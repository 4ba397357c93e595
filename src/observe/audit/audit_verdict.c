/* The verdict: what must not have happened, one sentence for each fault. */
#include "audit_local.h"

#include <stdarg.h>
#include <string.h>

typedef unsigned long long count;

/* The report's list of faults grows by one. */
static vic_status blame(vic_audit_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static vic_status blame(vic_audit_report *r, const char *format, ...) {
    char(*larger)[VIC_AUDIT_FAULT];
    va_list arguments;
    VIC_TRY(vic_allocate(r->n_faults + 1, sizeof *larger, &larger));
    if (r->faults)
        memcpy(larger, r->faults, r->n_faults * sizeof *larger);
    vic_release(&r->faults);
    r->faults = larger;
    va_start(arguments, format);
    vsnprintf(r->faults[r->n_faults++], VIC_AUDIT_FAULT, format, arguments);
    va_end(arguments);
    return VIC_OK;
}

static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

/* ---- messages ---- */

static vic_status judge_strays(vic_audit_report *r, const vic_audit_pair *p) {
    if (p->stray_messages > 0)
        return blame(r,
                     "rank %d sent %llu message%s of %llu bytes to rank %d inside an inference, and no edge "
                     "joins them",
                     p->from, (count)p->stray_messages, plural(p->stray_messages), (count)p->stray_bytes,
                     p->to);
    if (p->stray_receives > 0)
        return blame(r, "rank %d listened to rank %d inside an inference, and no edge joins them", p->to,
                     p->from);
    return VIC_OK;
}

static vic_status judge_pair(vic_audit_report *r, const vic_audit_pair *p) {
    if (p->disagreements > 0)
        r->ledger_agrees = false;
    if (p->stray_messages > 0 || p->stray_receives > 0)
        return judge_strays(r, p);
    if (p->disagreements > 0)
        VIC_TRY(blame(r,
                      "rank %d sent rank %d %llu message%s of %llu bytes inside inferences, the ledger says "
                      "%llu of %llu",
                      p->from, p->to, (count)p->messages, plural(p->messages), (count)p->bytes,
                      (count)p->ledger_messages, (count)p->ledger_bytes));
    if (p->messages == p->received)
        return VIC_OK;
    return blame(r, "rank %d sent rank %d %llu message%s inside inferences, which listened for %llu", p->from,
                 p->to, (count)p->messages, plural(p->messages), (count)p->received);
}

/* ---- shared memory ---- */

static bool are_wired(const vic_audit_report *r, int a, int b) {
    for (size_t i = 0; i < r->n_pairs; i++)
        if (r->pairs[i].wired && r->pairs[i].from == a && r->pairs[i].to == b)
            return true;
    return false;
}

/* `s`: of two neighbours. */
static vic_status judge_declared(vic_audit_report *r, const vic_audit_segment *s) {
    if (s[0].edge < 0 || s[1].edge != s[0].edge)
        return blame(r, "ranks %d and %d have mapped the shared memory %s, which no edge of both declares",
                     s[0].rank, s[1].rank, s->name);
    for (int i = 0; i < 2; i++)
        if (s[i].writable + s[i].readable != s[i].declared)
            VIC_TRY(blame(r, "rank %d has mapped %zu bytes of the shared memory %s, and edge %d declares %zu",
                          s[i].rank, s[i].writable + s[i].readable, s->name, s[i].edge, s[i].declared));
    return VIC_OK;
}

/* Two neighbours, each of which can write one half. `s`: of the same name. */
static vic_status judge_segment(vic_audit_report *r, const vic_audit_segment *s, size_t n) {
    if (n == 1)
        return blame(r, "rank %d has mapped the shared memory %s, and no other rank has", s->rank, s->name);
    if (n > 2)
        return blame(r, "%zu ranks have mapped the shared memory %s, rank %d among them", n, s->name,
                     s[n - 1].rank);
    if (!are_wired(r, s[0].rank, s[1].rank))
        return blame(r, "ranks %d and %d have mapped the shared memory %s, and no edge joins them", s[0].rank,
                     s[1].rank, s->name);
    if (s[0].writable != s[1].readable || s[1].writable != s[0].readable)
        return blame(r, "ranks %d and %d can write the same part of the shared memory %s", s[0].rank,
                     s[1].rank, s->name);
    return judge_declared(r, s);
}

static vic_status judge_segments(vic_audit_report *r) {
    for (size_t i = 0, n; i < r->n_segments; i += n) {
        for (n = 1; i + n < r->n_segments && strcmp(r->segments[i].name, r->segments[i + n].name) == 0;)
            n++;
        VIC_TRY(judge_segment(r, &r->segments[i], n));
    }
    return VIC_OK;
}

static vic_status judge_call(vic_audit_report *r, const vic_audit_call *c) {
    if (c->inside_calls > 0)
        return blame(r, "rank %d called %s %llu time%s inside inferences", c->rank, c->name,
                     (count)c->inside_calls, plural(c->inside_calls));
    if (strncmp(c->name, "MPI_Win_", 8) == 0)
        return blame(r, "rank %d called %s: what goes through a window cannot be seen", c->rank, c->name);
    return VIC_OK;
}

static vic_status judge_rank(vic_audit_report *r, int rank) {
    const vic_audit_rank *self = &r->ranks[rank];
    if (self->from_any_source > 0)
        VIC_TRY(blame(r, "rank %d received from any source inside inferences", rank));
    if (self->outside_world > 0)
        VIC_TRY(blame(r, "rank %d talked to a process outside of this run inside inferences", rank));
    if (self->inferences != r->inferences)
        VIC_TRY(blame(r, "rank %d took part in %llu inferences, rank 0 in %llu", rank,
                      (count)self->inferences, (count)r->inferences));
    return VIC_OK;
}

/* ---- inventory ---- */

static vic_status judge_parameter(vic_audit_report *r, const vic_audit_parameter *p) {
    size_t times = 0, bytes = 0;
    for (size_t i = 0; i < r->n_allocations; i++) {
        const vic_audit_allocation *h = &r->allocations[i];
        if (h->kind != VIC_ALLOCATION_SYNAPSES || strcmp(h->name, p->name) != 0)
            continue;
        times++;
        bytes += h->bytes;
    }
    if (times == 1 && bytes == p->bytes)
        return VIC_OK;
    return blame(r, "%s is held %zu time%s, %zu bytes in all, instead of once, %zu bytes", p->name, times,
                 plural(times), bytes, p->bytes);
}

static vic_status judge_inventory(vic_audit_report *r) {
    size_t before = r->n_faults;
    for (int rank = 0; rank < r->n_ranks; rank++)
        if (r->ranks[rank].inventory_faults > 0)
            VIC_TRY(blame(r, "rank %d: %s", rank, r->ranks[rank].inventory_fault));
    for (size_t i = 0; i < r->n_parameters; i++)
        VIC_TRY(judge_parameter(r, &r->parameters[i]));
    r->inventory_agrees = r->n_faults == before;
    return VIC_OK;
}

vic_status vic_audit_judge(vic_audit_report *r) {
    r->ledger_agrees = true;
    for (int rank = 0; rank < r->n_ranks; rank++)
        VIC_TRY(judge_rank(r, rank));
    for (size_t i = 0; i < r->n_pairs; i++)
        VIC_TRY(judge_pair(r, &r->pairs[i]));
    for (size_t i = 0; i < r->n_calls; i++)
        VIC_TRY(judge_call(r, &r->calls[i]));
    VIC_TRY(judge_segments(r));
    VIC_TRY(judge_inventory(r));
    r->passed = r->n_faults == 0;
    return VIC_OK;
}
