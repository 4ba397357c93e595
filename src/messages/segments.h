/* The segments of a wiring, one for each edge between two ranks of a node. For this room alone. */
#ifndef VIC_MESSAGES_SEGMENTS_H
#define VIC_MESSAGES_SEGMENTS_H

#include "group.h"
#include "segment.h"

typedef struct vic_segments {
    int n_edges;
    vic_segment *of; /* per edge, closed where there is none */
    char *note;      /* why there are none although there could be; or NULL */
} vic_segments;

/* Collective. Makes and opens the segments that have an end on this rank, all or none on all ranks, and takes
 * their names away. The end of `from` makes the segment. Where one cannot be had, there is a note, or, with
 * VIC_TRANSPORT_SHARED, the call fails. Errors: VIC_NO_MEMORY, VIC_NO_PEER, VIC_BAD_FILE. */
vic_status vic_segments_open(vic_segments *segments, vic_group *group, MPI_Comm communicator,
                             const vic_network *network, const int *rank_of, size_t capacity);
void vic_segments_close(vic_segments *segments);

#endif
