/* Weight files: one tensor per parameter of the network, named as PyTorch names them. */
#include "tensor.h"

#include <string.h>

static vic_status check_parameter(const vic_tensor_file *file, const vic_parameter_slot *slot) {
    const vic_tensor *tensor = vic_tensor_file_find(file, slot->name);
    const vic_parameter *parameter = slot->parameter;
    if (tensor == NULL)
        return vic_fail(VIC_BAD_FILE,
                        "%s: tensor \"%s\" is missing, the network has a parameter of that name",
                        vic_tensor_file_path(file), slot->name);
    if (vic_dims_equal(tensor->rank, tensor->dim, parameter->rank, parameter->dim))
        return VIC_OK;
    char found[VIC_DIMS_TEXT], expected[VIC_DIMS_TEXT];
    return vic_fail(VIC_BAD_FILE, "%s: tensor \"%s\" has shape %s, the network expects %s",
                    vic_tensor_file_path(file), slot->name, vic_dims_text(tensor->rank, tensor->dim, found),
                    vic_dims_text(parameter->rank, parameter->dim, expected));
}

static bool has_parameter(const vic_network *network, const char *name) {
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++)
            if (strcmp(vic_parameter_slot_at(network, e, i).name, name) == 0)
                return true;
    return false;
}

/* The file holds the network's parameters and nothing else. */
static vic_status check_all(const vic_tensor_file *file, const vic_network *network) {
    size_t n = 0;
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++, n++) {
            vic_parameter_slot slot = vic_parameter_slot_at(network, e, i);
            VIC_TRY(check_parameter(file, &slot));
        }
    if (vic_tensor_file_count(file) == n)
        return VIC_OK;
    for (size_t i = 0; i < vic_tensor_file_count(file); i++) {
        const char *name = vic_tensor_file_at(file, i)->name;
        if (!has_parameter(network, name))
            return vic_fail(VIC_BAD_FILE,
                            "%s: tensor \"%.100s\" is unexpected, the network has no such parameter",
                            vic_tensor_file_path(file), name);
    }
    return VIC_OK;
}

static vic_status read_projection(const vic_tensor_file *file, const vic_projection *projection) {
    const vic_network *network = projection->network;
    for (size_t i = 0; i < projection->n_parameters; i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(network, projection->edge_index, i);
        const vic_tensor *tensor = vic_tensor_file_find(file, slot.name);
        VIC_TRY(
            vic_tensor_read_real(file, tensor, 0, tensor->count, network->precision, projection->theta[i]));
    }
    return VIC_OK;
}

static vic_status read_local(const vic_tensor_file *file, vic_inference *inference) {
    const vic_network *network = vic_inference_network(inference);
    VIC_TRY(check_all(file, network));
    for (int id = 0; id < network->n_populations; id++) {
        const vic_population *population = vic_inference_population(inference, id);
        for (int k = 0; population != NULL && k < population->n_out; k++)
            VIC_TRY(read_projection(file, &population->out[k]));
    }
    return VIC_OK;
}

vic_status vic_weights_read(vic_inference *inference, const char *path) {
    vic_tensor_file *file;
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = read_local(file, inference);
    vic_tensor_file_close(&file);
    return status;
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
    vic_status status = vic_group_agree(group, plan_all(&plan, vic_inference_network(inference)));
    if (status == VIC_OK)
        status = vic_tensor_writer_create(&writer, group, path, &plan);
    if (status == VIC_OK)
        status = vic_tensor_writer_finish(&writer, put_local(writer, inference));
    vic_tensor_plan_release(&plan);
    return status;
}
