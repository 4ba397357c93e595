#include "network.h"

#include <string.h>

/* The first batch % n parts have a sample more. */
vic_slice vic_nth_slice(size_t batch, int n, int k) {
    size_t least = batch / (size_t)n, more = batch % (size_t)n, before = (size_t)k;
    return (vic_slice){
        .first = before * least + (before < more ? before : more),
        .samples = least + (before < more),
    };
}

void *vic_slice_at(vic_precision precision, size_t count, const void *array, vic_slice part) {
    return (char *)array + part.first * count * vic_precision_bytes(precision);
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

void vic_take_slice(vic_precision precision, size_t count, size_t batch, const void *whole, vic_slice part,
                    void *parts) {
    size_t number = vic_precision_bytes(precision), bytes = part.samples * number;
    const char *from = (const char *)whole + part.first * number;
    copy_rows(count, bytes, from, batch * number, vic_slice_at(precision, count, parts, part), bytes);
}

void vic_put_slice(vic_precision precision, size_t count, size_t batch, const void *parts, vic_slice part,
                   void *whole) {
    size_t number = vic_precision_bytes(precision), bytes = part.samples * number;
    char *to = (char *)whole + part.first * number;
    copy_rows(count, bytes, vic_slice_at(precision, count, parts, part), bytes, to, batch * number);
}
