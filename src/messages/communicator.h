/* The communicator of a wiring, for this room alone. */
#ifndef VIC_MESSAGES_COMMUNICATOR_H
#define VIC_MESSAGES_COMMUNICATOR_H

#include "group.h"

/* Collective. *communicator becomes one in which errors are returned, and which records, where MPI has
 * distributed graphs, the ranks at the other ends of this rank's edges. Agreed upon. Errors: VIC_NO_MEMORY,
 * VIC_NO_PEER. */
vic_status vic_communicator_open(MPI_Comm *communicator, vic_group *group, const vic_network *network,
                                 const int *rank_of);

#endif
