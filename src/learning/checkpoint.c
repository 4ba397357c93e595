/* A checkpoint is a safetensors file: the weights under their names, the optimiser's moments as
 * NAME.MOMENT, the running sums of the present epoch as sums.POPULATION; as metadata the position, the number
 * of this format under "vicinal.checkpoint", and the settings of the run under "vicinal.settings". Format 1,
 * of version 0.1.0, has a text about the settings in the place of the number, and nothing of the data. */
#include "checkpoint.h"

#include "tensors/tensor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 96, FORMAT = 2 };

typedef struct checkpoint {
    vic_trainer *trainer;
    vic_inference *inference;
    const vic_optimizer_kind *optimizer;
    bool checks; /* names and sizes, and reads nothing */
} checkpoint;

static const char *moment_name(const checkpoint *c, const char *parameter, size_t moment, char name[NAME]) {
    snprintf(name, NAME, "%s.%s", parameter, c->optimizer->moment_names[moment]);
    return name;
}

static const char *sums_name(int population, char name[NAME]) {
    snprintf(name, NAME, "sums.%d", population);
    return name;
}

/* ---- writing ---- */

static vic_status plan_tensors(const checkpoint *c, vic_tensor_plan *plan) {
    const vic_network *network = vic_inference_network(c->inference);
    const char *dtype = network->precision == VIC_FLOAT32 ? "F32" : "F64";
    size_t length = vic_trainer_sums_length(c->trainer);
    char name[NAME];
    for (int id = 0; id < network->n_populations; id++) /* wide numbers come first in the file, too */
        VIC_TRY(vic_tensor_plan_add(plan, sums_name(id, name), "F64", 1, &length));
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++) {
            vic_parameter_slot slot = vic_parameter_slot_at(network, e, i);
            const vic_parameter *p = slot.parameter;
            VIC_TRY(vic_tensor_plan_add(plan, slot.name, dtype, p->rank, p->dim));
            for (size_t m = 0; m < c->optimizer->n_moments; m++)
                VIC_TRY(
                    vic_tensor_plan_add(plan, moment_name(c, slot.name, m, name), dtype, p->rank, p->dim));
        }
    return VIC_OK;
}

static vic_status describe_number(vic_tensor_plan *plan, const char *key, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return vic_tensor_plan_describe(plan, key, text);
}

static vic_status plan_all(const checkpoint *c, vic_tensor_plan *plan, const char *settings) {
    vic_position position = vic_trainer_position(c->trainer);
    VIC_TRY(describe_number(plan, "vicinal.checkpoint", FORMAT));
    VIC_TRY(vic_tensor_plan_describe(plan, "vicinal.settings", settings));
    VIC_TRY(describe_number(plan, "epoch", position.epoch));
    VIC_TRY(describe_number(plan, "step", position.step));
    VIC_TRY(describe_number(plan, "updates", position.updates));
    return plan_tensors(c, plan);
}

static vic_status put_projection(const checkpoint *c, vic_tensor_writer *writer, int population, int k,
                                 const vic_projection *out) {
    char name[NAME];
    for (size_t i = 0; i < out->n_parameters; i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(out->network, out->edge_index, i);
        VIC_TRY(vic_tensor_writer_put(writer, slot.name, out->theta[i]));
        for (size_t m = 0; m < c->optimizer->n_moments; m++)
            VIC_TRY(vic_tensor_writer_put(writer, moment_name(c, slot.name, m, name),
                                          vic_trainer_moment(c->trainer, population, k, i, m)));
    }
    return VIC_OK;
}

static vic_status put_local(const checkpoint *c, vic_tensor_writer *writer) {
    char name[NAME];
    for (int id = 0; id < vic_inference_network(c->inference)->n_populations; id++) {
        const vic_population *p = vic_inference_population(c->inference, id);
        if (p == NULL)
            continue;
        VIC_TRY(vic_tensor_writer_put(writer, sums_name(id, name), vic_trainer_sums(c->trainer, id)));
        for (int k = 0; k < p->n_out; k++)
            VIC_TRY(put_projection(c, writer, id, k, &p->out[k]));
    }
    return VIC_OK;
}

static checkpoint gather(vic_trainer *trainer, vic_inference *inference) {
    return (checkpoint){trainer, inference, vic_trainer_options(trainer)->optimizer, false};
}

vic_status vic_checkpoint_write(vic_trainer *trainer, vic_inference *inference, const char *path,
                                const char *settings) {
    checkpoint c = gather(trainer, inference);
    vic_group *group = vic_inference_group(inference);
    vic_tensor_plan plan = {0};
    vic_tensor_writer *writer = NULL;
    vic_status status = vic_group_agree_on_status(group, plan_all(&c, &plan, settings));
    if (status == VIC_OK)
        status = vic_tensor_writer_create(&writer, group, path, &plan);
    if (status == VIC_OK)
        status = vic_tensor_writer_finish(&writer, put_local(&c, writer));
    vic_tensor_plan_release(&plan);
    return status;
}

