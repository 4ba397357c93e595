#include "copy_inference.h"
#include "updates.h"

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

void vic_copy_parameters_and_batch(vic_inference *from, vic_inference *to, size_t batch) {
    give_parameters(from, to);
    give_batch(from, to, batch);
}
