/* Wrappers of messages between two ranks, and of calls that are needed to identify their ends. */
#include "mpi_interposer_record.h"

#include <string.h>

#define SEND(name)                                                                                           \
    int MPI_##name(const void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm) {     \
        if (vic_interposer_current)                                                                          \
            vic_interposer_add_send(vic_interposer_bytes(count, type), peer, comm);                          \
        return PMPI_##name(buffer, count, type, peer, tag, comm);                                            \
    }
SEND(Send)
SEND(Ssend)
SEND(Bsend)
SEND(Rsend)

#define BEGIN_SEND(name)                                                                                     \
    int MPI_##name(const void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,       \
                   MPI_Request *request) {                                                                   \
        if (vic_interposer_current)                                                                          \
            vic_interposer_add_send(vic_interposer_bytes(count, type), peer, comm);                          \
        return PMPI_##name(buffer, count, type, peer, tag, comm, request);                                   \
    }
BEGIN_SEND(Isend)
BEGIN_SEND(Issend)
BEGIN_SEND(Ibsend)
BEGIN_SEND(Irsend)

int MPI_Recv(void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
             MPI_Status *status) {
    if (vic_interposer_current)
        vic_interposer_add_receive(peer, comm);
    return PMPI_Recv(buffer, count, type, peer, tag, comm, status);
}

int MPI_Irecv(void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request *request) {
    if (vic_interposer_current)
        vic_interposer_add_receive(peer, comm);
    return PMPI_Irecv(buffer, count, type, peer, tag, comm, request);
}

/* Received after a probe, which may have been of any source. */
int MPI_Mrecv(void *buffer, int count, MPI_Datatype type, MPI_Message *message, MPI_Status *status) {
    vic_interposer_add_any_source();
    return PMPI_Mrecv(buffer, count, type, message, status);
}

int MPI_Imrecv(void *buffer, int count, MPI_Datatype type, MPI_Message *message, MPI_Request *request) {
    vic_interposer_add_any_source();
    return PMPI_Imrecv(buffer, count, type, message, request);
}

int MPI_Sendrecv(const void *out, int n_out, MPI_Datatype out_type, int to, int out_tag, void *in, int n_in,
                 MPI_Datatype in_type, int from, int in_tag, MPI_Comm comm, MPI_Status *status) {
    if (vic_interposer_current) {
        vic_interposer_add_send(vic_interposer_bytes(n_out, out_type), to, comm);
        vic_interposer_add_receive(from, comm);
    }
    return PMPI_Sendrecv(out, n_out, out_type, to, out_tag, in, n_in, in_type, from, in_tag, comm, status);
}

int MPI_Sendrecv_replace(void *buffer, int count, MPI_Datatype type, int to, int out_tag, int from,
                         int in_tag, MPI_Comm comm, MPI_Status *status) {
    if (vic_interposer_current) {
        vic_interposer_add_send(vic_interposer_bytes(count, type), to, comm);
        vic_interposer_add_receive(from, comm);
    }
    return PMPI_Sendrecv_replace(buffer, count, type, to, out_tag, from, in_tag, comm, status);
}

int MPI_Comm_free(MPI_Comm *comm) {
    vic_interposer_forget_communicator(*comm);
    vic_interposer_add_call("MPI_Comm_free", 0);
    return PMPI_Comm_free(comm);
}

int MPI_Comm_disconnect(MPI_Comm *comm) {
    vic_interposer_forget_communicator(*comm);
    vic_interposer_add_call("MPI_Comm_disconnect", 0);
    return PMPI_Comm_disconnect(comm);
}

/* ---- persistent requests: made once, noted whenever they start ---- */

typedef struct standing {
    MPI_Request request;
    MPI_Comm communicator;
    bool sends;
    uint64_t bytes;
    int peer;
} standing;

static standing *known; /* also of requests that are made outside a watch */
static size_t n_known, capacity;

static void remember(standing request) {
    if (n_known == capacity) {
        standing *larger;
        if (vic_allocate(2 * capacity + 16, sizeof *larger, &larger) != VIC_OK)
            return; /* its starts are then those of an unknown request */
        if (known)
            memcpy(larger, known, n_known * sizeof *known);
        vic_release(&known);
        known = larger;
        capacity = 2 * capacity + 16;
    }
    known[n_known++] = request;
}

static standing *find(MPI_Request request) {
    for (size_t i = 0; i < n_known; i++)
        if (known[i].request == request)
            return &known[i];
    return NULL;
}

static void add_start(MPI_Request request) {
    const standing *s = find(request);
    if (s == NULL)
        vic_interposer_add_call("MPI_Start of an unknown request", 0);
    else if (s->sends)
        vic_interposer_add_send(s->bytes, s->peer, s->communicator);
    else
        vic_interposer_add_receive(s->peer, s->communicator);
}

#define PREPARE_SEND(name)                                                                                   \
    int MPI_##name(const void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,       \
                   MPI_Request *request) {                                                                   \
        int code = PMPI_##name(buffer, count, type, peer, tag, comm, request);                               \
        remember((standing){*request, comm, true, vic_interposer_bytes(count, type), peer});                 \
        return code;                                                                                         \
    }
PREPARE_SEND(Send_init)
PREPARE_SEND(Ssend_init)
PREPARE_SEND(Bsend_init)
PREPARE_SEND(Rsend_init)

int MPI_Recv_init(void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
                  MPI_Request *request) {
    int code = PMPI_Recv_init(buffer, count, type, peer, tag, comm, request);
    remember((standing){*request, comm, false, vic_interposer_bytes(count, type), peer});
    return code;
}

int MPI_Start(MPI_Request *request) {
    if (vic_interposer_current)
        add_start(*request);
    return PMPI_Start(request);
}

int MPI_Startall(int count, MPI_Request requests[]) {
    for (int i = 0; vic_interposer_current && i < count; i++)
        add_start(requests[i]);
    return PMPI_Startall(count, requests);
}

int MPI_Request_free(MPI_Request *request) {
    standing *s = find(*request);
    if (s)
        *s = known[--n_known];
    return PMPI_Request_free(request);
}
