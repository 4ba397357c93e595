/* The binary format of CIFAR-10, plain or gzipped: records of one byte for the label and 3072 bytes for the
 * image, channels first. Inputs and labels come from the same files. */
#include "data_formats.h"
#include "samples.h"

#include "base/bytes.h"
#include "base/file_kind.h"
#include "base/stream.h"

#include <string.h>

enum { CLASSES = 10, CHANNELS = 3, SIDE = 32, IMAGE = CHANNELS * SIDE * SIDE, RECORD = 1 + IMAGE };

/* The bytes of each record that are kept. */
typedef struct part {
    int64_t first_label;
    size_t first, bytes;
    vic_shape shape;
} part;

/* `first` is the label of class 0. */
static vic_status check_record(const char *path, const unsigned char *record, size_t got, size_t index,
                               int64_t first) {
    bool outside = record[0] < first || record[0] - first >= CLASSES, wrong = got < RECORD || outside;
    if (wrong && index == 0)
        VIC_TRY(vic_refuse_other_kind(path, "a binary file of CIFAR-10", false, record,
                                      got < VIC_FILE_HEAD ? got : VIC_FILE_HEAD));
    if (got < RECORD)
        return vic_fail(VIC_BAD_FILE,
                        "%s: truncated: %zu bytes of record %zu (counted from 0, from byte %zu on), expected "
                        "%d",
                        path, got, index, index * RECORD, RECORD);
    if (outside)
        return vic_fail(VIC_BAD_FILE,
                        "%s: label %d (byte %zu, the first of record %zu, counted from 0), expected %lld to "
                        "%lld in records of %d bytes%s",
                        path, record[0], index * RECORD, index, (long long)first,
                        (long long)first + CLASSES - 1, RECORD,
                        record[0] == CLASSES ? "; if classes count from 1, set data.label_offset: 1"
                                             : " (those of CIFAR-100 have one more)");
    return VIC_OK;
}

static vic_status keep(vic_samples *samples, size_t *capacity, const unsigned char *from, size_t bytes) {
    size_t size = samples->count * bytes;
    if (size + bytes > *capacity)
        VIC_TRY(vic_bytes_grow(&samples->data, capacity, SIZE_MAX / 2));
    memcpy(samples->data + size, from, bytes);
    samples->count++;
    return VIC_OK;
}

static vic_status read_records(vic_stream source, part kept, vic_samples *samples) {
    unsigned char record[RECORD];
    size_t got, capacity = 0;
    for (;;) {
        VIC_TRY(vic_stream_read(source, record, RECORD, &got));
        if (got == 0)
            break;
        VIC_TRY(check_record(source.path, record, got, samples->count, kept.first_label));
        VIC_TRY(keep(samples, &capacity, record + kept.first, kept.bytes));
    }
    if (samples->count == 0)
        return vic_fail(VIC_BAD_FILE, "%s: empty, expected records of %d bytes", source.path, RECORD);
    samples->shape = kept.shape;
    samples->element = &vic_element_uint8;
    return vic_format(&samples->path, "%s", source.path);
}

static vic_status read_file(const char *path, part kept, vic_samples *samples) {
    memset(samples, 0, sizeof *samples);
    vic_stream source;
    VIC_TRY(vic_stream_open(&source, path));
    vic_status status = read_records(source, kept, samples);
    vic_stream_close(&source);
    if (status != VIC_OK)
        vic_samples_release(samples);
    return status;
}

static vic_status read_inputs(const char *path, vic_data_reading reading, vic_samples *samples) {
    return read_file(path, (part){reading.label_offset, 1, IMAGE, {3, {CHANNELS, SIDE, SIDE}}}, samples);
}

static vic_status read_labels(const char *path, vic_data_reading reading, vic_samples *samples) {
    return read_file(path, (part){reading.label_offset, 0, 1, {.rank = 0}}, samples);
}

const vic_data_format vic_data_format_cifar10 = {
    .name = "cifar10",
    .help = "the binary files of CIFAR-10, plain or gzipped; inputs and labels name the same files",
    .read_inputs = read_inputs,
    .read_labels = read_labels,
    .one_file = true,
    .kept_of_inputs = (double)IMAGE / RECORD,
    .kept_of_labels = 1.0 / RECORD,
};
