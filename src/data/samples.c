#include "samples.h"

#include "base/half.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t big_endian(const unsigned char *from, size_t bytes) {
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; i++)
        bits = bits << 8 | from[i];
    return bits;
}

static uint8_t load_uint8(const unsigned char *from) {
    return from[0];
}

static int8_t load_int8(const unsigned char *from) {
    return (int8_t)from[0];
}

static int16_t load_int16(const unsigned char *from) {
    return (int16_t)big_endian(from, 2);
}

static int32_t load_int32(const unsigned char *from) {
    return (int32_t)big_endian(from, 4);
}

static uint16_t load_uint16(const unsigned char *from) {
    return (uint16_t)big_endian(from, 2);
}

static uint32_t load_uint32(const unsigned char *from) {
    return (uint32_t)big_endian(from, 4);
}

static uint64_t load_uint64(const unsigned char *from) {
    return big_endian(from, 8);
}

static int64_t load_int64(const unsigned char *from) {
    return (int64_t)big_endian(from, 8);
}

static float load_float16(const unsigned char *from) {
    return (float)half_decode((uint16_t)big_endian(from, 2), VIC_FLOAT16_MANTISSA);
}

static float load_float32(const unsigned char *from) {
    uint32_t bits = (uint32_t)big_endian(from, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double load_float64(const unsigned char *from) {
    uint64_t bits = big_endian(from, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define WHOLE(type)                                                                                          \
    static int64_t whole_##type(const unsigned char *from) {                                                 \
        return load_##type(from);                                                                            \
    }
WHOLE(uint8)
WHOLE(int8)
WHOLE(int16)
WHOLE(int32)
WHOLE(uint16)
WHOLE(uint32)
WHOLE(int64)

/* No class is as large as what does not fit. */
static int64_t whole_uint64(const unsigned char *from) {
    uint64_t whole = load_uint64(from);
    return whole > INT64_MAX ? INT64_MAX : (int64_t)whole;
}

/* Rows are converted by one loop per type, which the compiler can vectorise. */
#define ELEMENT(type, size, whole_or_null)                                                                   \
    static double real_##type(const unsigned char *from) {                                                   \
        return (double)load_##type(from);                                                                    \
    }                                                                                                        \
    static void float32_row_##type(const unsigned char *from, size_t n, float scale, float *row) {           \
        for (size_t i = 0; i < n; i++)                                                                       \
            row[i] = (float)load_##type(from + i * (size)) / scale;                                          \
    }                                                                                                        \
    static void float64_row_##type(const unsigned char *from, size_t n, double scale, double *row) {         \
        for (size_t i = 0; i < n; i++)                                                                       \
            row[i] = (double)load_##type(from + i * (size)) / scale;                                         \
    }                                                                                                        \
    const vic_element vic_element_##type = {                                                                 \
        #type, (size), real_##type, whole_or_null, float32_row_##type, float64_row_##type};
ELEMENT(uint8, 1, whole_uint8)
ELEMENT(int8, 1, whole_int8)
ELEMENT(int16, 2, whole_int16)
ELEMENT(int32, 4, whole_int32)
ELEMENT(uint16, 2, whole_uint16)
ELEMENT(uint32, 4, whole_uint32)
ELEMENT(uint64, 8, whole_uint64)
ELEMENT(int64, 8, whole_int64)
ELEMENT(float16, 2, NULL)
ELEMENT(float32, 4, NULL)
ELEMENT(float64, 8, NULL)

void vic_samples_release(vic_samples *samples) {
    vic_release(&samples->data);
    vic_release(&samples->path);
    vic_release(&samples->note);
    memset(samples, 0, sizeof *samples);
}

static size_t bytes_of(const vic_samples *samples) {
    return samples->count * vic_shape_count(samples->shape) * samples->element->bytes;
}

static vic_status check_alike(const vic_samples *samples, const vic_samples *more) {
    char here[VIC_SHAPE_TEXT], there[VIC_SHAPE_TEXT];
    if (samples->element == more->element && vic_shape_equal(samples->shape, more->shape))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: samples of %s %s do not fit behind those of %s, %s %s: the files of a list hold "
                    "samples that are alike",
                    more->path, vic_shape_text(more->shape, there), more->element->name, samples->path,
                    vic_shape_text(samples->shape, here), samples->element->name);
}

