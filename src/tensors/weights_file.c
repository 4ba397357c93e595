/* Weight files: one tensor per parameter of the network, named as PyTorch names them. */
#include "weight_names.h"

#include <stdlib.h>
#include <string.h>

/* Parameters of a projection stand one after the other in the map, those of its edge. */
static vic_status read_projection(const vic_tensor_file *file, const vic_weight_map *map, size_t first,
                                  const vic_projection *projection) {
    vic_precision precision = projection->network->precision;
    for (size_t i = 0; i < projection->n_parameters; i++) {
        const vic_tensor *tensor = map->tensors[first + i];
        VIC_TRY(vic_tensor_read_real(file, tensor, 0, tensor->count, precision, projection->theta[i]));
    }
    return VIC_OK;
}

static vic_status read_local(const vic_tensor_file *file, const vic_weight_map *map,
                             vic_inference *inference) {
    const vic_network *network = vic_inference_network(inference);
    size_t first = 0;
    for (int e = 0; e < network->n_edges; first += vic_edge_parameters(&network->edges[e]), e++) {
        const vic_population *population = vic_inference_population(inference, network->edges[e].from);
        for (int k = 0; population != NULL && k < population->n_out; k++)
            if (population->out[k].edge_index == e)
                VIC_TRY(read_projection(file, map, first, &population->out[k]));
    }
    return VIC_OK;
}

static vic_status read_file(vic_inference *inference, const vic_tensor_file *file, vic_renames renames) {
    vic_named_tensors tensors;
    vic_weight_map map = {0};
    vic_status status = vic_named_tensors_open(&tensors, file, renames);
    if (status == VIC_OK)
        status = vic_weight_map_make(&map, &tensors, vic_inference_network(inference));
    if (status == VIC_OK)
        status = read_local(file, &map, inference);
    vic_weight_map_release(&map);
    vic_named_tensors_release(&tensors);
    return status;
}

vic_status vic_weights_read_from(vic_inference *inference, const char *path, vic_renames renames,
                                 int64_t *epoch) {
    vic_tensor_file *file;
    VIC_TRY(vic_tensor_file_open(&file, path));
    const char *number = vic_tensor_file_metadata(file, "epoch");
    bool checkpoint = vic_tensor_file_metadata(file, "vicinal.checkpoint") != NULL;
    *epoch = checkpoint && number ? strtoll(number, NULL, 10) : -1;
    vic_status status = read_file(inference, file, renames);
    vic_tensor_file_close(&file);
    return status;
}

vic_status vic_weights_read(vic_inference *inference, const char *path) {
    int64_t epoch;
    return vic_weights_read_from(inference, path, (vic_renames){0, NULL}, &epoch);
}

static vic_status plan_all(vic_tensor_plan *plan, const vic_network *network) {
    const char *dtype = network->precision == VIC_FLOAT32 ? "F32" : "F64";
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++) {
            vic_parameter_slot slot = vic_parameter_slot_at(network, e, i);
            VIC_TRY(vic_tensor_plan_add(plan, slot.name, dtype, slot.parameter->rank, slot.parameter->dim));
        }
    return VIC_OK;
}

static vic_status put_projection(vic_tensor_writer *writer, const vic_projection *projection) {
    for (size_t i = 0; i < projection->n_parameters; i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(projection->network, projection->edge_index, i);
        VIC_TRY(vic_tensor_writer_put(writer, slot.name, projection->theta[i]));
    }
    return VIC_OK;
}

static vic_status put_local(vic_tensor_writer *writer, vic_inference *inference) {
    for (int id = 0; id < vic_inference_network(inference)->n_populations; id++) {
        const vic_population *population = vic_inference_population(inference, id);
        for (int k = 0; population != NULL && k < population->n_out; k++)
            VIC_TRY(put_projection(writer, &population->out[k]));
    }
    return VIC_OK;
}

vic_status vic_weights_write(vic_inference *inference, const char *path) {
    vic_group *group = vic_inference_group(inference);
    vic_tensor_plan plan = {0};
    vic_tensor_writer *writer = NULL;
    vic_status status = vic_group_agree_on_status(group, plan_all(&plan, vic_inference_network(inference)));
    if (status == VIC_OK)
        status = vic_tensor_writer_create(&writer, group, path, &plan);
    if (status == VIC_OK)
        status = vic_tensor_writer_finish(&writer, put_local(writer, inference));
    vic_tensor_plan_release(&plan);
    return status;
}
