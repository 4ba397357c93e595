#include "functions.h"

#include <stdio.h>
#include <string.h>

size_t vic_precision_bytes(vic_precision precision) {
    return precision == VIC_FLOAT32 ? 4 : 8;
}

const char *vic_precision_name(vic_precision precision) {
    return precision == VIC_FLOAT32 ? "float32" : "float64";
}

double vic_number_at(vic_precision precision, const void *array, size_t i) {
    return precision == VIC_FLOAT32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
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

/* Axes longer than 1: how many, and the first VIC_MAX_RANK of them. */
static int squeeze(int rank, const size_t *dim, size_t axes[VIC_MAX_RANK]) {
    int n = 0;
    for (int i = 0; i < rank; i++) {
        if (dim[i] == 1)
            continue;
        if (n < VIC_MAX_RANK)
            axes[n] = dim[i];
        n++;
    }
    return n;
}

static bool are_permuted(int n, const size_t *a, const size_t *b) {
    bool used[VIC_MAX_RANK] = {false};
    int found = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (!used[j] && a[i] == b[j]) {
                used[j] = true;
                found++;
                break;
            }
    return found == n;
}

vic_shape_match vic_shape_compare(int rank, const size_t *dim, vic_shape expected) {
    size_t here[VIC_MAX_RANK], there[VIC_MAX_RANK], count = 1;
    int n = squeeze(rank, dim, here), m = squeeze(expected.rank, expected.dim, there);
    for (int i = 0; i < rank; i++)
        count *= dim[i];
    if (n == m && memcmp(here, there, (size_t)n * sizeof *here) == 0)
        return VIC_SHAPE_FITS;
    if ((n <= 1 || m <= 1) && count == vic_shape_count(expected))
        return VIC_SHAPE_FITS;
    return n == m && are_permuted(n, here, there) ? VIC_SHAPE_PERMUTED : VIC_SHAPE_DIFFERS;
}

const char *vic_shape_advice(int rank, const size_t *dim, vic_shape expected) {
    return vic_shape_compare(rank, dim, expected) == VIC_SHAPE_PERMUTED
               ? ": its axes are in another order (channels come first, then height and width): permute them"
               : "";
}

void vic_convert(size_t n, vic_precision from_precision, const void *from, vic_precision to_precision,
                 void *to) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(to_precision);
    if (from_precision == to_precision)
        memcpy(to, from, n * vic_precision_bytes(to_precision));
    else if (from_precision == VIC_FLOAT32)
        arithmetic->from_float32(n, from, to);
    else
        arithmetic->from_float64(n, from, to);
}
