/* What the wrappers note, for them alone. */
#ifndef VIC_OBSERVE_AUDIT_WITNESS_NOTES_H
#define VIC_OBSERVE_AUDIT_WITNESS_NOTES_H

#include "witness.h"

#include <mpi.h>

/* NULL: no watch, and a wrapper does nothing but look here. */
extern vic_witness_record *vic_witness_watching;

/* Bytes of `count` items. */
uint64_t vic_witness_size(long long count, MPI_Datatype type);

/* `peer` is a rank of `communicator`; MPI_PROC_NULL is no rank. */
void vic_witness_note_sent(uint64_t bytes, int peer, MPI_Comm communicator);
void vic_witness_note_received(int peer, MPI_Comm communicator);
void vic_witness_note_from_anybody(void);
/* `name` is the same pointer each time. */
void vic_witness_note_call(const char *name, uint64_t bytes);

/* The communicator is about to be freed: another one may get its handle. */
void vic_witness_forget(MPI_Comm communicator);

#endif
