/* How a rank waits for MPI: spin, back off, or block. */
#ifndef VIC_MESSAGES_WAITING_H
#define VIC_MESSAGES_WAITING_H

#include "messages.h"

#include <mpi.h>

typedef struct vic_waiter {
    vic_waiting waiting;
    double timeout;        /* seconds, 0: for ever */
    bool gave_up;          /* a wait went past the timeout: a peer may never answer */
    int by_mpi;            /* open channels whose messages go by MPI */
    MPI_Comm communicator; /* whose probing lets MPI go on */
    int rank;              /* of this process there */
} vic_waiter;

/* Completes the request, MPI_REQUEST_NULL included. Errors: VIC_NO_PEER past the timeout: the request stays
 * active then, and so must the memory that it was given. */
vic_status vic_wait(vic_waiter *waiter, MPI_Request *request);

#endif
