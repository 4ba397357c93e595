/* Updates kept aside to be compared with. For this room alone. */
#ifndef VIC_VERIFY_UPDATES_H
#define VIC_VERIFY_UPDATES_H

#include "inference/infer.h"

typedef struct vic_updates {
    vic_precision precision;
    int n_edges;
    void ***of; /* [edge][parameter]; of[edge] is NULL where the edge starts on another rank */
} vic_updates;

/* Local. Room for the updates of an inference's local projections. */
vic_status vic_updates_create(vic_updates **updates, vic_inference *x, vic_precision precision);
void vic_updates_destroy(vic_updates **updates);

/* Local. Copies the updates that the inference has at hand, converted to the precision of `updates`. */
void vic_updates_take(vic_updates *updates, vic_inference *x);

/* The local projection of an edge, or NULL. */
vic_projection *vic_projection_of(vic_inference *x, int edge);

#endif
