/* Updates beside those of another inference on the same parameters and the same batch. */
#include "copy_inference.h"
#include "verification.h"

#include <math.h>

/* Both in the reference's precision, which is the one that `mine` is converted to. */
static void compare(vic_inference *x, const vic_updates *mine, vic_inference *reference, vic_scope scope,
                    vic_layer_check *layers) {
    bool same = vic_inference_network(x)->precision == mine->precision;
    for (int e = 0; e < mine->n_edges; e++) {
        const vic_projection *p = vic_projection_of(reference, e);
        if (p == NULL)
            continue;
        vic_pair pair = {
            .network = p->network,
            .edge = e,
            .precision = mine->precision,
            .scope = scope,
            .update = mine->of[e],
            .reference = p->gradient,
        };
        vic_compare(&pair, &layers[e]);
        if (!same)
            layers[e].ulp = NAN;
    }
}

vic_status vic_verify_against(vic_inference *x, vic_inference *reference, size_t batch, vic_scope scope,
                              vic_layer_check *layers) {
    vic_updates *mine = NULL;
    vic_status status = vic_updates_create(&mine, x, vic_inference_network(reference)->precision);
    status = vic_group_agree_on_status(vic_inference_group(x), status);
    if (status == VIC_OK)
        status = vic_run_checked(x, batch);
    if (status == VIC_OK) {
        vic_updates_take(mine, x);
        vic_copy_parameters_and_batch(x, reference, batch);
        status = vic_run_checked(reference, batch);
    }
    if (status == VIC_OK) {
        compare(x, mine, reference, scope, layers);
        status = vic_checks_collect(x, 1, layers);
    }
    vic_updates_destroy(&mine);
    return status;
}
