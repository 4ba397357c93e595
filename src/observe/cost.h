/* What the messages of an inference cost. */
#ifndef VIC_OBSERVE_COST_H
#define VIC_OBSERVE_COST_H

#include "inference/infer.h"

/* Where the time of a rank went, in seconds. The rest of the inference it had not begun, or was done. */
typedef struct vic_rank_time {
    double computing;
    double posting; /* posting sends and receives */
    double late;    /* waiting for a message that was not sent yet, or for a free send buffer */
    double wire;    /* waiting for a message that had been sent */
} vic_rank_time;

/* One inference on one batch; complete on rank 0. Times are measured, the rest is counted. */
typedef struct vic_communication {
    int n_edges, steps, n_ranks;
    vic_ledger_entry *entries; /* per edge, kind and step 0..steps: read with vic_communication_at */
    vic_rank_time *ranks;
    double seconds;   /* from the start of the input population to the end of the last rank */
    double path;      /* the critical path: the longest chain of computing and messages through the
                       * populations, as if each had a processor of its own */
    double free_path; /* the longest chain if messages took no time */
    double
        step; /* an inference step when all go on together: from the receipt of the last message of step 1 to
                 the same of the last step, divided by the steps between; NaN where there are fewer than 2 */
    double reading_cost;  /* seconds to read the clock and record that */
    size_t most_readings; /* on any rank */
} vic_communication;

/* Collective. Runs the inference on a batch that has been fed: once to warm up where time is
 * not simulated, then `repeats` times (at
 * least 1), of which *c becomes the one whose time is the median. Free with vic_communication_release, on
 * every rank. Errors: VIC_NO_MEMORY, VIC_NO_PEER. */
vic_status vic_communication_measure(vic_communication *c, vic_inference *inference, size_t batch,
                                     int repeats);
void vic_communication_release(vic_communication *c);

vic_ledger_entry vic_communication_at(const vic_communication *c, int edge, vic_message_kind kind, int step);
/* Summed over steps. */
vic_ledger_entry vic_communication_of(const vic_communication *c, int edge, vic_message_kind kind);
/* Summed over steps and edges. */
vic_ledger_entry vic_communication_total(const vic_communication *c, vic_message_kind kind);
/* The mean over the ranks that have populations. */
vic_rank_time vic_communication_mean(const vic_communication *c);
/* The share of the critical path that would be saved if messages took no time, 0 to 1. */
double vic_communication_share(const vic_communication *c);
/* What the measuring itself took, as a share of the inference. */
double vic_communication_overhead(const vic_communication *c);

#endif
