/* One inference, written out: each population writes what it owns. */
#include "dump.h"
#include "tensor.h"

#include <stdio.h>

enum { NAME = 64 };

static const char *dtype_of(const vic_network *network) {
    return network->precision == VIC_FLOAT32 ? "F32" : "F64";
}

static const char *layer_name(const char *what, int l, char name[NAME]) {
    snprintf(name, NAME, "%s.%d", what, l);
    return name;
}

static const char *name_of(const char *what, const char *parameter, char name[NAME]) {
    snprintf(name, NAME, "%s.%s", what, parameter);
    return name;
}

static vic_status plan_layer(vic_tensor_plan *plan, const vic_network *network, const char *what, int l,
                             size_t batch) {
    vic_shape shape = network->shapes[l];
    size_t dim[VIC_MAX_RANK + 1] = {batch};
    char name[NAME];
    for (int i = 0; i < shape.rank; i++)
        dim[i + 1] = shape.dim[i];
    return vic_tensor_plan_add(plan, layer_name(what, l, name), dtype_of(network), shape.rank + 1, dim);
}

static bool keeps_dual(const vic_inference *x) {
    return vic_algorithm_traits_of(vic_inference_get_options(x).algorithm)->has_dual;
}

/* What the steps have made of the parameters is a result, too. */
static bool has_learned(const vic_inference *x) {
    return vic_algorithm_traits_of(vic_inference_get_options(x).algorithm)->learns_in_steps;
}

static vic_status plan_parameters(vic_tensor_plan *plan, const vic_network *network, const char *what) {
    char name[NAME];
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++) {
            vic_parameter_slot slot = vic_parameter_slot_at(network, e, i);
            VIC_TRY(vic_tensor_plan_add(plan, name_of(what, slot.name, name), dtype_of(network),
                                        slot.parameter->rank, slot.parameter->dim));
        }
    return VIC_OK;
}

static vic_status plan_all(vic_tensor_plan *plan, const vic_inference *x, size_t batch) {
    const vic_network *network = vic_inference_network(x);
    bool has_dual = keeps_dual(x);
    for (int l = 1; l < network->n_populations; l++) {
        VIC_TRY(plan_layer(plan, network, "prediction", l, batch));
        VIC_TRY(plan_layer(plan, network, "belief", l, batch));
        VIC_TRY(plan_layer(plan, network, "error", l, batch));
        if (has_dual && l < vic_network_output(network))
            VIC_TRY(plan_layer(plan, network, "dual", l, batch));
    }
    VIC_TRY(plan_parameters(plan, network, "grad"));
    if (has_learned(x))
        VIC_TRY(plan_parameters(plan, network, "parameter"));
    return vic_tensor_plan_add(plan, "loss", dtype_of(network), 0, NULL);
}

static vic_status plan_predictions(vic_tensor_plan *plan, const vic_inference *x, size_t batch) {
    const vic_network *network = vic_inference_network(x);
    for (int l = 1; l < network->n_populations; l++)
        VIC_TRY(plan_layer(plan, network, "prediction", l, batch));
    if (network->loss->target_type == VIC_TARGET_CLASSES)
        VIC_TRY(vic_tensor_plan_add(plan, "class", "I64", 1, &batch));
    return VIC_OK;
}

static vic_status put_outward(vic_tensor_writer *writer, const vic_population *p, size_t batch,
                              const char *what, const void *values) {
    vic_precision precision = p->network->precision;
    char name[NAME];
    void *rows;
    VIC_TRY(vic_allocate(p->count * batch, vic_precision_bytes(precision), &rows));
    vic_arithmetic_of(precision)->samples_outward(p->count, batch, values, rows);
    vic_status status = vic_tensor_writer_put(writer, layer_name(what, p->id, name), rows);
    vic_release(&rows);
    return status;
}

/* An array of a population, which may be stored micro-batch by micro-batch. */
static vic_status put_own_outward(vic_tensor_writer *writer, const vic_inference *x, const vic_population *p,
                                  size_t batch, const char *what, const void *microbatches) {
    vic_precision precision = p->network->precision;
    void *whole;
    if (vic_inference_microbatch_of(x, p->id, 0).samples == batch)
        return put_outward(writer, p, batch, what, microbatches);
    VIC_TRY(vic_allocate(p->count * batch, vic_precision_bytes(precision), &whole));
    for (size_t sample = 0; sample < batch;) {
        vic_sample_range microbatch = vic_inference_microbatch_of(x, p->id, sample);
        vic_insert_microbatch(precision, p->count, batch, microbatches, microbatch, whole);
        sample = microbatch.first + microbatch.samples;
    }
    vic_status status = put_outward(writer, p, batch, what, whole);
    vic_release(&whole);
    return status;
}

