#include "group.h"
#include "cores.h"
#include "group_mpi.h"
#include "simulation.h"

#include <limits.h>
#include <string.h>

enum { ROWS_TAG = 1 };

/* Polling pays only where every rank of this node has a core of its own; simulated time passes only in a
 * blocking wait. */
static vic_waiting choose_waiting(vic_cores cores) {
    if (vic_time_is_simulated())
        return VIC_BLOCK;
    return cores.ranks > cores.of_node ? VIC_BACK_OFF : VIC_SPIN;
}

/* Before there is a group that could agree. */
static vic_status all_have_memory(MPI_Comm communicator, vic_status mine) {
    int status = (int)mine, worst = (int)mine;
    if (MPI_Allreduce(&status, &worst, 1, MPI_INT, MPI_MAX, communicator) != MPI_SUCCESS)
        return vic_fail(VIC_NO_PEER, "the ranks of the communicator cannot be reached");
    if (mine == VIC_OK && worst != VIC_OK)
        return vic_fail((vic_status)worst, "another rank is out of memory while the group is made");
    return mine;
}

vic_status vic_group_create(vic_group **group, MPI_Comm communicator) {
    vic_status status = all_have_memory(communicator, vic_allocate(1, sizeof **group, group));
    if (status == VIC_OK && MPI_Comm_dup(communicator, &(*group)->communicator) != MPI_SUCCESS)
        status = vic_fail(VIC_NO_PEER, "the communicator cannot be duplicated");
    if (status != VIC_OK) {
        vic_release(group);
        return status;
    }
    vic_group *g = *group;
    MPI_Comm_set_errhandler(g->communicator, MPI_ERRORS_RETURN);
    MPI_Comm_rank(g->communicator, &g->rank);
    MPI_Comm_size(g->communicator, &g->size);
    g->waiter.communicator = g->messages.communicator = g->communicator;
    g->waiter.rank = g->messages.rank = g->rank;
    vic_cores cores = vic_time_is_simulated() ? (vic_cores){.own = 1} : vic_cores_count(g->communicator);
    g->cores = cores.own;
    vic_group_set_waiting(g, choose_waiting(cores));
    return VIC_OK;
}

void vic_group_destroy(vic_group **group) {
    if (*group == NULL)
        return;
    MPI_Comm_free(&(*group)->communicator);
    vic_release(group);
}

int vic_group_rank(const vic_group *group) {
    return group->rank;
}

int vic_group_size(const vic_group *group) {
    return group->size;
}

int vic_group_cores(const vic_group *group) {
    return group->cores;
}

void vic_group_set_waiting(vic_group *group, vic_waiting waiting) {
    group->waiter.waiting = group->messages.waiting = waiting;
}

vic_waiting vic_group_waiting(const vic_group *group) {
    return group->waiter.waiting;
}

void vic_group_set_timeout(vic_group *group, double timeout) {
    group->messages.timeout = timeout;
    group->messages.gave_up = false;
}

void vic_group_set_transport(vic_group *group, vic_transport_choice transport) {
    group->transport = transport;
}

const char *vic_transport_name(vic_transport_choice transport) {
    static const char *const names[] = {
        [VIC_TRANSPORT_AUTO] = "auto", [VIC_TRANSPORT_MPI] = "mpi", [VIC_TRANSPORT_SHARED] = "shared"};
    return names[transport];
}

vic_status vic_transport_find(const char *name, vic_transport_choice *transport) {
    for (int i = VIC_TRANSPORT_AUTO; i <= VIC_TRANSPORT_SHARED; i++)
        if (strcmp(name, vic_transport_name((vic_transport_choice)i)) == 0) {
            *transport = (vic_transport_choice)i;
            return VIC_OK;
        }
    return vic_fail(VIC_BAD_CONFIG, "transport %s: expected auto, mpi or shared", name);
}

static vic_status finish(vic_group *group, MPI_Request request) {
    return vic_wait(&group->waiter, &request);
}

/* With VIC_BLOCK, blocking collectives are called: SimGrid's non-blocking ones send from every rank to every
 * rank. */
static vic_status broadcast(vic_group *group, void *data, int bytes, int root) {
    MPI_Request request = MPI_REQUEST_NULL;
    if (group->waiter.waiting == VIC_BLOCK)
        MPI_Bcast(data, bytes, MPI_BYTE, root, group->communicator);
    else
        MPI_Ibcast(data, bytes, MPI_BYTE, root, group->communicator, &request);
    return finish(group, request);
}

static vic_status reduce(vic_group *group, size_t n, MPI_Datatype type, MPI_Op operation, const void *mine,
                         void *all) {
    MPI_Request request = MPI_REQUEST_NULL;
    if (group->waiter.waiting == VIC_BLOCK)
        MPI_Allreduce(mine, all, (int)n, type, operation, group->communicator);
    else
        MPI_Iallreduce(mine, all, (int)n, type, operation, group->communicator, &request);
    return finish(group, request);
}

vic_status vic_group_agree_on_status(vic_group *group, vic_status mine) {
    int failed = mine == VIC_OK ? group->size : group->rank, first;
    group->agreed = VIC_OK;
    VIC_TRY(reduce(group, 1, MPI_INT, MPI_MIN, &failed, &first));
    if (first == group->size)
        return VIC_OK;
    struct {
        vic_status status;
        char text[1024];
    } report = {.status = mine};
    strncpy(report.text, vic_error_text(), sizeof report.text - 1);
    VIC_TRY(broadcast(group, &report, sizeof report, first));
    group->agreed = report.status;
    return vic_fail(report.status, "%s", report.text);
}

