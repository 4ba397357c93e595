#include "tensor.h"

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

size_t vic_dtype_bytes(const char *dtype) {
    const vic_number_type *type = vic_number_type_find(dtype);
    return type ? type->bytes : 0;
}

static vic_status measure(vic_tensor *tensor, size_t number_bytes) {
    size_t bytes = 0;
    tensor->count = 1;
    bool fits = true;
    for (int i = 0; i < tensor->rank; i++)
        fits = fits && vic_multiply(tensor->count, tensor->dim[i], &tensor->count);
    fits = fits && vic_multiply(tensor->count, number_bytes, &bytes);
    tensor->bytes = bytes;
    if (fits)
        return VIC_OK;
    char shape[VIC_DIMS_TEXT];
    return vic_fail(
        VIC_BAD_FILE, "tensor \"%.100s\": shape %s of %s overflows, expected fewer than 2^%zu bytes",
        tensor->name, vic_dims_text(tensor->rank, tensor->dim, shape), tensor->dtype, 8 * sizeof(size_t));
}

static vic_status fill(vic_tensor *tensor, const char *name, const char *dtype, int rank, const size_t *dim) {
    size_t number_bytes = vic_dtype_bytes(dtype);
    if (number_bytes == 0)
        return vic_fail(
            VIC_BAD_FILE,
            "tensor \"%.100s\": unknown dtype \"%.20s\", expected F32, F64, I64 or another of safetensors",
            name, dtype);
    VIC_TRY(vic_format(&tensor->name, "%s", name));
    VIC_TRY(vic_format(&tensor->dtype, "%s", dtype));
    VIC_TRY(vic_allocate((size_t)rank, sizeof *dim, &tensor->dim));
    if (rank > 0)
        memcpy(tensor->dim, dim, (size_t)rank * sizeof *dim);
    tensor->rank = rank;
    return measure(tensor, number_bytes);
}

vic_status vic_tensor_fill(vic_tensor *tensor, const char *name, const char *dtype, int rank,
                           const size_t *dim) {
    memset(tensor, 0, sizeof *tensor);
    vic_status status = fill(tensor, name, dtype, rank, dim);
    if (status != VIC_OK)
        vic_tensor_release(tensor);
    return status;
}

void vic_tensor_release(vic_tensor *tensor) {
    vic_release(&tensor->name);
    vic_release(&tensor->dtype);
    vic_release(&tensor->dim);
    memset(tensor, 0, sizeof *tensor);
}

bool vic_dims_equal(int rank_a, const size_t *a, int rank_b, const size_t *b) {
    return rank_a == rank_b && (rank_a == 0 || memcmp(a, b, (size_t)rank_a * sizeof *a) == 0);
}

const char *vic_dims_text(int rank, const size_t *dim, char *text) {
    enum { LONGEST_NUMBER = 20, ENDING = 8 };
    size_t used = 0;
    text[used++] = '[';
    for (int i = 0; i < rank; i++) {
        if (used + LONGEST_NUMBER + ENDING > VIC_DIMS_TEXT) {
            used += (size_t)snprintf(text + used, VIC_DIMS_TEXT - used, ", ...");
            break;
        }
        used += (size_t)snprintf(text + used, VIC_DIMS_TEXT - used, "%s%zu", i == 0 ? "" : ", ", dim[i]);
    }
    snprintf(text + used, VIC_DIMS_TEXT - used, "]");
    return text;
}
