#include "segments.h"
#include "transport.h"

#include <stdio.h>
#include <string.h>

enum { RESERVE = 4 << 20 }; /* bytes for each rank of a node: pages that MPI has not touched yet */

typedef struct opening {
    vic_segments *segments;
    vic_group *group;
    MPI_Comm communicator;
    const vic_network *network;
    const int *rank_of;
    size_t capacity;
    int *node_of;          /* per rank */
    MPI_Request *requests; /* per edge */
    char (*names)[VIC_SEGMENT_NAME];
} opening;

static bool wants_segment(const opening *o, int edge, int *from, int *to) {
    *from = o->rank_of[o->network->edges[edge].from];
    *to = o->rank_of[o->network->edges[edge].to];
    return *from != *to && o->node_of[*from] == o->node_of[*to];
}

/* The rank at the other end of an edge that wants a segment here; -1: it wants none. */
static int other_end(const opening *o, int edge) {
    int me = o->group->rank, from, to;
    if (!wants_segment(o, edge, &from, &to) || (from != me && to != me))
        return -1;
    return from == me ? to : from;
}

static bool makes(const opening *o, int edge) {
    return o->rank_of[o->network->edges[edge].from] == o->group->rank;
}

static size_t message_bytes(const opening *o, int edge) {
    return vic_size_product(vic_message_numbers(o->network, edge, o->capacity),
                            vic_precision_bytes(o->network->precision));
}

/* All segments of this node. Without the reserve MPI's own shared memory, which has no pages until it is
 * written to, could end the process. No pages are allocated before all ranks have looked. */
static vic_status check_room(const opening *o) {
    size_t bytes = 0, reserve = 0;
    int here = o->node_of[o->group->rank], from, to;
    for (int e = 0; e < o->segments->n_edges; e++)
        if (wants_segment(o, e, &from, &to) && o->node_of[from] == here)
            bytes = vic_size_sum(bytes, vic_segment_bytes(message_bytes(o, e)));
    for (int rank = 0; rank < o->group->size; rank++)
        reserve += o->node_of[rank] == here ? RESERVE : 0;
    return bytes > 0 ? vic_segment_check_room(bytes, reserve) : VIC_OK;
}

/* After a failure no more are made: the names that are sent are empty. */
static vic_status make_all(const opening *o) {
    VIC_TRY(check_room(o));
    for (int e = 0; e < o->segments->n_edges; e++) {
        vic_segment *s = &o->segments->of[e];
        if (other_end(o, e) < 0 || !makes(o, e))
            continue;
        VIC_TRY(vic_segment_make(s, message_bytes(o, e)));
        memcpy(o->names[e], s->name, sizeof s->name);
    }
    return VIC_OK;
}

static vic_status exchange_names(const opening *o) {
    for (int e = 0; e < o->segments->n_edges; e++) {
        int other = other_end(o, e), code = MPI_SUCCESS;
        o->requests[e] = MPI_REQUEST_NULL;
        if (other >= 0 && makes(o, e))
            code = MPI_Isend(o->names[e], VIC_SEGMENT_NAME, MPI_CHAR, other, e, o->communicator,
                             &o->requests[e]);
        else if (other >= 0)
            code = MPI_Irecv(o->names[e], VIC_SEGMENT_NAME, MPI_CHAR, other, e, o->communicator,
                             &o->requests[e]);
        if (code != MPI_SUCCESS)
            return vic_fail(VIC_NO_PEER, "MPI refuses with error code %d", code);
    }
    for (int e = 0; e < o->segments->n_edges; e++)
        VIC_TRY(vic_wait(&o->group->waiter, &o->requests[e]));
    return VIC_OK;
}

static vic_status open_all(const opening *o) {
    for (int e = 0; e < o->segments->n_edges; e++)
        if (other_end(o, e) >= 0 && !makes(o, e) && *o->names[e])
            VIC_TRY(vic_segment_open(&o->segments->of[e], o->names[e], message_bytes(o, e)));
    return VIC_OK;
}

/* The first failure is reported; a rank that failed still answers its neighbours. */
static vic_status join_all(const opening *o) {
    char text[256];
    vic_status made = make_all(o);
    snprintf(text, sizeof text, "%s", vic_error_text());
    VIC_TRY(exchange_names(o));
    return made ? vic_fail(made, "%s", text) : open_all(o);
}

static vic_status allocate_all(const opening *o) {
    for (int e = 0; e < o->segments->n_edges; e++)
        VIC_TRY(vic_segment_allocate(&o->segments->of[e]));
    return VIC_OK;
}

static vic_status prepare(opening *o) {
    size_t n = (size_t)o->segments->n_edges;
    VIC_TRY(vic_allocate(n, sizeof *o->segments->of, &o->segments->of));
    VIC_TRY(vic_allocate((size_t)o->group->size, sizeof *o->node_of, &o->node_of));
    VIC_TRY(vic_allocate(n, sizeof *o->requests, &o->requests));
    return vic_allocate(n, sizeof *o->names, &o->names);
}

static void close_all(vic_segments *segments) {
    for (int e = 0; segments->of && e < segments->n_edges; e++)
        vic_segment_close(&segments->of[e]);
}

/* Without segments the wiring works as well. */
static vic_status do_without(const opening *o, vic_status reason) {
    char text[256];
    close_all(o->segments);
    if (reason != VIC_BAD_FILE)
        return reason;
    snprintf(text, sizeof text, "%s", vic_error_text());
    if (o->group->transport == VIC_TRANSPORT_SHARED)
        return vic_fail(reason, "%s; give --transport mpi", text);
    return vic_group_agree_on_status(
        o->group, vic_format(&o->segments->note, "%s: messages between ranks go by MPI", text));
}

/* Names exist only while nothing is allocated, which takes long: a rank that is killed leaves none. */
static vic_status open_segments(opening *o) {
    VIC_TRY(vic_group_agree_on_status(o->group, prepare(o)));
    VIC_TRY(vic_group_nodes(o->group, o->node_of));
    vic_status status = vic_group_agree_on_status(o->group, join_all(o));
    for (int e = 0; e < o->segments->n_edges; e++) {
        o->segments->of[e].waiter = &o->group->messages;
        vic_segment_unlink(&o->segments->of[e]);
    }
    if (status == VIC_OK)
        status = vic_group_agree_on_status(o->group, allocate_all(o));
    return status ? do_without(o, status) : VIC_OK;
}

vic_status vic_segments_open(vic_segments *segments, vic_group *group, MPI_Comm communicator,
                             const vic_network *network, const int *rank_of, size_t capacity) {
    opening o = {segments, group, communicator, network, rank_of, capacity, NULL, NULL, NULL};
    *segments = (vic_segments){.n_edges = network->n_edges};
    if (group->transport == VIC_TRANSPORT_MPI || group->size == 1 || vic_time_is_simulated())
        return VIC_OK;
    vic_status status = open_segments(&o);
    vic_release(&o.node_of);
    vic_release(&o.requests);
    vic_release(&o.names);
    return status;
}

void vic_segments_close(vic_segments *segments) {
    close_all(segments);
    vic_release(&segments->of);
    vic_release(&segments->note);
}
