/* Bytes of every rank, brought to one. */
#include "group.h"

#include <limits.h>
#include <string.h>

enum { GATHER_TAG = 3 };

static vic_status send(vic_group *group, const void *data, size_t bytes) {
    MPI_Request request;
    MPI_Isend(data, (int)bytes, MPI_BYTE, 0, GATHER_TAG, group->communicator, &request);
    return vic_wait(&group->waiter, &request);
}

static vic_status receive(vic_group *group, int from, void *data, size_t bytes) {
    MPI_Request request;
    MPI_Irecv(data, (int)bytes, MPI_BYTE, from, GATHER_TAG, group->communicator, &request);
    return vic_wait(&group->waiter, &request);
}

/* sizes: of each rank, on rank 0. */
static vic_status print_sizes(vic_group *group, uint64_t mine, uint64_t *sizes) {
    if (group->rank != 0)
        return send(group, &mine, sizeof mine);
    sizes[0] = mine;
    for (int rank = 1; rank < group->size; rank++)
        VIC_TRY(receive(group, rank, &sizes[rank], sizeof *sizes));
    return VIC_OK;
}

static vic_status allocate_buffers(const vic_group *group, const uint64_t *sizes, char **buffer,
                                   size_t *size) {
    *size = 0;
    for (int rank = 0; group->rank == 0 && rank < group->size; rank++)
        *size += (size_t)sizes[rank];
    return group->rank == 0 ? vic_allocate(*size, 1, buffer) : VIC_OK;
}

static vic_status bring(vic_group *group, const void *mine, size_t bytes, const uint64_t *sizes,
                        char *buffer) {
    if (group->rank != 0)
        return bytes ? send(group, mine, bytes) : VIC_OK;
    if (bytes)
        memcpy(buffer, mine, bytes);
    buffer += bytes;
    for (int rank = 1; rank < group->size; buffer += sizes[rank++])
        if (sizes[rank])
            VIC_TRY(receive(group, rank, buffer, (size_t)sizes[rank]));
    return VIC_OK;
}

vic_status vic_group_gather(vic_group *group, const void *mine, size_t bytes, void *all, size_t *size) {
    uint64_t *sizes = NULL;
    char *buffer = NULL;
    vic_status status = bytes > INT_MAX ? vic_fail(VIC_NO_MEMORY, "%zu bytes are too many to gather", bytes)
                                        : vic_allocate((size_t)group->size, sizeof *sizes, &sizes);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = print_sizes(group, bytes, sizes);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, allocate_buffers(group, sizes, &buffer, size));
    if (status == VIC_OK)
        status = bring(group, mine, bytes, sizes, buffer);
    if (status != VIC_OK)
        vic_release(&buffer);
    vic_release(&sizes);
    memcpy(all, &buffer, sizeof buffer);
    return status;
}
