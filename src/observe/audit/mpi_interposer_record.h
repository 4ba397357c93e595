/* Called by the wrappers alone. */
#ifndef VIC_OBSERVE_AUDIT_MPI_INTERPOSER_RECORD_H
#define VIC_OBSERVE_AUDIT_MPI_INTERPOSER_RECORD_H

#include "mpi_interposer.h"

#include <mpi.h>

/* NULL: nothing is counted. */
extern vic_interposer_record *vic_interposer_current;

/* Bytes of `count` items. */
uint64_t vic_interposer_bytes(long long count, MPI_Datatype type);

/* `peer` is a rank of `communicator`; MPI_PROC_NULL is no rank. */
void vic_interposer_add_send(uint64_t bytes, int peer, MPI_Comm communicator);
void vic_interposer_add_receive(int peer, MPI_Comm communicator);
void vic_interposer_add_any_source(void);
/* `name` is the same pointer each time. */
void vic_interposer_add_call(const char *name, uint64_t bytes);

/* The communicator is about to be freed: another one may get its handle. */
void vic_interposer_forget_communicator(MPI_Comm communicator);

#endif