static vic_status put_loss(vic_tensor_writer *writer, const vic_inference *x) {
    double loss = vic_inference_loss(x), rounded;
    vic_arithmetic_of(vic_inference_network(x)->precision)->from_float64(1, &loss, &rounded);
    return vic_tensor_writer_put(writer, "loss", &rounded);
}

static vic_status put_population(vic_tensor_writer *writer, vic_inference *x, const vic_population *p,
                                 size_t batch) {
    char name[NAME];
    if (p->id > 0) {
        VIC_TRY(put_outward(writer, p, batch, "prediction", vic_inference_recorded_prediction(x, p->id)));
        VIC_TRY(put_outward(writer, p, batch, "belief", vic_inference_recorded_belief(x, p->id)));
        VIC_TRY(put_outward(writer, p, batch, "error", vic_inference_recorded_error(x, p->id)));
        if (p->dual && keeps_dual(x))
            VIC_TRY(put_own_outward(writer, x, p, batch, "dual", p->dual));
    }
    for (int k = 0; k < p->n_out; k++)
        for (size_t i = 0; i < p->out[k].n_parameters; i++) {
            vic_parameter_slot slot = vic_parameter_slot_at(p->network, p->out[k].edge_index, i);
            VIC_TRY(vic_tensor_writer_put(writer, name_of("grad", slot.name, name), p->out[k].gradient[i]));
            if (has_learned(x))
                VIC_TRY(
                    vic_tensor_writer_put(writer, name_of("parameter", slot.name, name), p->out[k].theta[i]));
        }
    return p->id == vic_network_output(p->network) ? put_loss(writer, x) : VIC_OK;
}

static vic_status put_classes(vic_tensor_writer *writer, const vic_inference *x, const vic_population *p,
                              size_t batch) {
    int64_t *classes;
    VIC_TRY(vic_allocate(batch, sizeof *classes, &classes));
    vic_arithmetic_of(p->network->precision)->classify(p->count, batch, vic_inference_output(x), classes);
    vic_status status = vic_tensor_writer_put(writer, "class", classes);
    vic_release(&classes);
    return status;
}

static vic_status put_prediction(vic_tensor_writer *writer, vic_inference *x, const vic_population *p,
                                 size_t batch) {
    if (p->id > 0)
        VIC_TRY(put_outward(writer, p, batch, "prediction", vic_inference_recorded_prediction(x, p->id)));
    bool classes = p->network->loss->target_type == VIC_TARGET_CLASSES;
    return classes && p->id == vic_network_output(p->network) ? put_classes(writer, x, p, batch) : VIC_OK;
}

typedef vic_status plan_file(vic_tensor_plan *plan, const vic_inference *x, size_t batch);
typedef vic_status put_own(vic_tensor_writer *writer, vic_inference *x, const vic_population *p,
                           size_t batch);

static vic_status put_local(vic_tensor_writer *writer, vic_inference *x, size_t batch, put_own *put) {
    for (int id = 0; id < vic_inference_network(x)->n_populations; id++) {
        const vic_population *p = vic_inference_population(x, id);
        if (p)
            VIC_TRY(put(writer, x, p, batch));
    }
    return VIC_OK;
}

static vic_status write_file(vic_inference *x, size_t batch, const char *path, plan_file *plan_it,
                             put_own *put) {
    vic_group *group = vic_inference_group(x);
    vic_tensor_plan plan = {0};
    vic_tensor_writer *writer = NULL;
    vic_status status = vic_group_agree_on_status(group, plan_it(&plan, x, batch));
    if (status == VIC_OK)
        status = vic_tensor_writer_create(&writer, group, path, &plan);
    if (status == VIC_OK)
        status = vic_tensor_writer_finish(&writer, put_local(writer, x, batch, put));
    vic_tensor_plan_release(&plan);
    return status;
}

vic_status vic_inference_write(vic_inference *x, size_t batch, const char *path) {
    return write_file(x, batch, path, plan_all, put_population);
}

vic_status vic_predictions_write(vic_inference *x, size_t batch, const char *path) {
    return write_file(x, batch, path, plan_predictions, put_prediction);
}
