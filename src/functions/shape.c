#include "vicinal/functions.h"

#include <stdio.h>

size_t vic_precision_bytes(vic_precision precision) {
    return precision == VIC_FLOAT32 ? 4 : 8;
}

const char *vic_precision_name(vic_precision precision) {
    return precision == VIC_FLOAT32 ? "float32" : "float64";
}

size_t vic_shape_count(vic_shape shape) {
    size_t count = 1;
    for (int i = 0; i < shape.rank; i++)
        count = vic_size_product(count, shape.dim[i]);
    return count;
}

bool vic_shape_equal(vic_shape a, vic_shape b) {
    if (a.rank != b.rank)
        return false;
    for (int i = 0; i < a.rank; i++)
        if (a.dim[i] != b.dim[i])
            return false;
    return true;
}

const char *vic_shape_text(vic_shape shape, char *text) {
    size_t used = (size_t)snprintf(text, VIC_SHAPE_TEXT, "[");
    for (int i = 0; i < shape.rank; i++)
        used += (size_t)snprintf(text + used, VIC_SHAPE_TEXT - used, i ? ", %zu" : "%zu", shape.dim[i]);
    snprintf(text + used, VIC_SHAPE_TEXT - used, "]");
    return text;
}
