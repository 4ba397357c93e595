/* How a program that uses MPI hands its communicator to Vicinal. */
#ifndef VIC_MESSAGES_GROUP_MPI_H
#define VIC_MESSAGES_GROUP_MPI_H

#include "messages.h"

#include <mpi.h>

/* Collective over `communicator`, which is duplicated. Waits back off when the ranks of this node outnumber
 * its cores. Free with vic_group_destroy before MPI_Finalize. */
vic_status vic_group_create(vic_group **group, MPI_Comm communicator);

#endif
