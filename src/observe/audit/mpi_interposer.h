/* An MPI interposer: through MPI's profiling interface it counts every call of a rank that may move data:
 * messages per destination, and every call that is more than a message between two ranks. It shares no code
 * with the ledger.
 *
 * Calls are wrapped in three files: mpi_interposer_messages.c has the messages between two ranks, and a file
 * that the build makes from mpi.h (wrap.awk) has all others but those that calls.txt lists as moving
 * nothing. */
#ifndef VIC_OBSERVE_AUDIT_MPI_INTERPOSER_H
#define VIC_OBSERVE_AUDIT_MPI_INTERPOSER_H

#include "base/base.h"

/* A call that is more than a message between two ranks, say a collective. */
typedef struct vic_interposer_call {
    const char *name;
    uint64_t calls;
    uint64_t bytes; /* as far as one count argument of the call gives it */
} vic_interposer_call;

enum { VIC_INTERPOSER_CALLS = 64 };

/* What was counted while this record was the current one. Ranks are those of MPI_COMM_WORLD. */
typedef struct vic_interposer_record {
    int n_ranks;
    uint64_t *messages, *bytes; /* sent, per rank */
    uint64_t *received;         /* receives begun, per rank */
    uint64_t from_any_source;   /* receives from any source */
    uint64_t outside_world;     /* messages to and from processes that are not in MPI_COMM_WORLD */
    uint64_t all_calls;         /* calls in all */
    size_t n_calls;
    vic_interposer_call calls[VIC_INTERPOSER_CALLS]; /* in the order of their first time */
} vic_interposer_record;

/* Is the interposer part of this program? Not where MPI has no profiling interface. */
bool vic_interposer_is_available(void);

/* Local, while MPI runs. Errors: VIC_NO_MEMORY. */
vic_status vic_interposer_record_create(vic_interposer_record **record);
void vic_interposer_record_destroy(vic_interposer_record **record);

/* Local. Sets the record in which calls are counted; NULL: none. Returns the one before. */
vic_interposer_record *vic_interposer_set_record(vic_interposer_record *record);

/* The overhead of counting a call, in seconds, as measured now. */
double vic_interposer_overhead(void);

#endif
