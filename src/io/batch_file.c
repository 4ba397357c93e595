/* A batch in a safetensors file: `input` (batch, ...), `target`, and for strict `initial.l`. */
#include "tensor.h"

#include "vicinal/records.h"

#include <stdio.h>
#include <string.h>

enum { NAME = 32 };

static const char *initial_name(int l, char name[NAME]) {
    snprintf(name, NAME, "initial.%d", l);
    return name;
}

static vic_status find(const vic_tensor_file *file, const char *name, const vic_tensor **tensor) {
    *tensor = vic_tensor_file_find(file, name);
    if (*tensor == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"%s\" is missing", vic_tensor_file_path(file), name);
    return VIC_OK;
}

static vic_status check_samples(const vic_tensor_file *file, const vic_tensor *tensor, vic_shape shape,
                                size_t samples) {
    char expected[VIC_SHAPE_TEXT], found[VIC_DIMS_TEXT];
    if (tensor->rank >= 1 && tensor->dim[0] == samples && tensor->count == samples * vic_shape_count(shape))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: tensor \"%s\" has shape %s, expected %zu samples of %s",
                    vic_tensor_file_path(file), tensor->name, vic_dims_text(tensor->rank, tensor->dim, found),
                    samples, vic_shape_text(shape, expected));
}

static bool is_classes(const vic_tensor *tensor) {
    return strcmp(tensor->dtype, "I64") == 0;
}

static vic_status check_target(const vic_tensor_file *file, const vic_network *network, size_t samples) {
    const vic_tensor *target;
    VIC_TRY(find(file, "target", &target));
    if (is_classes(target))
        return check_samples(file, target, (vic_shape){.rank = 0}, samples);
    if (network->loss->target_type == VIC_TARGET_CLASSES)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"target\" is %s, but %s takes class indices, I64",
                        vic_tensor_file_path(file), target->dtype, network->loss->name);
    return check_samples(file, target, network->shapes[vic_network_output(network)], samples);
}

static vic_status check_initial(const vic_tensor_file *file, const vic_network *network, size_t samples,
                                bool *initial) {
    char name[NAME];
    int given = 0, missing = 0;
    for (int l = 1; l < vic_network_output(network); l++) {
        const vic_tensor *tensor = vic_tensor_file_find(file, initial_name(l, name));
        if (tensor == NULL) {
            missing = missing ? missing : l;
            continue;
        }
        given++;
        VIC_TRY(check_samples(file, tensor, network->shapes[l], samples));
    }
    *initial = given > 0;
    if (given > 0 && missing > 0)
        return vic_fail(VIC_BAD_FILE,
                        "%s: tensor \"initial.%d\" is missing: give the initial beliefs of all "
                        "populations 1 to %d, or of none",
                        vic_tensor_file_path(file), missing, vic_network_output(network) - 1);
    return VIC_OK;
}

static vic_status inspect(const vic_tensor_file *file, const vic_network *network, size_t *samples,
                          bool *initial) {
    const vic_tensor *input;
    VIC_TRY(find(file, "input", &input));
    if (input->rank < 1 || input->dim[0] == 0)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"input\" holds no samples", vic_tensor_file_path(file));
    *samples = input->dim[0];
    VIC_TRY(check_samples(file, input, network->shapes[0], *samples));
    VIC_TRY(check_target(file, network, *samples));
    return check_initial(file, network, *samples, initial);
}

vic_status vic_batch_inspect(const char *path, const vic_network *network, size_t *samples, bool *initial) {
    vic_tensor_file *file;
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = inspect(file, network, samples, initial);
    vic_tensor_file_close(&file);
    return status;
}

/* values, (features, batch), from a tensor (batch, features). */
static vic_status read_inward(const vic_tensor_file *file, const vic_tensor *tensor, vic_precision precision,
                              void *values) {
    size_t samples = tensor->dim[0];
    void *rows;
    VIC_TRY(vic_allocate(tensor->count, vic_precision_bytes(precision), &rows));
    vic_status status = vic_tensor_read_real(file, tensor, 0, tensor->count, precision, rows);
    if (status == VIC_OK)
        vic_arithmetic_of(precision)->samples_inward(tensor->count / samples, samples, rows, samples, values);
    vic_release(&rows);
    return status;
}

static vic_status check_classes(const vic_tensor_file *file, const int64_t *classes, size_t n,
                                size_t outputs) {
    for (size_t i = 0; i < n; i++)
        if (classes[i] < 0 || (uint64_t)classes[i] >= outputs)
            return vic_fail(VIC_BAD_FILE, "%s: target[%zu] is class %lld, allowed are 0 to %zu",
                            vic_tensor_file_path(file), i, (long long)classes[i], outputs - 1);
    return VIC_OK;
}

/* Class indices, as they are or as one-hot values, whichever the loss takes. */
static vic_status read_classes(const vic_tensor_file *file, const vic_tensor *tensor,
                               vic_inference *inference) {
    const vic_network *network = vic_inference_network(inference);
    size_t n = tensor->count, outputs = vic_shape_count(network->shapes[vic_network_output(network)]);
    int64_t *classes;
    VIC_TRY(vic_allocate(n, sizeof *classes, &classes));
    vic_status status = vic_tensor_read_int64(file, tensor, 0, n, classes);
    if (status == VIC_OK)
        status = check_classes(file, classes, n, outputs);
    if (status == VIC_OK)
        status = vic_feed_classes(inference, classes, n);
    vic_release(&classes);
    return status;
}

static vic_status read_local(const vic_tensor_file *file, vic_inference *inference) {
    const vic_network *network = vic_inference_network(inference);
    const vic_tensor *target = vic_tensor_file_find(file, "target");
    char name[NAME];
    if (vic_inference_input(inference))
        VIC_TRY(read_inward(file, vic_tensor_file_find(file, "input"), network->precision,
                            vic_inference_input(inference)));
    if (vic_inference_target(inference) && is_classes(target))
        VIC_TRY(read_classes(file, target, inference));
    else if (vic_inference_target(inference))
        VIC_TRY(read_inward(file, target, network->precision, vic_inference_target(inference)));
    for (int l = 1; l < vic_network_output(network); l++)
        if (vic_inference_initial(inference, l))
            VIC_TRY(read_inward(file, vic_tensor_file_find(file, initial_name(l, name)), network->precision,
                                vic_inference_initial(inference, l)));
    return VIC_OK;
}

vic_status vic_batch_read(const char *path, vic_inference *inference) {
    vic_tensor_file *file;
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = read_local(file, inference);
    vic_tensor_file_close(&file);
    return status;
}
