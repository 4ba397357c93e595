/* What a weight file has in place of the network's parameters. */
#include "weight_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const vic_tensor *tensor_at(const void *tensors, size_t i) {
    return ((const vic_named_tensors *)tensors)->all[i].tensor;
}

/* What all names begin with, up to a dot before a number; 0 where there is no such beginning. */
static size_t common_prefix(const vic_named_tensors *tensors) {
    size_t length = 0;
    if (tensors->n < 2)
        return 0;
    const char *first = tensors->all[0].name, *last = tensors->all[tensors->n - 1].name;
    for (size_t i = 0; first[i] && first[i] == last[i] && !isdigit((unsigned char)first[i]); i++)
        length = first[i] == '.' ? i + 1 : length;
    return length;
}

static bool has_parameter(const vic_weight_map *map, const vic_tensor *tensor) {
    for (size_t i = 0; i < map->n; i++)
        if (map->tensors[i] == tensor)
            return true;
    return false;
}

/* Among the tensors that are no parameter yet. */
static vic_status nearest(const vic_weight_map *map, const vic_named_tensors *tensors, const char *name,
                          const char **near) {
    const char **names;
    VIC_TRY(vic_allocate(tensors->n, sizeof *names, &names));
    for (size_t i = 0; i < tensors->n; i++)
        names[i] = has_parameter(map, tensors->all[i].tensor) ? NULL : tensors->all[i].name;
    *near = vic_nearest(name, names, tensors->n);
    vic_release(&names);
    return VIC_OK;
}

static vic_status lacks(const vic_weight_map *map, const vic_named_tensors *tensors, const char *name) {
    char list[VIC_TENSOR_LIST], advice[160];
    const char *near = NULL;
    int prefix = (int)common_prefix(tensors);
    VIC_TRY(nearest(map, tensors, name, &near));
    snprintf(advice, sizeof advice, "names can be mapped with --rename OLD=NEW");
    if (prefix > 0 && prefix < 50)
        snprintf(advice, sizeof advice, "all names begin with \"%.*s\", which --rename %.*s= leaves out",
                 prefix, tensors->all[0].name, prefix, tensors->all[0].name);
    return vic_fail(
        VIC_BAD_FILE,
        "%s: tensor \"%s\" is missing, the network has a parameter of that name%s%.40s%s; the file "
        "has %s; %s",
        vic_tensor_file_path(tensors->file), name, near ? " (is it \"" : "", near ? near : "",
        near ? "\"?)" : "", vic_list_tensors(tensor_at, tensors, tensors->n, list), advice);
}

vic_status vic_weights_do_not_fit(const vic_weight_map *map, const vic_named_tensors *tensors) {
    for (size_t i = 0; i < map->n; i++)
        if (map->tensors[i] == NULL)
            return lacks(map, tensors, map->slots[i].name);
    for (size_t i = 0; i < tensors->n; i++) {
        const vic_tensor *tensor = tensors->all[i].tensor;
        char shape[VIC_DIMS_TEXT];
        if (!has_parameter(map, tensor))
            return vic_fail(
                VIC_BAD_FILE,
                "%s: tensor \"%.100s\", of shape %s, is unexpected, the network has no such parameter: "
                "it has %zu, from \"%s\" to \"%s\"",
                vic_tensor_file_path(tensors->file), tensors->all[i].name,
                vic_dims_text(tensor->rank, tensor->dim, shape), map->n, map->n ? map->slots[0].name : "",
                map->n ? map->slots[map->n - 1].name : "");
    }
    return VIC_OK;
}
