/* Tensors by name: where they are, reading, and writing synapses. */
#include "model.h"
#include "numbers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A tensor that was looked for. */
typedef struct found {
    vic_tensor_info info;
    bool is_rows;     /* (features, samples) here; otherwise as the program sees it */
    bool is_synapses; /* may be written */
    void *array;      /* NULL where another rank has it */
} found;

/* ---- synapses and their gradients ---- */

static const vic_projection *projection_of(const vic_model *m, int edge) {
    const vic_population *p = vic_inference_population(m->inference, m->config->network->edges[edge].from);
    for (int k = 0; p && k < p->n_out; k++)
        if (p->out[k].edge_index == edge)
            return &p->out[k];
    return NULL;
}

static void describe_parameter(const vic_model *m, int edge, size_t index, vic_tensor_info *info) {
    vic_parameter_slot slot = vic_parameter_slot_at(m->config->network, edge, index);
    const vic_parameter *p = slot.parameter;
    *info = (vic_tensor_info){
        .population = m->config->network->edges[edge].from,
        .rank = p->rank,
        .count = p->count,
    };
    info->is_here = vic_inference_population(m->inference, info->population) != NULL;
    snprintf(info->name, sizeof info->name, "%s", slot.name);
    memcpy(info->dim, p->dim, (size_t)p->rank * sizeof *p->dim);
}

static vic_status unknown(const char *name) {
    return VIC_FAIL_WRONG_USE("there is no tensor '%.80s'; some are 0.0.weight, grad.0.0.weight, "
                              "prediction.output, belief.1, error.1",
                              name);
}

static vic_status check_gradient(const vic_model *m, const char *name) {
    if (!vic_inference_learns(m->inference))
        return VIC_FAIL_WRONG_USE("%.80s: the model was created without VIC_MODEL_LEARNS", name);
    if (m->state != VIC_MODEL_INFERRED)
        return VIC_FAIL_WRONG_USE("%.80s: there was no inference that it could be of", name);
    return VIC_OK;
}

/* `name` without the prefix of gradients. */
static vic_status find_parameter(const vic_model *m, const char *name, bool gradient, found *f) {
    const vic_network *network = m->config->network;
    long edge = strtol(name, NULL, 10);
    if (name[0] < '0' || name[0] > '9' || edge >= network->n_edges)
        return unknown(name);
    for (size_t i = 0; i < vic_edge_parameters(&network->edges[edge]); i++) {
        const vic_projection *projection = projection_of(m, (int)edge);
        describe_parameter(m, (int)edge, i, &f->info);
        if (strcmp(f->info.name, name) != 0)
            continue;
        f->is_synapses = !gradient;
        if (projection)
            f->array = gradient ? projection->gradient[i] : projection->theta[i];
        if (gradient)
            snprintf(f->info.name, sizeof f->info.name, "grad.%s", name);
        return VIC_OK;
    }
    return unknown(name);
}

/* ---- what populations had in the last batch ---- */

typedef enum kind { PREDICTION, BELIEF, ERROR, KINDS } kind;

static const char *const prefixes[KINDS] = {
    [PREDICTION] = "prediction.", [BELIEF] = "belief.", [ERROR] = "error."};

static vic_status check_kept(const vic_model *m, kind k, int population, const char *name) {
    bool is_output = population == vic_network_output(m->config->network);
    vic_model_state needed = k == PREDICTION ? VIC_MODEL_PREDICTED : VIC_MODEL_INFERRED;
    if (population == 0)
        return unknown(name);
    if (!(m->flags & VIC_MODEL_KEEPS_TENSORS) && !(k == PREDICTION && is_output))
        return VIC_FAIL_WRONG_USE("%.80s: the model was created without VIC_MODEL_KEEPS_TENSORS", name);
    if (m->state < needed)
        return VIC_FAIL_WRONG_USE("%.80s: there was no %s that it could be of", name,
                                  needed == VIC_MODEL_PREDICTED ? "prediction" : "inference");
    return VIC_OK;
}

static const void *kept_array(const vic_model *m, kind k, int population) {
    if (k == BELIEF)
        return vic_inference_recorded_belief(m->inference, population);
    if (k == ERROR)
        return vic_inference_recorded_error(m->inference, population);
    if (population == vic_network_output(m->config->network))
        return vic_inference_output(m->inference);
    return vic_inference_recorded_prediction(m->inference, population);
}

static vic_status find_rows(const vic_model *m, const char *name, kind k, found *f) {
    vic_tensor_info *info = &f->info;
    VIC_TRY(vic_population_named(m, name + strlen(prefixes[k]), &info->population));
    VIC_TRY(check_kept(m, k, info->population, name));
    vic_shape shape = m->config->network->shapes[info->population];
    snprintf(info->name, sizeof info->name, "%s%d", prefixes[k], info->population);
    info->is_here = vic_inference_population(m->inference, info->population) != NULL;
    info->rank = shape.rank + 1;
    info->dim[0] = m->samples;
    memcpy(info->dim + 1, shape.dim, (size_t)shape.rank * sizeof *shape.dim);
    info->count = m->samples * vic_shape_count(shape);
    f->is_rows = true;
    if (info->is_here)
        f->array = (void *)(uintptr_t)kept_array(m, k, info->population);
    return VIC_OK;
}

