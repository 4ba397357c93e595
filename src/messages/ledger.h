/* Writing to the ledger, for this room alone. */
#ifndef VIC_MESSAGES_LEDGER_H
#define VIC_MESSAGES_LEDGER_H

#include "messages.h"

/* Counts of steps 0..steps; larger step numbers are counted with the last. */
vic_status vic_ledger_create(vic_ledger **ledger, int n_edges, int steps);
void vic_ledger_destroy(vic_ledger **ledger);

/* Bytes that vic_ledger_open allocates. */
size_t vic_ledger_row_bytes(int steps);
/* Allocates the counts of an edge that has an end on this rank. */
vic_status vic_ledger_open(vic_ledger *ledger, int edge);

/* Each counts nothing where there is no ledger, NULL. */
void vic_ledger_sent(vic_ledger *ledger, int edge, vic_message_kind kind, int step, uint64_t bytes,
                     double seconds);
/* The message counted last went through shared memory. */
void vic_ledger_shared(vic_ledger *ledger, int edge, vic_message_kind kind, uint64_t bytes);
/* The sender waited until it had left. */
void vic_ledger_cleared(vic_ledger *ledger, int edge, vic_message_kind kind, int step, double seconds);
void vic_ledger_waited(vic_ledger *ledger, int edge, vic_message_kind kind, int step, double seconds);

#endif
