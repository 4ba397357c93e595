/* The cores that the ranks of a node may use. For this room alone, and for tests. */
#ifndef VIC_MESSAGES_CORES_H
#define VIC_MESSAGES_CORES_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct vic_cores {
    int ranks;   /* of this node */
    int of_node; /* that they may use, taken together; 0: not known */
    int own;     /* of each rank, the same on all ranks of all nodes; at least 1 */
} vic_cores;

/* Collective over `communicator`. */
vic_cores vic_cores_count(MPI_Comm communicator);

/* A rank that may use the cores c with may_use[c], each of which sharers[c] ranks may use, has so many for
 * itself: a core of k ranks counts 1/k, and what is left of the sum is cut off; at least 1. */
int vic_cores_of_rank(size_t n, const int *sharers, const int *may_use);

#endif
