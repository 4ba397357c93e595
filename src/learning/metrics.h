/* Sums of losses and correct predictions at the output population, gathered on rank 0. For this room
 * alone. */
#ifndef VIC_LEARNING_METRICS_H
#define VIC_LEARNING_METRICS_H

#include "learning.h"

enum { VIC_METRICS_LOSS, VIC_METRICS_CORRECT, VIC_METRICS_SUMS };

/* Local. Adds the last sweep's batch of n samples; nothing where the output is not local. */
void vic_metrics_add(vic_inference *x, const int64_t *classes, size_t n, double sums[VIC_METRICS_SUMS]);

/* Collective. *metrics from the output population's sums over `samples` samples, on rank 0. */
vic_status vic_metrics_gather(vic_inference *x, const double sums[VIC_METRICS_SUMS], size_t samples,
                              vic_metrics *metrics);

#endif