vic_status vic_group_agreed_status(const vic_group *group) {
    return group->agreed;
}

/* Ranks leave a collective call one after the other. On a simulated cluster, where waiting is free, they wait
 * for longer than any of them takes to leave. */
vic_status vic_group_barrier(vic_group *group) {
    const int64_t longest_leave = 60;
    int64_t mine = (int64_t)vic_now(), latest;
    VIC_TRY(vic_group_allreduce_max(group, 1, &mine, &latest));
    if (vic_time_is_simulated())
        vic_sleep_until((double)(latest + longest_leave));
    return VIC_OK;
}

vic_status vic_group_broadcast(vic_group *group, void *data, size_t *size) {
    uint64_t bytes = *size;
    VIC_TRY(broadcast(group, &bytes, sizeof bytes, 0));
    *size = (size_t)bytes;
    char *block = NULL;
    vic_status status = VIC_OK;
    if (group->rank == 0)
        memcpy(&block, data, sizeof block);
    else
        status = vic_allocate(*size + 1, 1, &block);
    status = vic_group_agree_on_status(group, status);
    for (size_t sent = 0; sent < bytes && status == VIC_OK;) {
        int part = bytes - sent < INT_MAX ? (int)(bytes - sent) : INT_MAX;
        status = broadcast(group, block + sent, part, 0);
        sent += (size_t)part;
    }
    if (status != VIC_OK && group->rank != 0)
        vic_release(&block);
    memcpy(data, &block, sizeof block);
    return status;
}

vic_status vic_group_allreduce_max(vic_group *group, size_t n, const int64_t *mine, int64_t *all) {
    return reduce(group, n, MPI_INT64_T, MPI_MAX, mine, all);
}

vic_status vic_group_nodes(vic_group *group, int *node_of) {
    MPI_Comm node;
    MPI_Request request;
    int lowest = group->rank;
    if (MPI_Comm_split_type(group->communicator, MPI_COMM_TYPE_SHARED, group->rank, MPI_INFO_NULL, &node) !=
        MPI_SUCCESS)
        return vic_fail(VIC_NO_PEER, "MPI does not report which ranks share a node");
    MPI_Ibcast(&lowest, 1, MPI_INT, 0, node, &request);
    vic_status status = finish(group, request);
    MPI_Comm_free(&node);
    VIC_TRY(vic_group_agree_on_status(group, status));
    MPI_Iallgather(&lowest, 1, MPI_INT, node_of, 1, MPI_INT, group->communicator, &request);
    return finish(group, request);
}

static int populations_of(const int *rank_of, int n_populations, int rank) {
    int count = 0;
    for (int p = 0; p < n_populations; p++)
        count += rank_of[p] == rank;
    return count;
}

static void spread_rows(const int *rank_of, int n_populations, int rank, size_t n, const double *rows,
                        double *all) {
    for (int p = 0; p < n_populations; p++) {
        if (rank_of[p] != rank)
            continue;
        memcpy(all + (size_t)p * n, rows, n * sizeof *rows);
        rows += n;
    }
}

/* In pieces that MPI can count. */
static vic_status send_rows(vic_group *group, const double *rows, size_t n) {
    vic_status status = VIC_OK;
    do {
        MPI_Request request;
        int piece = n < INT_MAX ? (int)n : INT_MAX;
        MPI_Isend(rows, piece, MPI_DOUBLE, 0, ROWS_TAG, group->communicator, &request);
        status = finish(group, request);
        rows += piece;
        n -= (size_t)piece;
    } while (status == VIC_OK && n > 0);
    return status;
}

static vic_status receive_from(vic_group *group, int rank, double *rows, size_t n) {
    vic_status status = VIC_OK;
    do {
        MPI_Request request;
        int piece = n < INT_MAX ? (int)n : INT_MAX;
        MPI_Irecv(rows, piece, MPI_DOUBLE, rank, ROWS_TAG, group->communicator, &request);
        status = finish(group, request);
        rows += piece;
        n -= (size_t)piece;
    } while (status == VIC_OK && n > 0);
    return status;
}

static vic_status receive_rows(vic_group *group, const int *rank_of, int n_populations, size_t n,
                               double *rows, double *all) {
    for (int rank = 1; rank < group->size; rank++) {
        size_t count = n * (size_t)populations_of(rank_of, n_populations, rank);
        VIC_TRY(receive_from(group, rank, rows, count));
        spread_rows(rank_of, n_populations, rank, n, rows, all);
    }
    return VIC_OK;
}

vic_status vic_group_gather_rows(vic_group *group, const int *rank_of, int n_populations, size_t n,
                                 const double *mine, double *all) {
    double *rows = NULL;
    vic_status status = group->rank == 0
                            ? vic_allocate(vic_size_product(n, (size_t)n_populations), sizeof *rows, &rows)
                            : VIC_OK;
    VIC_TRY(vic_group_agree_on_status(group, status));
    if (group->rank != 0)
        return send_rows(group, mine, n * (size_t)populations_of(rank_of, n_populations, group->rank));
    spread_rows(rank_of, n_populations, 0, n, mine, all);
    status = receive_rows(group, rank_of, n_populations, n, rows, all);
    vic_release(&rows);
    return status;
}

vic_status vic_group_fetch(vic_group *group, const int *rank_of, int population, size_t n, double *values) {
    int holder = rank_of[population];
    if (holder == 0)
        return VIC_OK;
    if (group->rank == holder)
        return send_rows(group, values, n);
    return group->rank == 0 ? receive_from(group, holder, values, n) : VIC_OK;
}
