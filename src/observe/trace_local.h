/* The inside of a trace, for this room alone. */
#ifndef VIC_OBSERVE_TRACE_LOCAL_H
#define VIC_OBSERVE_TRACE_LOCAL_H

#include "trace.h"

/* What this rank keeps of one inference; times are of its own clock. */
typedef struct vic_take {
    uint64_t index;
    const char *algorithm;
    int steps, kept_steps, microbatches;
    size_t n_spans;
    vic_span *spans;
    double *step_ends; /* per step 0..kept_steps */
    double *sizes;     /* per population and step 0..kept_steps; NaN where the population is elsewhere */
} vic_take;

/* How far the clock of this rank is ahead of rank 0's, and when that was found. */
typedef struct vic_clock_check {
    double when, ahead, uncertainty;
} vic_clock_check;

struct vic_trace {
    vic_group *group;
    vic_subscriber subscriber;
    bool in_a_run; /* not a sweep alone */
    vic_clock_check first;
    vic_status status; /* of recording on this rank */
    int n_populations;
    int *rank_of;
    size_t *neurons;
    int n_edges;
    int *ends;
    uint64_t inferences;
    size_t kept;     /* takes from the beginning, and as many from the end; 0: not set yet */
    vic_take *takes; /* 2 * kept: the first ones, then a ring */
};

vic_status vic_clock_check_make(vic_clock_check *check, vic_group *group);
/* Where inference number `index` is kept, or was. */
vic_take *vic_trace_place(const vic_trace *trace, uint64_t index);

#endif
