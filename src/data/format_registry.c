#include "data_formats.h"

#include <string.h>

#define ADDRESS(name) &vic_data_format_##name,
static const vic_data_format *const formats[] = {VIC_DATA_FORMATS(ADDRESS)};
#undef ADDRESS

enum { N_FORMATS = sizeof formats / sizeof formats[0] };

const vic_data_format *const *vic_data_formats(size_t *count) {
    *count = N_FORMATS;
    return formats;
}

const vic_data_format *vic_data_format_find(const char *name) {
    for (size_t i = 0; i < N_FORMATS; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}
