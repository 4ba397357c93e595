/* How long the steps of a training run took: collected on every rank, summarized on one. */
#ifndef VIC_OBSERVE_STEP_TIMING_H
#define VIC_OBSERVE_STEP_TIMING_H

#include "learning/learning.h"

typedef struct vic_step_timing vic_step_timing;

/* Local. Errors: VIC_NO_MEMORY. */
vic_status vic_step_timing_create(vic_step_timing **timing);
void vic_step_timing_destroy(vic_step_timing **timing);

/* Local. Keeps the times of a step, but for those of the first, which meets cold caches. Where memory runs
 * out the summary fails. */
void vic_step_timing_add(vic_step_timing *timing, const vic_step_times *times);

/* Seconds; NaN where there are no steps. Quantiles between two steps are interpolated. */
typedef struct vic_step_spread {
    double median, lower_quartile, upper_quartile, least;
    double total; /* of all steps */
} vic_step_spread;

/* Of each step, the times of the rank on which it took longest. Quantiles of parts need not add up to those
 * of the whole; their totals do. */
typedef struct vic_step_summary {
    size_t steps; /* without the first */
    vic_step_spread whole, part[VIC_STEP_PARTS];
} vic_step_summary;

/* Collective, every rank having added as many steps. *summary is complete on rank 0 only. Errors:
 * VIC_NO_MEMORY. */
vic_status vic_step_timing_summarize(const vic_step_timing *timing, vic_group *group,
                                     vic_step_summary *summary);

#endif
