#include "tensor.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LISTED = 6, LONGEST_ENTRY = 120, LONGEST_NAME = 40 };

const char *vic_list_tensors(vic_tensor_at *at, const void *tensors, size_t n, char *text) {
    size_t used = 0, i = 0;
    if (n == 0)
        return "no tensor";
    for (; i < n && i < MOST_LISTED && used + LONGEST_ENTRY < VIC_TENSOR_LIST; i++) {
        const vic_tensor *tensor = at(tensors, i);
        char shape[VIC_DIMS_TEXT];
        bool whole = strlen(tensor->name) <= LONGEST_NAME;
        used += (size_t)snprintf(text + used, VIC_TENSOR_LIST - used, "%s\"%.*s%s\" %.40s", i ? ", " : "",
                                 whole ? LONGEST_NAME : LONGEST_NAME - 3, tensor->name, whole ? "" : "...",
                                 vic_dims_text(tensor->rank, tensor->dim, shape));
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
