#include "network.h"

#include <string.h>

/* The first batch % n micro-batches have a sample more. */
vic_sample_range vic_nth_microbatch(size_t batch, int n, int k) {
    size_t least = batch / (size_t)n, more = batch % (size_t)n, before = (size_t)k;
    return (vic_sample_range){
        .first = before * least + (before < more ? before : more),
        .samples = least + (before < more),
    };
}

void *vic_microbatch_at(vic_precision precision, size_t count, const void *array,
                        vic_sample_range microbatch) {
    return (char *)array + microbatch.first * count * vic_precision_bytes(precision);
}

/* `count` rows of `bytes` each, which lie so many bytes apart. */
static void copy_rows(size_t count, size_t bytes, const char *from, size_t from_apart, char *to,
                      size_t to_apart) {
    if (bytes == from_apart && bytes == to_apart) {
        memcpy(to, from, count * bytes);
        return;
    }
    for (size_t i = 0; i < count; i++)
        memcpy(to + i * to_apart, from + i * from_apart, bytes);
}

void vic_extract_microbatch(vic_precision precision, size_t count, size_t batch, const void *whole,
                            vic_sample_range microbatch, void *microbatches) {
    size_t number = vic_precision_bytes(precision), bytes = microbatch.samples * number;
    const char *from = (const char *)whole + microbatch.first * number;
    copy_rows(count, bytes, from, batch * number,
              vic_microbatch_at(precision, count, microbatches, microbatch), bytes);
}

void vic_insert_microbatch(vic_precision precision, size_t count, size_t batch, const void *microbatches,
                           vic_sample_range microbatch, void *whole) {
    size_t number = vic_precision_bytes(precision), bytes = microbatch.samples * number;
    char *to = (char *)whole + microbatch.first * number;
    copy_rows(count, bytes, vic_microbatch_at(precision, count, microbatches, microbatch), bytes, to,
              batch * number);
}
