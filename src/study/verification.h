/* The exact updates of a batch, kept to compare others with. For this room alone. */
#ifndef VIC_STUDY_VERIFICATION_H
#define VIC_STUDY_VERIFICATION_H

#include "rule.h"
#include "updates.h"

typedef struct vic_verification {
    vic_inference *x;
    vic_scope scope;
    vic_updates *exact;
    vic_rule rule;
} vic_verification;

/* Collective. Runs exact on the batch that has been fed, and leaves the inference with its own options.
 * Released with vic_verification_end, after a failure too. Errors: VIC_NOT_FINITE. */
vic_status vic_verification_begin(vic_verification *v, vic_inference *x, size_t batch, vic_scope scope);
void vic_verification_end(vic_verification *v);

/* Local. Compares the updates at hand, which follow `options`, with exact: layers[edge] of the local edges.
 */
void vic_verification_compare(const vic_verification *v, vic_inference_options options,
                              vic_layer_check *layers);

/* Collective. An inference whose numbers must be finite on every rank. Errors: VIC_NOT_FINITE. */
vic_status vic_run_checked(vic_inference *x, size_t batch);

#endif
