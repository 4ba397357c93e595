#include "witness.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

static witness seen;

const witness *witness_seen(void) {
    return &seen;
}

void witness_clear(void) {
    seen = (witness){.watching = seen.watching};
}

void witness_switch(bool watching) {
    seen.watching = watching;
}

/* ---- between two ranks ---- */

static int rank_in_world(int peer, MPI_Comm communicator) {
    MPI_Group here, world;
    int rank = MPI_UNDEFINED;
    PMPI_Comm_group(communicator, &here);
    PMPI_Comm_group(MPI_COMM_WORLD, &world);
    PMPI_Group_translate_ranks(here, 1, &peer, world, &rank);
    PMPI_Group_free(&here);
    PMPI_Group_free(&world);
    return rank;
}

static void note_bytes_sent(uint64_t bytes, int rank) {
    if (!seen.watching || rank < 0 || rank >= WITNESS_RANKS)
        return;
    seen.messages[rank]++;
    seen.bytes[rank] += bytes;
}

static void note_sent(int count, MPI_Datatype type, int peer, MPI_Comm communicator) {
    int size = 0;
    PMPI_Type_size(type, &size);
    note_bytes_sent((uint64_t)count * (uint64_t)size, rank_in_world(peer, communicator));
}

static void note_received(int peer, MPI_Comm communicator) {
    if (!seen.watching)
        return;
    int rank = peer == MPI_ANY_SOURCE ? MPI_UNDEFINED : rank_in_world(peer, communicator);
    if (peer == MPI_ANY_SOURCE)
        seen.from_anybody++;
    else if (rank >= 0 && rank < WITNESS_RANKS)
        seen.received[rank]++;
}

#define SEND(name)                                                                                           \
    int MPI_##name(const void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm) {     \
        note_sent(count, type, peer, comm);                                                                  \
        return PMPI_##name(buffer, count, type, peer, tag, comm);                                            \
    }
SEND(Send)
SEND(Ssend)
SEND(Bsend)
SEND(Rsend)

#define BEGIN_SEND(name)                                                                                     \
    int MPI_##name(const void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,       \
                   MPI_Request *request) {                                                                   \
        note_sent(count, type, peer, comm);                                                                  \
        return PMPI_##name(buffer, count, type, peer, tag, comm, request);                                   \
    }
BEGIN_SEND(Isend)
BEGIN_SEND(Issend)
BEGIN_SEND(Ibsend)
BEGIN_SEND(Irsend)

int MPI_Recv(void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
             MPI_Status *status) {
    note_received(peer, comm);
    return PMPI_Recv(buffer, count, type, peer, tag, comm, status);
}

int MPI_Irecv(void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request *request) {
    note_received(peer, comm);
    return PMPI_Irecv(buffer, count, type, peer, tag, comm, request);
}

/* Received after a probe, which may have been of anybody. */
int MPI_Mrecv(void *buffer, int count, MPI_Datatype type, MPI_Message *message, MPI_Status *status) {
    seen.from_anybody += seen.watching;
    return PMPI_Mrecv(buffer, count, type, message, status);
}

int MPI_Imrecv(void *buffer, int count, MPI_Datatype type, MPI_Message *message, MPI_Request *request) {
    seen.from_anybody += seen.watching;
    return PMPI_Imrecv(buffer, count, type, message, request);
}

int MPI_Sendrecv(const void *out, int n_out, MPI_Datatype out_type, int to, int out_tag, void *in, int n_in,
                 MPI_Datatype in_type, int from, int in_tag, MPI_Comm comm, MPI_Status *status) {
    note_sent(n_out, out_type, to, comm);
    note_received(from, comm);
    return PMPI_Sendrecv(out, n_out, out_type, to, out_tag, in, n_in, in_type, from, in_tag, comm, status);
}

int MPI_Sendrecv_replace(void *buffer, int count, MPI_Datatype type, int to, int out_tag, int from,
                         int in_tag, MPI_Comm comm, MPI_Status *status) {
    note_sent(count, type, to, comm);
    note_received(from, comm);
    return PMPI_Sendrecv_replace(buffer, count, type, to, out_tag, from, in_tag, comm, status);
}

/* ---- persistent requests: known when they are made, counted when they start ---- */

typedef struct standing {
    MPI_Request request;
    bool sends;
    uint64_t bytes;
    int rank;
} standing;

enum { STANDING = 1024 };
static standing known[STANDING];
static int n_known;

static void remember(MPI_Request request, bool sends, int count, MPI_Datatype type, int peer, MPI_Comm comm) {
    int size = 0;
    PMPI_Type_size(type, &size);
    int rank = peer == MPI_ANY_SOURCE ? MPI_ANY_SOURCE : rank_in_world(peer, comm);
    known[n_known++ % STANDING] = (standing){request, sends, (uint64_t)count * (uint64_t)size, rank};
}

static void note_start(MPI_Request request) {
    for (int i = 0; i < n_known && i < STANDING; i++) {
        if (known[i].request != request)
            continue;
        if (known[i].sends)
            note_bytes_sent(known[i].bytes, known[i].rank);
        else
            note_received(known[i].rank, MPI_COMM_WORLD);
    }
}

#define PREPARE_SEND(name)                                                                                   \
    int MPI_##name(const void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,       \
                   MPI_Request *request) {                                                                   \
        int code = PMPI_##name(buffer, count, type, peer, tag, comm, request);                               \
        remember(*request, true, count, type, peer, comm);                                                   \
        return code;                                                                                         \
    }
PREPARE_SEND(Send_init)
PREPARE_SEND(Ssend_init)
PREPARE_SEND(Bsend_init)
PREPARE_SEND(Rsend_init)

int MPI_Recv_init(void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
                  MPI_Request *request) {
    int code = PMPI_Recv_init(buffer, count, type, peer, tag, comm, request);
    remember(*request, false, count, type, peer, comm);
    return code;
}

int MPI_Start(MPI_Request *request) {
    note_start(*request);
    return PMPI_Start(request);
}

int MPI_Startall(int count, MPI_Request requests[]) {
    for (int i = 0; i < count; i++)
        note_start(requests[i]);
    return PMPI_Startall(count, requests);
}

/* ---- more than two ranks, or none that is asked ---- */

static void note_collective(const char *name) {
    if (!seen.watching) {
        seen.collectives_elsewhere++;
        return;
    }
    seen.collectives++;
    snprintf(seen.last_collective, sizeof seen.last_collective, "%s", name);
}

#define COLLECTIVE(name, parameters, arguments)                                                              \
    int MPI_##name parameters {                                                                              \
        note_collective("MPI_" #name);                                                                       \
        return PMPI_##name arguments;                                                                        \
    }
#define ONE_SIDED(name, parameters, arguments)                                                               \
    int MPI_##name parameters {                                                                              \
        seen.one_sided += seen.watching;                                                                     \
        return PMPI_##name arguments;                                                                        \
    }
#include "witness_collectives.h"
#include "witness_one_sided.h"
