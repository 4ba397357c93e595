/* Non-blocking MPI between two ranks. Receives are posted before the message can come. Requests are not
 * persistent: the count changes with the last batch, and setting one up costs far less than the message. */
#include "transport_mpi.h"

typedef struct line {
    MPI_Comm communicator;
    MPI_Request request;
    vic_waiter *waiter;
    int peer, tag;
} line;

vic_status vic_transport_mpi_open(vic_channel *channel, MPI_Comm communicator, int peer, int tag,
                                  vic_waiter *waiter) {
    channel->transport = &vic_transport_mpi;
    VIC_TRY(vic_allocate(1, sizeof(line), &channel->state));
    *(line *)channel->state = (line){
        .communicator = communicator,
        .request = MPI_REQUEST_NULL,
        .waiter = waiter,
        .peer = peer,
        .tag = tag,
    };
    waiter->by_mpi++;
    return VIC_OK;
}

static vic_status check(int code) {
    return code == MPI_SUCCESS ? VIC_OK : vic_fail(VIC_NO_PEER, "MPI refuses with error code %d", code);
}

static MPI_Datatype type_of(const vic_channel *channel) {
    return channel->coding ? MPI_BYTE : channel->precision == VIC_FLOAT32 ? MPI_FLOAT : MPI_DOUBLE;
}

static vic_status begin_send(vic_channel *channel, size_t count) {
    line *l = channel->state;
    return check(MPI_Isend(channel->packet, (int)count, type_of(channel), l->peer, l->tag, l->communicator,
                           &l->request));
}

static vic_status begin_receive(vic_channel *channel, size_t count) {
    line *l = channel->state;
    return check(MPI_Irecv(channel->packet, (int)count, type_of(channel), l->peer, l->tag, l->communicator,
                           &l->request));
}

static vic_status finish(vic_channel *channel) {
    line *l = channel->state;
    return vic_wait(l->waiter, &l->request);
}

/* Where a peer has not answered once, it is not waited for again. */
static bool has_come_to_rest(line *l) {
    int done = l->request == MPI_REQUEST_NULL;
    if (!done && l->waiter->gave_up)
        MPI_Test(&l->request, &done, MPI_STATUS_IGNORE);
    return done || (!l->waiter->gave_up && vic_wait(l->waiter, &l->request) == VIC_OK);
}

static bool hang_up(vic_channel *channel) {
    line *l = channel->state;
    if (l == NULL)
        return true;
    if (l->request != MPI_REQUEST_NULL && channel->is_receiver)
        MPI_Cancel(&l->request);
    if (!has_come_to_rest(l))
        return false;
    l->waiter->by_mpi--;
    vic_release(&channel->state);
    return true;
}

const vic_transport vic_transport_mpi = {
    .name = "mpi",
    .begin_send = begin_send,
    .finish_send = finish,
    .begin_receive = begin_receive,
    .finish_receive = finish,
    .close = hang_up,
};