static vic_status find(const vic_model *m, const char *name, found *f) {
    static const char grad[] = "grad.";
    *f = (found){0};
    VIC_TRY(vic_model_check(m));
    VIC_TRY(vic_check_pointer(name, "name"));
    for (int k = 0; k < KINDS; k++)
        if (strncmp(name, prefixes[k], strlen(prefixes[k])) == 0)
            return find_rows(m, name, (kind)k, f);
    if (strncmp(name, grad, sizeof grad - 1) != 0)
        return find_parameter(m, name, false, f);
    VIC_TRY(check_gradient(m, name));
    return find_parameter(m, name + sizeof grad - 1, true, f);
}

/* ---- what a program calls ---- */

static size_t count_parameters(const vic_network *network) {
    size_t n = 0;
    for (int e = 0; e < network->n_edges; e++)
        n += vic_edge_parameters(&network->edges[e]);
    return n;
}

vic_result vic_model_parameters(const vic_model *m, size_t *count) {
    vic_status status = vic_model_check(m);
    if (status == VIC_OK)
        status = vic_check_pointer(count, "count");
    if (status == VIC_OK)
        *count = count_parameters(m->config->network);
    return vic_result_of(status);
}

static vic_status parameter(const vic_model *m, size_t index, vic_tensor_info *info) {
    VIC_TRY(vic_model_check(m));
    VIC_TRY(vic_check_pointer(info, "info"));
    const vic_network *network = m->config->network;
    size_t count = count_parameters(network);
    if (index >= count)
        return VIC_FAIL_WRONG_USE("there is no synapse array %zu among %zu", index, count);
    int edge = 0;
    for (; index >= vic_edge_parameters(&network->edges[edge]); edge++)
        index -= vic_edge_parameters(&network->edges[edge]);
    describe_parameter(m, edge, index, info);
    return VIC_OK;
}

vic_result vic_model_parameter(const vic_model *model, size_t index, vic_tensor_info *info) {
    return vic_result_of(parameter(model, index, info));
}

vic_result vic_model_find_tensor(const vic_model *model, const char *name, vic_tensor_info *info) {
    found f;
    vic_status status = find(model, name, &f);
    if (status == VIC_OK)
        status = vic_check_pointer(info, "info");
    if (status == VIC_OK)
        *info = f.info;
    return vic_result_of(status);
}

/* Errors: where this rank does not have it, or the program's array is of another size. */
static vic_status check_access(const found *f, vic_array array) {
    VIC_TRY(vic_array_check(array, f->info.count));
    if (f->array)
        return VIC_OK;
    return VIC_FAIL_NOT_HERE("%s is with population %d on another rank", f->info.name, f->info.population);
}

static vic_status read_tensor(const vic_model *m, const char *name, vic_array array) {
    found f;
    VIC_TRY(find(m, name, &f));
    VIC_TRY(check_access(&f, array));
    vic_precision precision = m->config->network->precision;
    if (f.is_rows)
        return vic_columns_to_rows(precision, f.array, f.info.count / m->samples, m->samples, array);
    vic_convert(f.info.count, precision, f.array, array.precision, array.values);
    return VIC_OK;
}

vic_result vic_model_read_f32(const vic_model *model, const char *name, float *values, size_t count) {
    return vic_result_of(read_tensor(model, name, vic_array_f32(values, count)));
}

vic_result vic_model_read_f64(const vic_model *model, const char *name, double *values, size_t count) {
    return vic_result_of(read_tensor(model, name, vic_array_f64(values, count)));
}

static vic_status write_tensor(vic_model *m, const char *name, vic_array array) {
    found f;
    void *values;
    VIC_TRY(vic_model_check_free(m));
    VIC_TRY(find(m, name, &f));
    if (!f.is_synapses)
        return VIC_FAIL_WRONG_USE("%.80s is no synapse array: it cannot be written", name);
    VIC_TRY(check_access(&f, array));
    vic_precision precision = m->config->network->precision;
    VIC_TRY(vic_allocate(f.info.count, vic_precision_bytes(precision), &values));
    vic_convert(f.info.count, array.precision, array.values, precision, values);
    bool finite = vic_arithmetic_of(precision)->all_finite(f.info.count, values);
    if (finite)
        vic_convert(f.info.count, precision, values, precision, f.array);
    vic_release(&values);
    return finite ? VIC_OK
                  : vic_fail(VIC_NOT_FINITE, "%s: a number is not finite in %s", f.info.name,
                             vic_precision_name(precision));
}

vic_result vic_model_write_f32(vic_model *model, const char *name, const float *values, size_t count) {
    return vic_result_of(write_tensor(model, name, vic_array_f32(values, count)));
}

vic_result vic_model_write_f64(vic_model *model, const char *name, const double *values, size_t count) {
    return vic_result_of(write_tensor(model, name, vic_array_f64(values, count)));
}
