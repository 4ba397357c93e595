/* What the files that make a wiring have in common, for this room alone. */
#ifndef VIC_MESSAGES_WIRING_H
#define VIC_MESSAGES_WIRING_H

#include "group.h"

/* Of a message on this edge with `capacity` samples. */
size_t vic_message_numbers(const vic_network *network, int edge, size_t capacity);

/* Collective. *communicator becomes one in which errors are returned, and which records, where MPI has
 * distributed graphs, the ranks at the other ends of this rank's edges. Agreed upon. Errors: VIC_NO_MEMORY,
 * VIC_NO_PEER. */
vic_status vic_communicator_open(MPI_Comm *communicator, vic_group *group, const vic_network *network,
                                 const int *rank_of);

#endif