vic_status vic_samples_append(vic_samples *samples, vic_samples *more) {
    if (samples->data == NULL) {
        *samples = *more;
        memset(more, 0, sizeof *more);
        return VIC_OK;
    }
    VIC_TRY(check_alike(samples, more));
    size_t bytes = bytes_of(samples), added = bytes_of(more);
    unsigned char *longer = realloc(samples->data, bytes + added);
    if (longer == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory: %zu bytes are not to be had", bytes + added);
    memcpy(longer + bytes, more->data, added);
    samples->data = longer;
    samples->count += more->count;
    vic_samples_release(more);
    return VIC_OK;
}

void vic_samples_gather(const vic_samples *samples, const size_t *order, size_t n, size_t first, size_t count,
                        double scale, vic_precision precision, void *rows) {
    size_t features = vic_shape_count(samples->shape);
    const vic_element *element = samples->element;
    for (size_t i = 0; i < n; i++) {
        const unsigned char *from = samples->data + (order[i] * features + first) * element->bytes;
        if (precision == VIC_FLOAT32)
            element->float32_row(from, count, (float)scale, (float *)rows + i * count);
        else
            element->float64_row(from, count, scale, (double *)rows + i * count);
    }
}

static int64_t stored_label(const vic_samples *samples, size_t i) {
    return samples->element->whole(samples->data + i * samples->element->bytes);
}

int64_t vic_samples_label(const vic_samples *samples, size_t i) {
    return (int64_t)((uint64_t)stored_label(samples, i) - (uint64_t)samples->label_offset);
}

static bool is_class(int64_t label, int64_t first, size_t classes) {
    return label >= first && (uint64_t)label - (uint64_t)first < classes;
}

static vic_status no_class(const vic_samples *samples, size_t i, size_t classes) {
    char offset[64] = "";
    bool from_one = samples->label_offset == 0;
    for (size_t k = 0; from_one && k < samples->count; k++)
        from_one = is_class(stored_label(samples, k), 1, classes);
    if (samples->label_offset != 0)
        snprintf(offset, sizeof offset, ", less data.label_offset: %" PRId64 ",", samples->label_offset);
    return vic_fail(VIC_BAD_FILE,
                    "%s: label %" PRId64
                    " (sample %zu, counted from 0)%s is not a class, the network's %zu outputs "
                    "allow 0 to %zu%s",
                    samples->path, stored_label(samples, i), i, offset, classes, classes - 1,
                    from_one ? "; these are all from 1 on: set data.label_offset: 1" : "");
}

vic_status vic_samples_check_labels(const vic_samples *samples, size_t classes) {
    for (size_t i = 0; i < samples->count; i++)
        if (!is_class(stored_label(samples, i), samples->label_offset, classes))
            return no_class(samples, i, classes);
    return VIC_OK;
}

/* As the network gets it. */
static bool is_finite_in(double value, double scale, vic_precision precision) {
    return isfinite(value) &&
           isfinite(precision == VIC_FLOAT32 ? (double)((float)value / (float)scale) : value / scale);
}

static vic_status not_finite(const vic_samples *samples, size_t i, double value, double scale,
                             vic_precision precision) {
    size_t features = vic_shape_count(samples->shape);
    if (isfinite(value))
        return vic_fail(
            VIC_BAD_FILE,
            "%s: the value %g (sample %zu, element %zu, counted from 0) is too large for %s, divided by "
            "data.scale: %g",
            samples->path, value, i / features, i % features, vic_precision_name(precision), scale);
    return vic_fail(VIC_BAD_FILE,
                    "%s: the value %g (sample %zu, element %zu, counted from 0) is not allowed, expected "
                    "finite numbers",
                    samples->path, value, i / features, i % features);
}

vic_status vic_samples_check_finite(const vic_samples *samples, double scale, vic_precision precision) {
    const double harmless = 1e-18; /* the largest integer, divided by it, is a float32 */
    const vic_element *element = samples->element;
    if (element->whole != NULL && scale >= harmless)
        return VIC_OK;
    size_t n = samples->count * vic_shape_count(samples->shape);
    for (size_t i = 0; i < n; i++) {
        double value = element->real(samples->data + i * element->bytes);
        if (!is_finite_in(value, scale, precision))
            return not_finite(samples, i, value, scale, precision);
    }
    return VIC_OK;
}
