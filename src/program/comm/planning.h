/* vicinal plan: what it predicts and prints. */
#ifndef VIC_PROGRAM_COMM_PLANNING_H
#define VIC_PROGRAM_COMM_PLANNING_H

#include "comm.h"

#include "model/plan.h"

/* What comm has no word for, of one run. */
typedef struct vic_plan_estimate {
    vic_plan plan;      /* its cost is that of the run */
    double *memory;     /* bytes per rank */
    double node_memory; /* of the fullest node */
    bool fits;          /* otherwise nothing else is estimated */
} vic_plan_estimate;

/* Runs that were planned and not made, as comm keeps them, and their outlooks: outlooks[setting *
 * VIC_MOST_RUNS + run].
 */
typedef struct vic_planning {
    vic_machine *machine;
    vic_comm comm;
    vic_plan_estimate *estimates;
} vic_planning;

static inline const vic_plan_estimate *vic_plan_estimate_of(const vic_planning *p, size_t setting,
                                                            size_t run) {
    return &p->estimates[setting * VIC_MOST_RUNS + run];
}

/* Local, on the rank that prints. */
void vic_plan_print_table(const vic_planning *planning);
vic_status vic_plan_print_json(const vic_planning *planning);

#endif
