#include "batch_target.h"

vic_status vic_tensor_read_inward(const vic_tensor_file *file, const vic_tensor *tensor,
                                  vic_precision precision, void *values) {
    size_t samples = tensor->dim[0];
    void *rows;
    VIC_TRY(vic_allocate(tensor->count, vic_precision_bytes(precision), &rows));
    vic_status status = vic_tensor_read_real(file, tensor, 0, tensor->count, precision, rows);
    if (status == VIC_OK)
        vic_arithmetic_of(precision)->samples_inward(tensor->count / samples, samples, rows, samples, values);
    vic_release(&rows);
    return status;
}

static vic_shape output_shape(const vic_network *network) {
    return network->shapes[vic_network_output(network)];
}

static vic_status no_target(const vic_tensor_file *file, const vic_tensor *tensor, const vic_network *network,
                            size_t samples) {
    bool classes = network->loss->target_type == VIC_TARGET_CLASSES;
    char found[VIC_DIMS_TEXT], shape[VIC_SHAPE_TEXT];
    vic_shape output = output_shape(network);
    const char *advice = tensor->rank > 0 ? vic_shape_advice(tensor->rank - 1, tensor->dim + 1, output) : "";
    return vic_fail(
        VIC_BAD_FILE,
        "%s: tensor \"target\" is %s of shape %s, but %s takes, of %zu sample%s, %s of %s, or class "
        "indices, integers of [%zu]%s",
        vic_tensor_file_path(file), tensor->dtype, vic_dims_text(tensor->rank, tensor->dim, found),
        network->loss->name, samples, samples == 1 ? "" : "s", classes ? "one-hot rows" : "values",
        vic_shape_text(output, shape), samples, advice);
}

vic_status vic_target_inspect(const vic_tensor_file *file, const vic_network *network, size_t samples,
                              vic_target_form *form) {
    const vic_tensor *tensor = vic_tensor_file_find(file, "target");
    vic_shape output = output_shape(network);
    size_t outputs = vic_shape_count(output);
    bool whole = vic_tensor_is_whole(tensor), classes = network->loss->target_type == VIC_TARGET_CLASSES;
    if (tensor->rank < 1 || tensor->dim[0] != samples || (!whole && !vic_tensor_is_real(tensor)))
        return no_target(file, tensor, network, samples);
    bool fits = vic_shape_compare(tensor->rank - 1, tensor->dim + 1, output) == VIC_SHAPE_FITS;
    bool indices = whole && tensor->count == samples;
    if (!classes && fits)
        *form = VIC_TARGET_OF_VALUES;
    else if (indices)
        *form = VIC_TARGET_OF_CLASSES;
    else if (classes && fits && outputs > 1)
        *form = VIC_TARGET_OF_ROWS;
    else
        return no_target(file, tensor, network, samples);
    return VIC_OK;
}

static vic_status no_class(const vic_tensor_file *file, size_t i, int64_t class, int64_t label_offset,
                           size_t outputs) {
    if (label_offset == 0 && class > 0)
        return vic_fail(
            VIC_BAD_FILE,
            "%s: target[%zu] is class %lld, allowed are 0 to %zu; where classes count from 1, set "
            "data.label_offset: 1",
            vic_tensor_file_path(file), i, (long long)class, outputs - 1);
    return vic_fail(VIC_BAD_FILE,
                    "%s: target[%zu] is class %lld, less data.label_offset: %lld, allowed are 0 to %zu",
                    vic_tensor_file_path(file), i, (long long)class, (long long)label_offset, outputs - 1);
}

static vic_status read_indices(const vic_tensor_file *file, const vic_tensor *tensor, int64_t label_offset,
                               size_t outputs, int64_t *classes) {
    size_t n = tensor->count;
    VIC_TRY(vic_tensor_read_int64(file, tensor, 0, n, classes));
    for (size_t i = 0; i < n; i++) {
        uint64_t class = (uint64_t)classes[i] - (uint64_t)label_offset;
        if (classes[i] < label_offset || class >= outputs)
            return no_class(file, i, classes[i], label_offset, outputs);
        classes[i] = (int64_t) class;
    }
    return VIC_OK;
}

/* Exactly one 1, and 0 elsewhere. */
static bool find_class(const double *row, size_t outputs, int64_t *class) {
    *class = -1;
    for (size_t j = 0; j < outputs; j++) {
        if (row[j] == 0)
            continue;
        if (row[j] != 1 || *class >= 0)
            return false;
        *class = (int64_t)j;
    }
    return *class >= 0;
}

static vic_status read_rows(const vic_tensor_file *file, const vic_tensor *tensor, size_t outputs,
                            int64_t *classes) {
    double *row;
    VIC_TRY(vic_allocate(outputs, sizeof *row, &row));
    vic_status status = VIC_OK;
    for (size_t i = 0; status == VIC_OK && i < tensor->dim[0]; i++) {
        status = vic_tensor_read_real(file, tensor, i * outputs, outputs, VIC_FLOAT64, row);
        if (status == VIC_OK && !find_class(row, outputs, &classes[i]))
            status = vic_fail(
                VIC_BAD_FILE,
                "%s: target[%zu] is no one-hot row, a single 1 among zeros, which cross-entropy takes "
                "for a class",
                vic_tensor_file_path(file), i);
    }
    vic_release(&row);
    return status;
}

vic_status vic_target_read(const vic_tensor_file *file, int64_t label_offset, vic_inference *inference) {
    const vic_network *network = vic_inference_network(inference);
    const vic_tensor *tensor = vic_tensor_file_find(file, "target");
    size_t samples = tensor->dim[0], outputs = vic_shape_count(output_shape(network));
    vic_target_form form;
    int64_t *classes;
    VIC_TRY(vic_target_inspect(file, network, samples, &form));
    if (form == VIC_TARGET_OF_VALUES)
        return vic_tensor_read_inward(file, tensor, network->precision, vic_inference_target(inference));
    VIC_TRY(vic_allocate(samples, sizeof *classes, &classes));
    vic_status status = form == VIC_TARGET_OF_ROWS
                            ? read_rows(file, tensor, outputs, classes)
                            : read_indices(file, tensor, label_offset, outputs, classes);
    if (status == VIC_OK)
        status = vic_feed_classes(inference, classes, samples);
    vic_release(&classes);
    return status;
}
