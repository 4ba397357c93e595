/* An independent witness of what a rank does with MPI. It stands between the library and MPI, by MPI's
 * profiling interface, and counts while it is switched on: what was sent to whom, and every call that is more
 * than a message between two ranks. It shares no code with the ledger. Receives have a sender who is seen, so
 * that only those from anybody are noted. */
#ifndef VICINAL_TESTS_SUPPORT_WITNESS_H
#define VICINAL_TESTS_SUPPORT_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

enum { WITNESS_RANKS = 64 };

typedef struct witness {
    bool watching;
    uint64_t messages[WITNESS_RANKS]; /* sent, per rank of MPI_COMM_WORLD */
    uint64_t bytes[WITNESS_RANKS];
    uint64_t received[WITNESS_RANKS]; /* receives begun from there */
    uint64_t collectives;             /* also making or freeing communicators, windows and files */
    uint64_t one_sided;
    uint64_t from_anybody;
    uint64_t collectives_elsewhere; /* while it was switched off */
    char last_collective[48];
} witness;

/* What has been seen since the last clearing. */
const witness *witness_seen(void);
void witness_clear(void);
void witness_switch(bool watching);

#endif
