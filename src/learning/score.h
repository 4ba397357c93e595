/* Adding up losses and hits at the output population, and bringing the sums to rank 0. For this room alone.
 */
#ifndef VIC_LEARNING_SCORE_H
#define VIC_LEARNING_SCORE_H

#include "learning.h"

enum { VIC_SCORE_LOSS, VIC_SCORE_CORRECT, VIC_SCORE_SUMS };

/* Local. Adds the last sweep's batch of n samples; nothing where the output is not local. */
void vic_score_add(vic_inference *x, const int64_t *classes, size_t n, double sums[VIC_SCORE_SUMS]);

/* Collective. *score from the output population's sums over `samples` samples, on rank 0. */
vic_status vic_score_collect(vic_inference *x, const double sums[VIC_SCORE_SUMS], size_t samples,
                             vic_score *score);

#endif
