/* What the input and the output population are given. */
#include "model.h"
#include "numbers.h"

#include <string.h>

static vic_status check_samples(const vic_model *m, size_t samples) {
    size_t capacity = vic_inference_capacity(m->inference);
    if (samples >= 1 && samples <= capacity)
        return VIC_OK;
    return VIC_FAIL_WRONG_USE("a batch of %zu samples: the model has a capacity of 1 to %zu", samples,
                              capacity);
}

/* Copies rows to where the inference reads them; `columns` is NULL on ranks that do not have them. */
static vic_status copy_rows(const vic_model *m, int population, size_t samples, vic_array rows,
                            void *columns) {
    const vic_network *network = m->config->network;
    size_t features = vic_shape_count(network->shapes[population]);
    VIC_TRY(check_samples(m, samples));
    if (columns == NULL)
        return VIC_OK;
    VIC_TRY(vic_array_check(rows, samples * features));
    return vic_rows_to_columns(rows, features, samples, network->precision, columns);
}

static vic_status set_inputs(vic_model *m, size_t samples, vic_array rows) {
    VIC_TRY(vic_model_check_free(m));
    m->n_inputs = 0;
    VIC_TRY(copy_rows(m, 0, samples, rows, vic_inference_input(m->inference)));
    m->n_inputs = samples;
    return VIC_OK;
}

vic_result vic_model_set_inputs_f32(vic_model *model, size_t samples, const float *values, size_t count) {
    return vic_result_of(set_inputs(model, samples, vic_array_f32(values, count)));
}

vic_result vic_model_set_inputs_f64(vic_model *model, size_t samples, const double *values, size_t count) {
    return vic_result_of(set_inputs(model, samples, vic_array_f64(values, count)));
}

static vic_status set_targets(vic_model *m, size_t samples, vic_array rows) {
    VIC_TRY(vic_model_check_free(m));
    const vic_network *network = m->config->network;
    m->n_targets = 0;
    m->has_classes = false;
    if (network->loss->target_type == VIC_TARGET_CLASSES)
        return VIC_FAIL_WRONG_USE("%s compares with classes: vic_model_set_classes", network->loss->name);
    VIC_TRY(copy_rows(m, vic_network_output(network), samples, rows, vic_inference_target(m->inference)));
    m->n_targets = samples;
    return VIC_OK;
}

vic_result vic_model_set_targets_f32(vic_model *model, size_t samples, const float *values, size_t count) {
    return vic_result_of(set_targets(model, samples, vic_array_f32(values, count)));
}

vic_result vic_model_set_targets_f64(vic_model *model, size_t samples, const double *values, size_t count) {
    return vic_result_of(set_targets(model, samples, vic_array_f64(values, count)));
}

/* Classes that the network does not have are wrong use, not a bad file. */
static vic_status copy_classes(vic_model *m, size_t samples, const int64_t *classes, size_t count) {
    if (vic_inference_target(m->inference) == NULL)
        return VIC_OK;
    VIC_TRY(vic_check_pointer(classes, "classes"));
    if (count != samples)
        return VIC_FAIL_WRONG_USE("%zu classes for %zu samples", count, samples);
    vic_status status = vic_feed_classes(m->inference, classes, samples);
    if (status == VIC_BAD_FILE)
        return VIC_FAIL_WRONG_USE("%s", vic_error_text());
    if (status == VIC_OK)
        memcpy(m->classes, classes, samples * sizeof *classes);
    return status;
}

static vic_status set_classes(vic_model *m, size_t samples, const int64_t *classes, size_t count) {
    VIC_TRY(vic_model_check_free(m));
    m->n_targets = 0;
    VIC_TRY(check_samples(m, samples));
    VIC_TRY(copy_classes(m, samples, classes, count));
    m->n_targets = samples;
    m->has_classes = true;
    return VIC_OK;
}

vic_result vic_model_set_classes(vic_model *model, size_t samples, const int64_t *classes, size_t count) {
    return vic_result_of(set_classes(model, samples, classes, count));
}
