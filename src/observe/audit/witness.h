/* An independent witness of what a rank does with MPI. It stands between the program and MPI, by MPI's
 * profiling interface, and notes every call that may move data: what is sent to whom, and every call that is
 * more than a message between two ranks. It shares no code with the ledger.
 *
 * Calls are wrapped in three files: witness_messages.c has the messages between two ranks, and a file that
 * the build makes from mpi.h (wrap.awk) has all others but those that calls.txt says move nothing. */
#ifndef VIC_OBSERVE_AUDIT_WITNESS_H
#define VIC_OBSERVE_AUDIT_WITNESS_H

#include "base/base.h"

/* A call that is more than a message between two ranks, say a collective. */
typedef struct vic_witness_call {
    const char *name;
    uint64_t calls;
    uint64_t bytes; /* as far as one count in the call tells */
} vic_witness_call;

enum { VIC_WITNESS_CALLS = 64 };

/* What was seen while this record was watched into. Ranks are those of MPI_COMM_WORLD. */
typedef struct vic_witness_record {
    int n_ranks;
    uint64_t *messages, *bytes; /* sent, per rank */
    uint64_t *heard;            /* receives begun, per rank */
    uint64_t from_anybody;      /* receives from any source */
    uint64_t from_beyond;       /* messages to and from processes that are not in MPI_COMM_WORLD */
    uint64_t noted;             /* calls in all */
    size_t n_calls;
    vic_witness_call calls[VIC_WITNESS_CALLS]; /* in the order of their first time */
} vic_witness_record;

/* Is the witness part of this program? Not where MPI has no profiling interface. */
bool vic_witness_is_there(void);

/* Local, while MPI runs. Errors: VIC_NO_MEMORY. */
vic_status vic_witness_record_create(vic_witness_record **record);
void vic_witness_record_destroy(vic_witness_record **record);

/* Local. From now on calls are noted in `record`, or nowhere where that is NULL. Returns what was watched
 * into before. */
vic_witness_record *vic_witness_watch(vic_witness_record *record);

/* What noting a call costs, in seconds, as measured now. */
double vic_witness_cost(void);

#endif
