/* numpy arrays as data: inputs (samples, ...), labels (samples) or (samples, 1). */
#include "data_formats.h"
#include "samples.h"

#include "tensors/npy.h"

#include <math.h>
#include <string.h>

static const vic_element *element_of(const vic_number_type *type) {
    static const struct {
        const char *name;
        const vic_element *element;
    } known[] = {{"U8", &vic_element_uint8},    {"BOOL", &vic_element_uint8},  {"I8", &vic_element_int8},
                 {"U16", &vic_element_uint16},  {"I16", &vic_element_int16},   {"U32", &vic_element_uint32},
                 {"I32", &vic_element_int32},   {"U64", &vic_element_uint64},  {"I64", &vic_element_int64},
                 {"F16", &vic_element_float16}, {"F32", &vic_element_float32}, {"F64", &vic_element_float64}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, type->name) == 0)
            return known[i].element;
    return NULL;
}

/* The array's data become those of the samples, which are big-endian. */
static vic_status take_over(vic_npy *array, const char *path, vic_samples *samples) {
    vic_swap_bytes(array->data, array->count, array->type->bytes);
    samples->count = array->dim[0];
    samples->element = element_of(array->type);
    samples->data = array->data;
    array->data = NULL;
    return vic_format(&samples->path, "%s", path);
}

static vic_status keep_inputs(vic_npy *array, const char *path, vic_samples *samples) {
    if (array->rank < 1 || array->rank > VIC_MAX_RANK + 1)
        return vic_fail(VIC_BAD_FILE, "%s: %d axes, inputs have 1 to %d, that of the samples first", path,
                        array->rank, VIC_MAX_RANK + 1);
    samples->shape.rank = array->rank - 1;
    for (int i = 1; i < array->rank; i++)
        samples->shape.dim[i - 1] = array->dim[i];
    return take_over(array, path, samples);
}

/* Classes that are stored as 0.0, 1.0 ... */
static vic_status make_whole(vic_npy *array, const char *path) {
    unsigned char *whole;
    vic_status status = VIC_OK;
    VIC_TRY(vic_allocate(array->count, sizeof(int64_t), &whole));
    for (size_t i = 0; status == VIC_OK && i < array->count; i++) {
        double value = array->type->real(array->data + i * array->type->bytes);
        if (value != floor(value) || fabs(value) > INT32_MAX)
            status = vic_fail(VIC_BAD_FILE, "%s: label %g (sample %zu, counted from 0) is no whole number",
                              path, value, i);
        else
            memcpy(whole + i * sizeof(int64_t), &(int64_t){(int64_t)value}, sizeof(int64_t));
    }
    vic_release(&array->data);
    array->data = whole;
    array->type = vic_number_type_find("I64");
    return status;
}

static vic_status keep_labels(vic_npy *array, const char *path, vic_samples *samples) {
    if (array->rank < 1 || array->count != array->dim[0])
        return vic_fail(
            VIC_BAD_FILE, "%s: %zu numbers on %d axes, labels are one number for each sample%s", path,
            array->count, array->rank,
            array->rank == 2 && array->dim[0] > 1 ? " (of one-hot rows: numpy.argmax(labels, axis=1))" : "");
    if (array->type->whole == NULL)
        VIC_TRY(make_whole(array, path));
    return take_over(array, path, samples);
}

static vic_status read_file(const char *path, vic_status (*keep)(vic_npy *, const char *, vic_samples *),
                            vic_samples *samples) {
    vic_npy array;
    memset(samples, 0, sizeof *samples);
    vic_status status = vic_npy_read(&array, path);
    if (status == VIC_OK)
        status = keep(&array, path, samples);
    vic_npy_release(&array);
    if (status != VIC_OK)
        vic_samples_release(samples);
    return status;
}

static vic_status read_inputs(const char *path, vic_data_reading reading, vic_samples *samples) {
    (void)reading;
    return read_file(path, keep_inputs, samples);
}

static vic_status read_labels(const char *path, vic_data_reading reading, vic_samples *samples) {
    (void)reading;
    return read_file(path, keep_labels, samples);
}

const vic_data_format vic_data_format_npy = {
    .name = "npy",
    .help = "numpy arrays, plain or gzipped: inputs (samples, ...), labels (samples)",
    .read_inputs = read_inputs,
    .read_labels = read_labels,
    .kept_of_inputs = 1,
    .kept_of_labels = 1,
};
