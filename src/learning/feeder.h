/* Batch after batch into the network: where a pool is, the inputs of the next one are written beside what the
 * present one is computed with, into an array that takes the place of the inference's. For this room alone.
 */
#ifndef VIC_LEARNING_FEEDER_H
#define VIC_LEARNING_FEEDER_H

#include "learning.h"

/* Samples order[0..n-1] become input, (features, n). */
typedef struct vic_feeding {
    const vic_source *data;
    const size_t *order;
    vic_precision precision;
    size_t n, features;
    char *input;
} vic_feeding;

typedef struct vic_feeder {
    vic_inference *inference;
    const vic_source *data;
    void *spare;       /* NULL: nothing is fed ahead */
    vic_feeding ahead; /* n is 0: none */
} vic_feeder;

/* Local. Both outlive it. Of one pool, one feeder is open at a time. Errors: VIC_NO_MEMORY. */
vic_status vic_feeder_open(vic_feeder *feeder, vic_inference *inference, const vic_source *data);

/* As vic_feed. Then order[n..n+next-1], which must be the next batch, is fed ahead, if it can be; `order`
 * must stay as it is until then. next = 0: none comes. */
vic_status vic_feeder_feed(vic_feeder *feeder, const size_t *order, size_t n, size_t next, int64_t *classes);

/* After it, too, no task of the feeder is left, whatever was fed. A zeroed one may be closed, and a closed
 * one. */
void vic_feeder_close(vic_feeder *feeder);

#endif
