/* Exact updates that float32 holds as 0, run again in float64. */
#include "handover.h"
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

/* Numbers that are not finite in float64 were not in float32 either, which has been told before. */
static vic_status run(vic_verification *v, const vic_network *network, size_t batch) {
    vic_inference *wide = NULL;
    vic_inference_options options = vic_options_of_exact(vic_inference_get_options(v->x));
    VIC_TRY(vic_inference_create(&wide, vic_inference_group(v->x), network, vic_inference_rank_of(v->x),
                                 vic_inference_capacity(v->x), true, options));
    vic_status status = vic_updates_create(&v->wide, wide, VIC_FLOAT64);
    status = vic_group_agree(vic_inference_group(v->x), status);
    if (status == VIC_OK) {
        vic_hand_over(v->x, wide, batch);
        status = vic_run_checked(wide, batch);
    }
    if (status == VIC_OK)
        vic_updates_take(v->wide, wide);
    vic_inference_destroy(&wide);
    return status;
}

vic_status vic_wide_exact(vic_verification *v, size_t batch) {
    const vic_network *network = vic_inference_network(v->x);
    vic_group *group = vic_inference_group(v->x);
    vic_network *twin = NULL;
    int64_t here, anywhere;
    if (network->precision != VIC_FLOAT32)
        return VIC_OK;
    here = vanishes_here(v);
    VIC_TRY(vic_group_largest(group, 1, &here, &anywhere));
    if (!anywhere)
        return VIC_OK;
    vic_status status = vic_group_agree(group, vic_network_twin(&twin, network, VIC_FLOAT64));
    if (status == VIC_OK)
        status = run(v, twin, batch);
    vic_network_destroy(&twin);
    return status;
}
