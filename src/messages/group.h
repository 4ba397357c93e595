/* The inside of a group, for this room alone. */
#ifndef VIC_MESSAGES_GROUP_H
#define VIC_MESSAGES_GROUP_H

#include "waiting.h"

struct vic_group {
    MPI_Comm communicator;
    int rank, size, cores;
    vic_waiter waiter;   /* of collective calls: what others read and write takes any time */
    vic_waiter messages; /* of inference */
    vic_transport_choice transport;
    vic_status agreed; /* what vic_group_agree_on_status returned last */
};

#endif
