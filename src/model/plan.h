/* What an inference would take on a machine. Nothing here needs that machine, or is collective. */
#ifndef VIC_MODEL_PLAN_H
#define VIC_MODEL_PLAN_H

#include "machine.h"

#include "observe/cost.h"

/* The prediction of one inference of a batch without learning. */
typedef struct vic_plan {
    vic_communication
        communication;   /* as vic_communication_measure would return it; without overhead of measuring */
    double free_seconds; /* cost.seconds if messages took no time */
    double step;         /* seconds from one inference step to the next, the mean of the later half */
    double free_step;    /* the same if messages took no time */
    double step_messages, step_bytes; /* between populations, likewise */
    double rank_messages, rank_bytes; /* of those, between ranks */
    int bottleneck;                   /* the rank that computes and posts longest */
} vic_plan;

/* Local, a pure function of its arguments. Each rank in rank_of has a core, and all begin at time 0. Free
 * with vic_plan_release, after an error too. Errors: VIC_BAD_CONFIG when the machine is too small, or does
 * not describe the precision; VIC_NO_MEMORY. */
vic_status vic_plan_make(vic_plan *plan, const vic_machine *machine, const vic_network *network,
                         const int *rank_of, size_t batch, vic_inference_options options);
void vic_plan_release(vic_plan *plan);

#endif
