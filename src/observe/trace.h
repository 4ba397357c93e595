/* A trace: which population did what when, from every rank on one clock. */
#ifndef VIC_OBSERVE_TRACE_H
#define VIC_OBSERVE_TRACE_H

#include "inference/infer.h"

/* ---- recording ---- */

typedef struct vic_trace vic_trace;

/* How much is kept of a long run: so many messages, and no more than so many inferences from its beginning
 * and from its end. */
enum { VIC_TRACE_MESSAGES = 20000, VIC_TRACE_INFERENCES = 8 };

/* Collective. Compares the clocks of all ranks. From now on whole inferences are recorded, whichever they
 * are: the first ones and the last ones, and of each no more steps than the limit allows. Sweeps alone are
 * not. All have as many populations as the first one. `group` must outlive the trace. */
vic_status vic_trace_open(vic_trace **trace, vic_group *group);
void vic_trace_close(vic_trace **trace);

/* ---- what was recorded, on one clock ---- */

/* One inference of those kept. Times are in seconds from the first of them. */
typedef struct vic_trace_take {
    uint64_t index; /* among all inferences, from 0 */
    const char *algorithm;
    int steps, kept_steps, microbatches;
    double begin, end;
} vic_trace_take;

/* A span and the rank that it is of. Computing has a step too: 0 during the sweep, steps + 1 afterwards, when
 * gradients are formed. */
typedef struct vic_trace_span {
    size_t take;
    int rank;
    vic_span span;
} vic_trace_span;

/* How large the error of a population was at the end of a step: |eps_l|, or with precision weights the root
 * of eps^T P eps; of the output population the loss. */
typedef struct vic_trace_size {
    int rank, population;
    double time, value;
} vic_trace_size;

typedef struct vic_trace_data {
    int n_ranks, n_populations;
    int *rank_of;
    size_t *neurons; /* per population */
    int n_edges;
    int *ends;           /* per edge the two populations, the lower one first */
    uint64_t inferences; /* of the whole run */
    size_t n_takes;
    vic_trace_take *takes;
    size_t n_spans, span_capacity;
    vic_trace_span *spans; /* by take, then by rank, then by time */
    size_t n_sizes, size_capacity;
    vic_trace_size *sizes;
    double clock_uncertainty; /* of the worst rank, in seconds; 0 with one rank */
} vic_trace_data;

/* Collective. Compares the clocks again, so that clocks which drift apart are set right between, and gathers
 * what was recorded: *story is complete on rank 0. Free with vic_trace_data_release. Errors: VIC_NO_MEMORY.
 */
vic_status vic_trace_collect(vic_trace *trace, vic_trace_data *trace_data);
void vic_trace_data_release(vic_trace_data *trace_data);

/* Local. Writes a story as Chrome trace-event JSON, which Perfetto and chrome://tracing open: a process per
 * rank, a thread per population, an arrow per message. The file is whole or not there. Errors: VIC_BAD_FILE,
 * VIC_NO_MEMORY. */
vic_status vic_trace_write(const vic_trace_data *trace_data, const char *path);

#endif
