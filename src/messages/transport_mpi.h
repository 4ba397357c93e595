/* Opening the end of a channel whose other end is on another rank. */
#ifndef VIC_MESSAGES_TRANSPORT_MPI_H
#define VIC_MESSAGES_TRANSPORT_MPI_H

#include "transport.h"
#include "waiting.h"

/* `waiter` must outlive the channel. */
vic_status vic_transport_mpi_open(vic_channel *channel, MPI_Comm communicator, int peer, int tag,
                                  vic_waiter *waiter);

#endif
