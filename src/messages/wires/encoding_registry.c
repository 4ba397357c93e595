/* A new encoding is one line in the list. */
#include "wires.h"

#include <string.h>

#define ENCODINGS(X) X(float64) X(float32) X(bfloat16) X(float16) X(int8)

#define DECLARE(name) extern const vic_encoding vic_as_##name##_f32, vic_as_##name##_f64;
ENCODINGS(DECLARE)

#define FLOAT32(name) &vic_as_##name##_f32,
#define FLOAT64(name) &vic_as_##name##_f64,
static const vic_encoding *const encodings_f32[] = {ENCODINGS(FLOAT32)};
static const vic_encoding *const encodings_f64[] = {ENCODINGS(FLOAT64)};

const vic_encoding *const *vic_encodings(vic_precision precision, size_t *count) {
    *count = sizeof encodings_f32 / sizeof encodings_f32[0];
    return precision == VIC_FLOAT32 ? encodings_f32 : encodings_f64;
}

const vic_encoding *vic_encoding_find(vic_precision precision, const char *name) {
    size_t count;
    const vic_encoding *const *all = vic_encodings(precision, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

const vic_encoding *vic_encoding_exact(vic_precision precision) {
    return precision == VIC_FLOAT32 ? &vic_as_float32_f32 : &vic_as_float64_f64;
}
