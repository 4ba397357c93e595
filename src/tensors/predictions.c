#include "predictions.h"

static vic_status plan_all(vic_tensor_plan *plan, const vic_network *network, size_t samples) {
    vic_shape shape = network->shapes[vic_network_output(network)];
    size_t dim[VIC_MAX_RANK + 1] = {samples};
    for (int i = 0; i < shape.rank; i++)
        dim[i + 1] = shape.dim[i];
    VIC_TRY(vic_tensor_plan_add(plan, "prediction", network->precision == VIC_FLOAT32 ? "F32" : "F64",
                                shape.rank + 1, dim));
    VIC_TRY(vic_tensor_plan_add(plan, "class", "I64", 1, &samples));
    return vic_tensor_plan_add(plan, "target", "I64", 1, &samples);
}

static size_t outputs_of(const vic_network *network) {
    return vic_shape_count(network->shapes[vic_network_output(network)]);
}

static vic_status prepare(vic_predictions *p, vic_tensor_plan *plan, size_t samples) {
    const vic_network *network = vic_inference_network(p->inference);
    size_t batch = vic_inference_capacity(p->inference);
    if (vic_inference_population(p->inference, vic_network_output(network))) {
        VIC_TRY(vic_allocate(outputs_of(network) * batch, vic_precision_bytes(network->precision), &p->rows));
        VIC_TRY(vic_allocate(batch, sizeof *p->classes, &p->classes));
    }
    return plan_all(plan, network, samples);
}

vic_status vic_predictions_open(vic_predictions *p, vic_inference *inference, size_t samples,
                                const char *path) {
    vic_group *group = vic_inference_group(inference);
    vic_tensor_plan plan = {0};
    *p = (vic_predictions){.inference = inference};
    vic_status status = vic_group_agree_on_status(group, prepare(p, &plan, samples));
    if (status == VIC_OK)
        status = vic_tensor_writer_create(&p->writer, group, path, &plan);
    vic_tensor_plan_release(&plan);
    return status;
}

vic_status vic_predictions_put(void *context, size_t first, size_t n, const int64_t *targets) {
    vic_predictions *p = context;
    const vic_network *network = vic_inference_network(p->inference);
    const vic_arithmetic *arithmetic = vic_arithmetic_of(network->precision);
    const void *output = vic_inference_output(p->inference);
    size_t outputs = outputs_of(network);
    if (output == NULL)
        return VIC_OK;
    arithmetic->samples_outward(outputs, n, output, p->rows);
    arithmetic->classify(outputs, n, output, p->classes);
    VIC_TRY(vic_tensor_writer_put_part(p->writer, "prediction", first * outputs, n * outputs, p->rows));
    VIC_TRY(vic_tensor_writer_put_part(p->writer, "class", first, n, p->classes));
    return vic_tensor_writer_put_part(p->writer, "target", first, n, targets);
}

vic_status vic_predictions_close(vic_predictions *p, vic_status status) {
    bool alone = status == VIC_NO_PEER || status == VIC_NO_MEMORY; /* the other ranks may not have failed */
    if (p->writer && !alone)
        status = vic_tensor_writer_finish(&p->writer, status);
    vic_tensor_writer_abandon(&p->writer);
    vic_release(&p->rows);
    vic_release(&p->classes);
    return status;
}
