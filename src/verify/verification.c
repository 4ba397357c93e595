#include "verification.h"

#include <stdio.h>

enum { TEXT = 512 };

vic_status vic_run_checked(vic_inference *x, size_t batch) {
    VIC_TRY(vic_inference_run(x, batch));
    return vic_inference_check(x);
}

static vic_status set_options(vic_inference *x, vic_inference_options options) {
    return vic_group_agree_on_status(vic_inference_group(x), vic_inference_set_options(x, options));
}

/* exact has numbers that are not finite. Where the configured algorithm has some, too, they are reported: the
 * same as without a comparison. */
static vic_status blame_configured(vic_inference *x, size_t batch, vic_inference_options configured) {
    char found[TEXT];
    snprintf(found, sizeof found, "%s", vic_error_text());
    VIC_TRY(set_options(x, configured));
    VIC_TRY(vic_run_checked(x, batch));
    return vic_fail(VIC_NOT_FINITE, "exact, which updates are compared with: %s", found);
}

vic_inference_options vic_options_of_exact(vic_inference_options configured) {
    vic_inference_options exact = configured;
    exact.algorithm = vic_algorithm_exact();
    exact.initial_beliefs = false;
    exact.microbatches = 1;
    exact.wires = NULL;
    return exact;
}

static vic_status run_exact(vic_verification *v, size_t batch) {
    vic_inference_options configured = vic_inference_get_options(v->x);
    VIC_TRY(set_options(v->x, vic_options_of_exact(configured)));
    vic_status status = vic_run_checked(v->x, batch);
    if (status == VIC_NOT_FINITE)
        return blame_configured(v->x, batch, configured);
    VIC_TRY(status);
    vic_updates_take(v->exact, v->x);
    return set_options(v->x, configured);
}

vic_status vic_verification_begin(vic_verification *v, vic_inference *x, size_t batch, vic_scope scope) {
    const vic_network *network = vic_inference_network(x);
    *v = (vic_verification){.x = x, .scope = scope};
    vic_status status = vic_updates_create(&v->exact, x, network->precision);
    if (status == VIC_OK)
        status = vic_rule_create(&v->rule, network);
    VIC_TRY(vic_group_agree_on_status(vic_inference_group(x), status));
    return run_exact(v, batch);
}

void vic_verification_end(vic_verification *v) {
    vic_rule_release(&v->rule);
    vic_updates_destroy(&v->exact);
    vic_updates_destroy(&v->float64);
}

vic_pair vic_verification_pair(const vic_verification *v, int edge) {
    const vic_projection *p = vic_projection_of(v->x, edge);
    return (vic_pair){
        .network = p->network,
        .edge = edge,
        .precision = v->exact->precision,
        .scope = v->scope,
        .update = p->gradient,
        .reference = v->exact->of[edge],
        .float64 = v->float64 ? v->float64->of[edge] : NULL,
    };
}

void vic_verification_compare(const vic_verification *v, vic_inference_options options,
                              vic_layer_check *layers) {
    for (int e = 0; e < v->exact->n_edges; e++) {
        if (vic_projection_of(v->x, e) == NULL)
            continue;
        vic_pair pair = vic_verification_pair(v, e);
        vic_compare(&pair, &layers[e]);
        vic_rule_apply(&v->rule, options, &pair, &layers[e]);
    }
}
