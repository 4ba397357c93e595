/* What an inference would take on a machine. Nothing here needs that machine, or is collective. */
#ifndef VIC_MODEL_PLAN_H
#define VIC_MODEL_PLAN_H

#include "machine.h"

#include "observe/cost.h"

/* One inference of a batch that learns nothing, foretold. */
typedef struct vic_plan {
    vic_communication cost; /* as vic_communication_measure would give it; no note is taken */
    double free_seconds;    /* cost.seconds if messages took no time */
    double step;            /* seconds from one inference step to the next, the mean of the later half */
    double free_step;       /* the same if messages took no time */
    double step_messages, step_bytes; /* between populations, likewise */
    double rank_messages, rank_bytes; /* of those, between ranks */
    int bottleneck;                   /* the rank that computes and posts longest */
} vic_plan;

/* Local, a pure function of its arguments. Ranks that rank_of names have a core each, and everyone begins
 * when all are there. Free with vic_plan_release, after an error too. Errors: VIC_BAD_CONFIG when the machine
 * is too small, or does not describe the precision; VIC_NO_MEMORY. */
vic_status vic_plan_make(vic_plan *plan, const vic_machine *machine, const vic_network *network,
                         const int *rank_of, size_t batch, vic_inference_options options);
void vic_plan_release(vic_plan *plan);

#endif
