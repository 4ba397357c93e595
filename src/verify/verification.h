/* The exact updates of a batch, kept to compare others with. For this room alone. */
#ifndef VIC_VERIFY_VERIFICATION_H
#define VIC_VERIFY_VERIFICATION_H

#include "rule.h"
#include "updates.h"

typedef struct vic_verification {
    vic_inference *x;
    vic_scope scope;
    vic_updates *exact;
    vic_updates *float64; /* exact in float64; see vic_exact_in_float64 */
    vic_rule rule;
} vic_verification;

/* Collective. Runs exact on the batch that has been fed, and leaves the inference with its own options.
 * Released with vic_verification_end, after a failure too. Errors: VIC_NOT_FINITE. */
vic_status vic_verification_begin(vic_verification *v, vic_inference *x, size_t batch, vic_scope scope);
/* Collective. The same where updates are to pass or fail: where a parameter's exact update is 0 in float32
 * and the rule applies to the algorithm, exact is run in float64 too, to find out whether it is 0 there. */
vic_status vic_verification_begin_judging(vic_verification *v, vic_inference *x, size_t batch,
                                          vic_scope scope);
void vic_verification_end(vic_verification *v);

/* What exact runs as, whatever is configured. */
vic_inference_options vic_options_of_exact(vic_inference_options configured);

/* Local. The updates at hand beside exact, on an edge that starts here. */
vic_pair vic_verification_pair(const vic_verification *v, int edge);

/* Local. Compares the updates at hand, which follow `options`, with exact: layers[edge] of the local edges.
 */
void vic_verification_compare(const vic_verification *v, vic_inference_options options,
                              vic_layer_check *layers);

/* Collective. v->wide becomes the updates of exact in float64 where those in float32 are 0 in all of some
 * parameter, on any rank; it stays NULL otherwise. The inference has its updates of exact at hand. */
vic_status vic_exact_in_float64(vic_verification *v, size_t batch);

/* Collective. An inference whose numbers must be finite on every rank. Errors: VIC_NOT_FINITE. */
vic_status vic_run_checked(vic_inference *x, size_t batch);

#endif
