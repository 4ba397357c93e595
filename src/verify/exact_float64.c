/* Exact updates that float32 holds as 0, run again in float64. */
#include "copy_inference.h"
#include "verification.h"

static bool vanishes_here(const vic_verification *v) {
    for (int e = 0; e < v->exact->n_edges; e++) {
        if (vic_projection_of(v->x, e) == NULL)
            continue;
        vic_pair pair = vic_verification_pair(v, e);
        if (vic_pair_vanishes(&pair))
            return true;
    }
    return false;
}

/* Numbers that are not finite in float64 were not in float32 either, which has been reported before. */
static vic_status run(vic_verification *v, const vic_network *network, size_t batch) {
    vic_inference *float64 = NULL;
    vic_inference_options options = vic_options_of_exact(vic_inference_get_options(v->x));
    VIC_TRY(vic_inference_create(&float64, vic_inference_group(v->x), network, vic_inference_rank_of(v->x),
                                 vic_inference_capacity(v->x), true, options));
    vic_status status = vic_updates_create(&v->float64, float64, VIC_FLOAT64);
    status = vic_group_agree_on_status(vic_inference_group(v->x), status);
    if (status == VIC_OK) {
        vic_copy_parameters_and_batch(v->x, float64, batch);
        status = vic_run_checked(float64, batch);
    }
    if (status == VIC_OK)
        vic_updates_take(v->float64, float64);
    vic_inference_destroy(&float64);
    return status;
}

vic_status vic_exact_in_float64(vic_verification *v, size_t batch) {
    const vic_network *network = vic_inference_network(v->x);
    vic_group *group = vic_inference_group(v->x);
    vic_network *converted = NULL;
    int64_t here, anywhere;
    if (network->precision != VIC_FLOAT32)
        return VIC_OK;
    here = vanishes_here(v);
    VIC_TRY(vic_group_allreduce_max(group, 1, &here, &anywhere));
    if (!anywhere)
        return VIC_OK;
    vic_status status =
        vic_group_agree_on_status(group, vic_network_convert(&converted, network, VIC_FLOAT64));
    if (status == VIC_OK)
        status = run(v, converted, batch);
    vic_network_destroy(&converted);
    return status;
}

vic_status vic_verification_begin_judging(vic_verification *v, vic_inference *x, size_t batch,
                                          vic_scope scope) {
    VIC_TRY(vic_verification_begin(v, x, batch, scope));
    if (!vic_verification_judges(vic_inference_network(x), vic_inference_get_options(x)))
        return VIC_OK;
    return vic_exact_in_float64(v, batch);
}
