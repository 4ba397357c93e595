/* An audit for people. */
#include "observe/audit/audit.h"

#include <string.h>

enum { WIDEST_MATRIX = 8, MOST_LISTED = 12, SHAPE = 64 };

typedef unsigned long long count;

static const char *plural(uint64_t n) {
    return n == 1 ? "" : "s";
}

/* ---- from rank to rank ---- */

typedef uint64_t column(const vic_audit_pair *pair);

static uint64_t messages(const vic_audit_pair *p) {
    return p->messages;
}

static uint64_t bytes(const vic_audit_pair *p) {
    return p->bytes;
}

/* The pairs are in the order of a matrix. */
static void print_matrix(FILE *to, const vic_audit_report *r, const char *title, column *value) {
    const vic_audit_pair *p = r->pairs, *end = r->pairs + r->n_pairs;
    fprintf(to, "  %-10s to rank", title);
    for (int rank = 0; rank < r->n_ranks; rank++)
        fprintf(to, rank ? "%12d" : "%5d", rank);
    for (int from = 0; from < r->n_ranks; from++) {
        fprintf(to, "\n  from rank %3d ", from);
        for (int rank = 0; rank < r->n_ranks; rank++) {
            bool here = p < end && p->from == from && p->to == rank;
            if (here && (p->wired || value(p)))
                fprintf(to, "%12llu", (count)value(p));
            else
                fprintf(to, "%12s", ".");
            p += here;
        }
    }
    fputc('\n', to);
}

static void print_pairs(FILE *to, const vic_audit_report *r) {
    fprintf(to, "  from rank   to rank      messages             bytes\n");
    for (size_t i = 0; i < r->n_pairs; i++) {
        const vic_audit_pair *p = &r->pairs[i];
        if (p->wired || p->messages)
            fprintf(to, "  %9d %9d %13llu %17llu\n", p->from, p->to, (count)p->messages, (count)p->bytes);
    }
}

static void print_inside(FILE *to, const vic_audit_report *r) {
    fprintf(to, "inside inferences, as MPI was called:\n");
    if (r->n_ranks == 1)
        fprintf(to, "  one rank: nothing to send\n");
    else if (r->n_ranks > WIDEST_MATRIX)
        print_pairs(to, r);
    else {
        print_matrix(to, r, "messages", messages);
        print_matrix(to, r, "bytes", bytes);
        fprintf(to, "  (. where no edge joins the ranks)\n");
    }
    uint64_t sent = 0, size = 0;
    for (int rank = 0; rank < r->n_ranks; rank++) {
        sent += r->ranks[rank].within_messages;
        size += r->ranks[rank].within_bytes;
    }
    if (sent > 0)
        fprintf(to, "  within ranks, in memory, by the ledger alone: %llu messages, %llu bytes\n",
                (count)sent, (count)size);
}

/* Of the two ranks of a segment the first line. */
static void print_segments(FILE *to, const vic_audit_report *r) {
    size_t listed = 0;
    for (size_t i = 0; i + 1 < r->n_segments && listed < MOST_LISTED; i++) {
        const vic_audit_segment *s = &r->segments[i];
        if (strcmp(s[0].name, s[1].name) != 0)
            continue;
        listed++;
        fprintf(to, "  %s, edge %d: mapped by rank %d and rank %d, %zu bytes\n", s->name, s->edge, s->rank,
                s[1].rank, s->writable + s->readable);
    }
    if (r->n_segments > 2 * MOST_LISTED)
        fprintf(to, "  and %zu more\n", (r->n_segments - 2 * MOST_LISTED) / 2);
}

static void print_shared(FILE *to, const vic_audit_report *r) {
    vic_ledger_sum shared;
    vic_audit_messages(r, &shared);
    if (shared.messages == 0 && r->n_segments == 0)
        return;
    fprintf(
        to,
        "through shared memory, which no call of MPI shows, by the ledger alone: %llu messages, %llu bytes\n",
        (count)shared.messages, (count)shared.bytes);
    print_segments(to, r);
}

static void print_outside(FILE *to, const vic_audit_report *r) {
    uint64_t sent = 0, size = 0;
    size_t n;
    vic_audit_call *calls = vic_audit_sum_calls(r, &n);
    for (size_t i = 0; i < r->n_pairs; i++) {
        sent += r->pairs[i].outside_messages;
        size += r->pairs[i].outside_bytes;
    }
    fprintf(to, "outside of inferences (agreeing, sharing, collecting metrics), over all ranks:\n");
    fprintf(to, "  %-28s %9llu %14llu bytes\n", "messages", (count)sent, (count)size);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "  %-28s %9llu %14llu bytes\n", calls[i].name, (count)calls[i].outside_calls,
                (count)calls[i].outside_bytes);
    vic_release(&calls);
}

/* ---- what is held ---- */

