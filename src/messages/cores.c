#define _GNU_SOURCE /* sched_getaffinity */
#include "cores.h"

#include <sched.h>

int vic_cores_of_rank(size_t n, const int *sharers, const int *may_use) {
    const double rounding = 1e-6;
    double sum = 0;
    for (size_t c = 0; c < n; c++)
        sum += may_use[c] && sharers[c] > 0 ? 1.0 / sharers[c] : 0;
    return sum < 1 ? 1 : (int)(sum + rounding);
}

/* How many ranks of the node may use each core, in `sharers`. */
static void find_sharers(MPI_Comm node, int *may_use, int *sharers) {
    cpu_set_t mine;
    CPU_ZERO(&mine);
    sched_getaffinity(0, sizeof mine, &mine);
    for (int c = 0; c < CPU_SETSIZE; c++)
        may_use[c] = CPU_ISSET(c, &mine) != 0;
    MPI_Allreduce(may_use, sharers, CPU_SETSIZE, MPI_INT, MPI_SUM, node);
}

static void count_on_node(MPI_Comm node, vic_cores *cores) {
    int may_use[CPU_SETSIZE], sharers[CPU_SETSIZE] = {0};
    MPI_Comm_size(node, &cores->ranks);
    find_sharers(node, may_use, sharers);
    for (int c = 0; c < CPU_SETSIZE; c++)
        cores->of_node += sharers[c] > 0;
    cores->own = vic_cores_of_rank(CPU_SETSIZE, sharers, may_use);
}

vic_cores vic_cores_count(MPI_Comm communicator) {
    vic_cores cores = {.ranks = 1, .own = 1};
    MPI_Comm node;
    if (MPI_Comm_split_type(communicator, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node) == MPI_SUCCESS) {
        count_on_node(node, &cores);
        MPI_Comm_free(&node);
    }
    int mine = cores.own;
    MPI_Allreduce(&mine, &cores.own, 1, MPI_INT, MPI_MIN, communicator);
    return cores;
}