size_t vic_checkpoint_forecast(const vic_network *network, vic_learning_options options) {
    size_t tensors = (size_t)network->n_populations;
    for (int e = 0; e < network->n_edges; e++)
        tensors += vic_edge_parameters(&network->edges[e]) * (1 + options.optimizer->n_moments);
    return vic_size_product(tensors, VIC_PLANNED_TENSOR);
}

/* ---- reading ---- */

static vic_status read_tensor(const checkpoint *c, const vic_tensor_file *file, const char *name,
                              size_t count, vic_precision precision, void *values) {
    const vic_tensor *tensor = vic_tensor_file_find(file, name);
    if (tensor == NULL || tensor->count != count)
        return vic_fail(VIC_BAD_FILE,
                        "%s: tensor \"%s\" is missing or has another size: the checkpoint is of "
                        "another network or optimiser",
                        vic_tensor_file_path(file), name);
    return c->checks ? VIC_OK : vic_tensor_read_real(file, tensor, 0, count, precision, values);
}

static vic_status read_projection(const checkpoint *c, const vic_tensor_file *file, int population, int k,
                                  const vic_projection *out) {
    vic_precision precision = out->network->precision;
    char name[NAME];
    for (size_t i = 0; i < out->n_parameters; i++) {
        vic_parameter_slot slot = vic_parameter_slot_at(out->network, out->edge_index, i);
        size_t count = slot.parameter->count;
        VIC_TRY(read_tensor(c, file, slot.name, count, precision, out->theta[i]));
        for (size_t m = 0; m < c->optimizer->n_moments; m++)
            VIC_TRY(read_tensor(c, file, moment_name(c, slot.name, m, name), count, precision,
                                vic_trainer_moment(c->trainer, population, k, i, m)));
    }
    return VIC_OK;
}

static vic_status read_local(const checkpoint *c, const vic_tensor_file *file) {
    size_t length = vic_trainer_sums_length(c->trainer);
    char name[NAME];
    for (int id = 0; id < vic_inference_network(c->inference)->n_populations; id++) {
        const vic_population *p = vic_inference_population(c->inference, id);
        if (p == NULL)
            continue;
        VIC_TRY(
            read_tensor(c, file, sums_name(id, name), length, VIC_FLOAT64, vic_trainer_sums(c->trainer, id)));
        for (int k = 0; k < p->n_out; k++)
            VIC_TRY(read_projection(c, file, id, k, &p->out[k]));
    }
    return VIC_OK;
}

static vic_status read_number(const vic_tensor_file *file, const char *key, uint64_t *value) {
    const char *text = vic_tensor_file_metadata(file, key);
    char *end = NULL;
    errno = 0;
    *value = text ? strtoull(text, &end, 10) : 0;
    if (text == NULL || end == text || *end != '\0' || errno != 0)
        return vic_fail(VIC_BAD_FILE, "%s: the checkpoint's \"%s\" is no number", vic_tensor_file_path(file),
                        key);
    return VIC_OK;
}

static vic_status read_position(const vic_tensor_file *file, vic_position *position) {
    VIC_TRY(read_number(file, "epoch", &position->epoch));
    VIC_TRY(read_number(file, "step", &position->step));
    return read_number(file, "updates", &position->updates);
}

vic_status vic_checkpoint_read(vic_trainer *trainer, vic_inference *inference, const char *path) {
    checkpoint c = gather(trainer, inference);
    vic_tensor_file *file;
    vic_position position;
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = read_position(file, &position);
    if (status == VIC_OK)
        status = read_local(&(checkpoint){c.trainer, c.inference, c.optimizer, true}, file);
    if (status == VIC_OK)
        status = read_local(&c, file);
    if (status == VIC_OK)
        vic_trainer_set_position(trainer, position);
    vic_tensor_file_close(&file);
    return status;
}

static vic_status read_settings(const vic_tensor_file *file, int *number, char **settings) {
    const char *path = vic_tensor_file_path(file);
    const char *format = vic_tensor_file_metadata(file, "vicinal.checkpoint");
    const char *text = vic_tensor_file_metadata(file, "vicinal.settings");
    if (format == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: not a checkpoint", path);
    *number = strspn(format, "0123456789") == strlen(format) ? FORMAT : 1;
    if (*number == 1)
        return vic_format(settings, "%s", format);
    if (strtoul(format, NULL, 10) != FORMAT)
        return vic_fail(VIC_BAD_FILE,
                        "%s: a checkpoint of format %s, which this version does not know: it reads formats "
                        "1 and %d",
                        path, format, FORMAT);
    if (text == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: the checkpoint's list of settings is missing", path);
    return vic_format(settings, "%s", text);
}

vic_status vic_checkpoint_settings(const char *path, int *format, char **settings) {
    vic_tensor_file *file;
    *settings = NULL;
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = read_settings(file, format, settings);
    vic_tensor_file_close(&file);
    return status;
}