static const char *shape_text(const vic_audit_allocation *h, char text[SHAPE]) {
    size_t used = 0;
    for (int d = 0; d < h->n_dims && used < SHAPE; d++)
        used += (size_t)snprintf(text + used, SHAPE - used, "%s%zu", d ? ", " : "[", h->dim[d]);
    if (used < SHAPE)
        snprintf(text + used, SHAPE - used, "]");
    return text;
}

static bool is_worth_a_column(const vic_audit_report *r, int kind) {
    return vic_audit_bytes_of(r, -1, (vic_allocation_kind)kind) > 0;
}

static int rank_of(const vic_audit_report *r, int population) {
    for (size_t i = 0; i < r->n_allocations; i++)
        if (r->allocations[i].population == population)
            return r->allocations[i].rank;
    return -1;
}

static void print_row(FILE *to, const vic_audit_report *r, int population) {
    size_t all = 0;
    for (int kind = 0; kind < VIC_ALLOCATION_KINDS; kind++) {
        size_t held = vic_audit_bytes_of(r, population, (vic_allocation_kind)kind);
        all += held;
        if (is_worth_a_column(r, kind))
            fprintf(to, " %10zu", held);
    }
    fprintf(to, " %11zu\n", all);
}

static void print_table(FILE *to, const vic_audit_report *r) {
    fprintf(to, "held, in bytes:\n  population  rank");
    for (int kind = 0; kind < VIC_ALLOCATION_KINDS; kind++)
        if (is_worth_a_column(r, kind))
            fprintf(to, " %10s", vic_allocation_kind_name((vic_allocation_kind)kind));
    fprintf(to, "         all\n");
    for (int id = 0; id < vic_audit_populations(r); id++) {
        fprintf(to, "  %10d %5d", id, rank_of(r, id));
        print_row(to, r, id);
    }
    fprintf(to, "         all      ");
    print_row(to, r, -1);
}

static void print_allocations(FILE *to, const vic_audit_report *r, int population) {
    char shape[SHAPE];
    fprintf(to, "population %d, on rank %d, holds\n", population, rank_of(r, population));
    for (int kind = 0; kind < VIC_ALLOCATION_KINDS; kind++)
        for (size_t i = 0; i < r->n_allocations; i++) {
            const vic_audit_allocation *h = &r->allocations[i];
            if (h->population == population && (int)h->kind == kind)
                fprintf(to, "  %-10s %-30s %-18s %10zu bytes\n", vic_allocation_kind_name(h->kind), h->name,
                        shape_text(h, shape), h->bytes);
        }
}

static void print_inventory(FILE *to, const vic_audit_report *r) {
    int populations = vic_audit_populations(r);
    for (int id = 0; id < populations && populations <= MOST_LISTED; id++)
        print_allocations(to, r, id);
    print_table(to, r);
    fprintf(to, "  the network has %zu parameter arrays of %zu bytes; %zu bytes of synapses are held\n",
            r->n_parameters, vic_audit_parameter_bytes(r),
            vic_audit_bytes_of(r, -1, VIC_ALLOCATION_SYNAPSES));
}

/* ---- the verdict ---- */

static void print_passed(FILE *to, const vic_audit_report *r) {
    vic_ledger_sum shared;
    uint64_t all = vic_audit_messages(r, &shared);
    fprintf(to,
            "audit passed: inside inferences ranks sent to neighbours alone, and nothing was called "
            "but messages;\n"
            "  %sthe ledger says the same to the byte; every parameter has one owner, every array is "
            "accounted for\n",
            shared.messages > 0 ? "of what went by MPI " : "");
    if (shared.messages > 0)
        fprintf(to,
                "  %llu of %llu messages went through shared memory that two neighbours alone have mapped: "
                "they are\n"
                "  declared, not witnessed; with --transport mpi all are witnessed\n",
                (count)shared.messages, (count)all);
}

static void print_verdict(FILE *to, const vic_audit_report *r) {
    fprintf(
        to,
        "noting a call costs %.0f ns, an inference %.0f ns more: at most %.2f %% of the time of inferences\n",
        1e9 * r->call_cost, 1e9 * r->inference_cost, 100 * r->overhead);
    if (r->passed) {
        print_passed(to, r);
        return;
    }
    fprintf(to, "audit failed: %zu fault%s\n", r->n_faults, plural(r->n_faults));
    for (size_t i = 0; i < r->n_faults && i < MOST_LISTED; i++)
        fprintf(to, "  %s\n", r->faults[i]);
    if (r->n_faults > MOST_LISTED)
        fprintf(to, "  and %zu more\n", r->n_faults - MOST_LISTED);
}

void vic_audit_print(FILE *to, const vic_audit_report *r) {
    fprintf(to, "\naudit of %llu inference%s on %d rank%s\n", (count)r->inferences, plural(r->inferences),
            r->n_ranks, plural((uint64_t)r->n_ranks));
    if (r->inferences == 0) {
        fprintf(to, "no inference ran: there is nothing to say\n");
        return;
    }
    print_inside(to, r);
    print_shared(to, r);
    print_outside(to, r);
    print_inventory(to, r);
    print_verdict(to, r);
}
