#include "communicator.h"

#ifdef VIC_HAVE_DIST_GRAPH
/* The ranks at the other ends of this rank's edges, each once. */
static int list_neighbours(int me, const vic_network *network, const int *rank_of, int *neighbours) {
    int count = 0;
    for (int e = 0; e < network->n_edges; e++) {
        int from = rank_of[network->edges[e].from];
        int to = rank_of[network->edges[e].to];
        if (from == to || (from != me && to != me))
            continue;
        int other = from == me ? to : from;
        bool known = false;
        for (int i = 0; i < count; i++)
            known = known || neighbours[i] == other;
        if (!known)
            neighbours[count++] = other;
    }
    return count;
}

/* Collective; `neighbours` has room for two numbers per edge. */
static vic_status record_wiring(MPI_Comm *communicator, const vic_group *group, const vic_network *network,
                                const int *rank_of, int *neighbours) {
    int count = list_neighbours(group->rank, network, rank_of, neighbours);
    int *weights = neighbours + network->n_edges;
    for (int i = 0; i < count; i++)
        weights[i] = 1;
    int code = MPI_Dist_graph_create_adjacent(group->communicator, count, neighbours, weights, count,
                                              neighbours, weights, MPI_INFO_NULL, 0, communicator);
    return code == MPI_SUCCESS ? VIC_OK : vic_fail(VIC_NO_PEER, "MPI cannot record the wiring");
}
#else
static vic_status record_wiring(MPI_Comm *communicator, const vic_group *group, const vic_network *network,
                                const int *rank_of, int *neighbours) {
    (void)network, (void)rank_of, (void)neighbours;
    int code = MPI_Comm_dup(group->communicator, communicator);
    return code == MPI_SUCCESS ? VIC_OK : vic_fail(VIC_NO_PEER, "MPI cannot duplicate the communicator");
}
#endif

/* Agrees on failed allocations before MPI's collective call. */
vic_status vic_communicator_open(MPI_Comm *communicator, vic_group *group, const vic_network *network,
                                 const int *rank_of) {
    int *neighbours;
    vic_status status = vic_allocate(2 * (size_t)network->n_edges, sizeof *neighbours, &neighbours);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = record_wiring(communicator, group, network, rank_of, neighbours);
    vic_release(&neighbours);
    if (status == VIC_OK)
        MPI_Comm_set_errhandler(*communicator, MPI_ERRORS_RETURN);
    return vic_group_agree_on_status(group, status);
}
