/* Studies of an inference: the law of its errors, verification against exact, a recording of what happened in
 * it, and what messages cost. */
#ifndef VICINAL_STUDY_H
#define VICINAL_STUDY_H

#include "vicinal/inference.h"
#include "vicinal/rules.h"

/* How long an error is after n steps, relative to the exact one, `height` edges below the output, where
 * predictions and Jacobians stay at those of the sweep: P[Binomial(n-1, eta) >= height], for 0 < eta <= 1.
 * Summed from its tail, so that small values keep their digits. */
double vic_law(double eta, int steps, int height);

/* The same where each population has a rate of its own, eta P_l: rates[0] is that of the population in
 * question, rates[height - 1] that of the one below the output. Errors: VIC_NO_MEMORY. */
vic_status vic_law_of_rates(const double *rates, int height, int steps, double *law);

/* Which parameters of a layer are compared. */
typedef enum vic_scope { VIC_WEIGHTS_AND_BIASES, VIC_WEIGHTS_ALONE } vic_scope;

/* One layer's update beside a reference, which is the exact one unless something else is said. NaN: not
 * defined, or not a finite number. */
typedef struct vic_layer_check {
    bool has_parameters;   /* in the scope of the comparison */
    double norm;           /* |exact| */
    double relative_error; /* |g - exact| / |exact|; NaN where exact is 0 and g is not */
    double angle;          /* degrees; NaN where either is 0 */
    double ulp;            /* largest distance of an entry, in units in the last place */
    double scale;          /* |g| / |exact|; NaN where exact is 0 */
    double law;            /* the predicted scale; NaN where the algorithm has none */
    double law_error;      /* |g - law exact| / |law exact|; 0 where both are 0 */
    bool kept;             /* the pass rule holds for this layer */
    bool underflows;       /* all of a parameter's update is 0 where law times exact, in float64, is not */
} vic_layer_check;

/* Whether the algorithm promises anything that can pass or fail: backpropagation, and what follows the law,
 * in error coordinates with eta <= 1, over perfect wires. */
bool vic_verification_judges(const vic_network *network, vic_inference_options options);

/* Collective. Runs exact and the configured algorithm on the same batch, which has been fed, and compares the
 * updates; `inference` learns, and has the configured updates at hand afterwards, the same bits as after
 * vic_inference_run. layers[0..n_edges-1] are complete on rank 0. The rule: |g - law exact| is at most 1e-12
 * (float64) or 1e-4 (float32) of |law exact| (what lies below the smallest normal number is not judged),
 * law = 0 gives exactly 0, no parameter's update is 0 where law times exact is not, and at eta = 1 with n >=
 * L the distance is 0 units in the last place. Where the rule is to pass or fail and all of a parameter's
 * exact update is 0 in float32, exact is run once more in float64, with room for an inference and its updates
 * in that precision as long as it lasts. Errors: VIC_NOT_FINITE. */
vic_status vic_verify(vic_inference *inference, size_t batch, vic_scope scope, vic_layer_check *layers);

/* Collective. The same without a verdict, for who takes many: `kept` and `underflows` are those of vic_verify
 * unless exact itself underflows. Nothing is run in float64. */
vic_status vic_verify_unjudged(vic_inference *inference, size_t batch, vic_scope scope,
                               vic_layer_check *layers);

/* Local, a pure function of its arguments: the room that the updates which are kept aside in vic_verify,
 * vic_trajectory and vic_verify_against take on a rank where the populations of here[0..n_populations-1] are,
 * in bytes; `precision` is that of what is compared with. */
size_t vic_verify_forecast(const vic_network *network, const bool *here, vic_precision precision);

/* Collective. What vic_verify finds for every number of inference steps n = 1..N, N being that of the
 * options, and all out of one inference of N steps (with closing steps: of N inferences): checks[(n-1) *
 * n_edges + layer], complete on rank 0.
 * Errors: VIC_NOT_FINITE, when the checks are complete all the same, with NaN where numbers are not finite.
 */
vic_status vic_trajectory(vic_inference *inference, size_t batch, vic_scope scope, vic_layer_check *checks);

/* Collective. Compares the updates with those of another inference, which gets this one's parameters and
 * batch, and may differ in options and in precision: float64 beside float32 tells what rounding costs. Both
 * have the same network otherwise, the same placement, and room for the batch. There is no law then, and ulp
 * is NaN unless the precisions are the same. Errors: VIC_NOT_FINITE. */
vic_status vic_verify_against(vic_inference *inference, vic_inference *reference, size_t batch,
                              vic_scope scope, vic_layer_check *layers);

/* ---- a recording: one inference, step by step ---- */

typedef struct vic_recording vic_recording;

/* Collective. Runs the configured inference on a batch that has been fed, and records of it the samples
 * samples[0..n_samples-1], each below `batch`. Nobody says anything that he would not say otherwise, results
 * and updates are the same bits. The reads below are for rank 0. Free with vic_recording_destroy, on every
 * rank. Errors: VIC_NOT_FINITE, VIC_NO_MEMORY. */
vic_status vic_recording_create(vic_recording **recording, vic_inference *inference, size_t batch,
                                size_t n_samples, const size_t *samples);
void vic_recording_destroy(vic_recording **recording);

/* n: steps 0..n are recorded. */
int vic_recording_steps(const vic_recording *recording);
/* The numbers of population `population`, in the order of its shape; `sample` counts those recorded. They
 * belong to the recording. */
const double *vic_recording_state(const vic_recording *recording, int population, vic_quantity quantity,
                                  int step, size_t sample);
/* What was said along an edge in a step, for each neuron of its target; NULL: silence. */
const double *vic_recording_message(const vic_recording *recording, int edge, vic_message_kind kind, int step,
                                    size_t sample);
/* Of the whole batch: the share of a population in the free energy, as vic_inference_energy tells it (the
 * loss of the sweep is that of the output population in step 0), and all of it. */
double vic_recording_energy(const vic_recording *recording, int population, int step);
double vic_recording_free_energy(const vic_recording *recording, int step);

/* ---- what the messages of an inference cost ---- */

/* Where the time of a rank went, in seconds. The rest of the inference it had not begun, or was done. */
typedef struct vic_rank_time {
    double computing;
    double posting; /* handing messages over, and saying where they shall go */
    double late;    /* waiting for a message that its speaker had not said yet, or for room to say the next */
    double wire;    /* waiting for a message that had been said */
} vic_rank_time;

/* One inference on one batch; complete on rank 0. Times are measured, the rest is counted. */
typedef struct vic_communication {
    int n_edges, steps, n_ranks;
    vic_ledger_entry *entries; /* per edge, kind and step 0..steps: read with vic_communication_at */
    vic_rank_time *ranks;
    double seconds;    /* from the start of the input population to the end of the last rank */
    double path;       /* the critical path: the longest chain of computing and messages through the
                        * populations, as if each had a processor of its own */
    double free_path;  /* the longest chain if messages took no time */
    double step;       /* an inference step when all go on together: from when the last message of step 1 has
                        * been heard to the same of the last step, divided by the steps between; NaN where
                        * there are fewer than 2 */
    double note_cost;  /* seconds to read the clock and note that */
    size_t most_notes; /* on any rank */
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
