#include "ledger.h"

#include <string.h>

struct vic_ledger {
    int n_edges, steps;
    vic_ledger_entry **rows; /* per edge: (kind, step), NULL when the edge is elsewhere */
    vic_ledger_sum *ever;    /* per edge and kind; then those through shared memory */
};

const char *vic_message_kind_name(vic_message_kind kind) {
    return kind == VIC_PREDICTION ? "prediction" : "error";
}

static size_t row_length(int steps) {
    return (size_t)VIC_MESSAGE_KINDS * ((size_t)steps + 1);
}

size_t vic_ledger_row_bytes(int steps) {
    return row_length(steps) * sizeof(vic_ledger_entry);
}

vic_status vic_ledger_create(vic_ledger **ledger, int n_edges, int steps) {
    VIC_TRY(vic_allocate(1, sizeof **ledger, ledger));
    (*ledger)->n_edges = n_edges;
    (*ledger)->steps = steps;
    vic_status status = vic_allocate((size_t)n_edges, sizeof *(*ledger)->rows, &(*ledger)->rows);
    if (status == VIC_OK)
        status =
            vic_allocate(2 * (size_t)n_edges * VIC_MESSAGE_KINDS, sizeof *(*ledger)->ever, &(*ledger)->ever);
    if (status != VIC_OK)
        vic_ledger_destroy(ledger);
    return status;
}

void vic_ledger_destroy(vic_ledger **ledger) {
    if (*ledger == NULL)
        return;
    for (int e = 0; (*ledger)->rows && e < (*ledger)->n_edges; e++)
        vic_release(&(*ledger)->rows[e]);
    vic_release(&(*ledger)->rows);
    vic_release(&(*ledger)->ever);
    vic_release(ledger);
}

vic_status vic_ledger_open(vic_ledger *ledger, int edge) {
    if (ledger->rows[edge])
        return VIC_OK;
    return vic_allocate(row_length(ledger->steps), sizeof **ledger->rows, &ledger->rows[edge]);
}

static vic_ledger_entry *entry(const vic_ledger *ledger, int edge, vic_message_kind kind, int step) {
    int column = step < ledger->steps ? step : ledger->steps;
    return ledger->rows[edge] + (size_t)kind * ((size_t)ledger->steps + 1) + column;
}

static vic_ledger_sum *ever(const vic_ledger *ledger, int edge, vic_message_kind kind) {
    return &ledger->ever[edge * VIC_MESSAGE_KINDS + (int)kind];
}

static vic_ledger_sum *ever_shared(const vic_ledger *ledger, int edge, vic_message_kind kind) {
    return ever(ledger, ledger->n_edges + edge, kind);
}

static void add(vic_ledger_sum *sum, uint64_t bytes) {
    sum->messages++;
    sum->bytes += bytes;
}

void vic_ledger_sent(vic_ledger *ledger, int edge, vic_message_kind kind, int step, uint64_t bytes,
                     double seconds) {
    if (ledger == NULL)
        return;
    vic_ledger_entry *e = entry(ledger, edge, kind, step);
    e->messages++;
    e->bytes += bytes;
    e->seconds_posting += seconds;
    add(ever(ledger, edge, kind), bytes);
}

void vic_ledger_shared(vic_ledger *ledger, int edge, vic_message_kind kind, uint64_t bytes) {
    if (ledger)
        add(ever_shared(ledger, edge, kind), bytes);
}

void vic_ledger_cleared(vic_ledger *ledger, int edge, vic_message_kind kind, int step, double seconds) {
    if (ledger)
        entry(ledger, edge, kind, step)->seconds_posting += seconds;
}

void vic_ledger_waited(vic_ledger *ledger, int edge, vic_message_kind kind, int step, double seconds) {
    if (ledger)
        entry(ledger, edge, kind, step)->seconds_waiting += seconds;
}

vic_ledger_entry vic_ledger_at(const vic_ledger *ledger, int edge, vic_message_kind kind, int step) {
    if (ledger->rows[edge] == NULL)
        return (vic_ledger_entry){0};
    return *entry(ledger, edge, kind, step);
}

vic_ledger_entry vic_ledger_total(const vic_ledger *ledger, int edge, vic_message_kind kind) {
    vic_ledger_entry total = {0};
    for (int step = 0; step <= ledger->steps; step++) {
        vic_ledger_entry e = vic_ledger_at(ledger, edge, kind, step);
        total.messages += e.messages;
        total.bytes += e.bytes;
        total.seconds_posting += e.seconds_posting;
        total.seconds_waiting += e.seconds_waiting;
    }
    return total;
}

vic_ledger_sum vic_ledger_ever(const vic_ledger *ledger, int edge, vic_message_kind kind) {
    return *ever(ledger, edge, kind);
}

vic_ledger_sum vic_ledger_ever_shared(const vic_ledger *ledger, int edge, vic_message_kind kind) {
    return *ever_shared(ledger, edge, kind);
}

void vic_ledger_clear(vic_ledger *ledger) {
    for (int e = 0; e < ledger->n_edges; e++)
        if (ledger->rows[e])
            memset(ledger->rows[e], 0, vic_ledger_row_bytes(ledger->steps));
}
