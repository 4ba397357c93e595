/* The analysis of the timelines of all ranks. */
#ifndef VIC_OBSERVE_CRITICAL_PATH_H
#define VIC_OBSERVE_CRITICAL_PATH_H

#include "cost.h"

/* The spans of one rank, in their order; the clocks of all ranks are set alike. */
typedef struct vic_rank_timeline {
    const vic_span *spans;
    size_t count;
} vic_rank_timeline;

/* Local, a pure function of its arguments: the step of vic_communication. */
double vic_step_of(size_t n_ranks, const vic_rank_timeline *records, int steps);

/* Local, a pure function of its arguments. An inference of `steps` steps becomes *path, the longest chain of
 * spans through it, every population working by itself; *free_path, the same if messages took no time; and
 * where the time of each rank went, ranks[0..n_ranks-1]. NaN for both paths when a message was waited for
 * that was not sent. Errors: VIC_NO_MEMORY. */
vic_status vic_critical_path(const vic_network *network, int steps, size_t n_ranks,
                             const vic_rank_timeline *records, double *path, double *free_path,
                             vic_rank_time *ranks);

#endif
