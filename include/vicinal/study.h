/* Studies of an inference: the law of fixed-prediction, and verification against exact. */
#ifndef VICINAL_STUDY_H
#define VICINAL_STUDY_H

#include "vicinal/inference.h"

/* How long a fixed-prediction error is after n steps, relative to the exact one, `height` edges below the
 * output: P[Binomial(n-1, eta) >= height], for 0 < eta <= 1. Summed from its tail, so that small values keep
 * their digits. */
double vic_law(double eta, int steps, int height);

/* One layer's update beside the exact one, weights and biases together. NaN: not defined. */
typedef struct vic_layer_check {
    bool has_parameters;
    double relative_error; /* |g - exact| / |exact|; NaN where exact is 0 and g is not */
    double angle;          /* degrees; NaN where either is 0 */
    double ulp;            /* largest distance of an entry, in units in the last place */
    double scale;          /* |g| / |exact|; NaN where exact is 0 */
    double law;            /* the predicted scale; NaN where the algorithm has none */
    double law_error;      /* |g - law exact| / |law exact|; 0 where both are 0 */
    bool kept;             /* the pass rule holds for this layer */
} vic_layer_check;

/* Whether the algorithm promises anything that can pass or fail: exact, and fixed-prediction in error
 * coordinates with eta <= 1. */
bool vic_verification_judges(vic_inference_options options);

/* Collective. Runs exact and the configured algorithm on the same batch, which has been fed, and compares the
 * updates; `inference` learns. layers[0..n_edges-1] are complete on rank 0. The rule: |g - law exact| is at
 * most 1e-12 (float64) or 1e-4 (float32) of |law exact| (what lies below the smallest normal number is not
 * judged), law = 0 gives exactly 0, and at eta = 1 with n >= L the distance is 0 units in the last place.
 * Errors: VIC_NOT_FINITE. */
vic_status vic_verify(vic_inference *inference, size_t batch, vic_layer_check *layers);

#endif
