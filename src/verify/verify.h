/* The law of the errors of an inference, and verification against exact. */
#ifndef VIC_VERIFY_VERIFY_H
#define VIC_VERIFY_VERIFY_H

#include "inference/infer.h"

/* How long an error is after n steps, relative to the exact one, `height` edges below the output, where
 * predictions and Jacobians stay at those of the sweep: P[Binomial(n-1, eta) >= height], for 0 < eta <= 1.
 * Summed from its tail, so that small values keep their digits. */
double vic_law(double eta, int steps, int height);

/* The same where each population has a rate of its own, eta P_l: rates[0] is that of the population in
 * question, rates[height - 1] that of the one below the output. Errors: VIC_NO_MEMORY. */
vic_status vic_law_of_rates(const double *rates, int height, int steps, double *law);

/* Which parameters of a layer are compared. */
typedef enum vic_scope { VIC_WEIGHTS_AND_BIASES, VIC_WEIGHTS_ALONE } vic_scope;

/* One layer's update beside a reference, which is the exact one unless a comment states another. NaN: not
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
 * (float64) or 1e-4 (float32) of |law exact| (what lies below the smallest normal number is not judged), law
 * = 0 gives exactly 0, no parameter's update is 0 where law times exact is not, and at eta = 1 with n >= L
 * the distance is 0 units in the last place. Where the rule is to pass or fail and all of a parameter's exact
 * update is 0 in float32, exact is run once more in float64, which takes memory for an inference and its
 * updates in that precision. Errors: VIC_NOT_FINITE. */
vic_status vic_verify(vic_inference *inference, size_t batch, vic_scope scope, vic_layer_check *layers);

/* Collective. The same without a verdict, for callers that compare often: `kept` and `underflows` are those
 * of vic_verify unless exact itself underflows. Nothing is run in float64. */
vic_status vic_verify_unjudged(vic_inference *inference, size_t batch, vic_scope scope,
                               vic_layer_check *layers);

/* Local, a pure function of its arguments: the bytes of the updates that are kept aside in vic_verify,
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
 * batch, and may differ in options and in precision: float64 beside float32 shows the effect of rounding.
 * Both have the same network otherwise, the same placement, and a capacity of at least the batch. There is no
 * law then, and ulp is NaN unless the precisions are the same. Errors: VIC_NOT_FINITE. */
vic_status vic_verify_against(vic_inference *inference, vic_inference *reference, size_t batch,
                              vic_scope scope, vic_layer_check *layers);

#endif
