#include "tensor.h"

#include <stdio.h>

enum { MOST_LISTED = 6, LONGEST_ENTRY = 120 };

const char *vic_list_tensors(vic_tensor_at *at, const void *tensors, size_t n, char *text) {
    size_t used = 0, i = 0;
    if (n == 0)
        return "no tensor";
    for (; i < n && i < MOST_LISTED && used + LONGEST_ENTRY < VIC_TENSOR_LIST; i++) {
        const vic_tensor *tensor = at(tensors, i);
        char shape[VIC_DIMS_TEXT];
        used += (size_t)snprintf(text + used, VIC_TENSOR_LIST - used, "%s\"%.40s\" %.40s", i ? ", " : "",
                                 tensor->name, vic_dims_text(tensor->rank, tensor->dim, shape));
    }
    if (i < n)
        snprintf(text + used, VIC_TENSOR_LIST - used, " and %zu more", n - i);
    return text;
}

static const vic_tensor *tensor_at(const void *file, size_t i) {
    return vic_tensor_file_at(file, i);
}

const char *vic_list_file(const vic_tensor_file *file, char *text) {
    return vic_list_tensors(tensor_at, file, vic_tensor_file_count(file), text);
}
