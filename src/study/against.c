/* Updates beside those of another inference on the same parameters and the same batch. */
#include "verification.h"

#include <math.h>
#include <string.h>

static void give_parameters(vic_inference *from, vic_inference *to) {
    const vic_network *network = vic_inference_network(from);
    for (int e = 0; e < network->n_edges; e++) {
        const vic_projection *p = vic_projection_of(from, e), *q = vic_projection_of(to, e);
        for (size_t i = 0; p && i < p->n_parameters; i++)
            vic_convert(vic_parameter_slot_at(network, e, i).parameter->count, network->precision,
                        p->theta[i], q->network->precision, q->theta[i]);
    }
}

static void give_batch(vic_inference *from, vic_inference *to, size_t batch) {
    const vic_network *network = vic_inference_network(from);
    vic_precision precision = vic_inference_network(to)->precision;
    if (vic_inference_input(from))
        vic_convert(vic_shape_count(network->shapes[0]) * batch, network->precision,
                    vic_inference_input(from), precision, vic_inference_input(to));
    if (vic_inference_target(from) == NULL)
        return;
    if (network->loss->target_type == VIC_TARGET_CLASSES)
        memcpy(vic_inference_target(to), vic_inference_target(from), batch * sizeof(int64_t));
    else
        vic_convert(vic_shape_count(network->shapes[vic_network_output(network)]) * batch, network->precision,
                    vic_inference_target(from), precision, vic_inference_target(to));
}

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
    status = vic_group_agree(vic_inference_group(x), status);
    if (status == VIC_OK)
        status = vic_run_checked(x, batch);
    if (status == VIC_OK) {
        vic_updates_take(mine, x);
        give_parameters(x, reference);
        give_batch(x, reference, batch);
        status = vic_run_checked(reference, batch);
    }
    if (status == VIC_OK) {
        compare(x, mine, reference, scope, layers);
        status = vic_checks_collect(x, 1, layers);
    }
    vic_updates_destroy(&mine);
    return status;
}
