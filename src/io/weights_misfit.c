/* What a weight file has in place of the network's parameters. */
#include "weight_names.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LISTED = 6, LIST = 480 };

/* "0.weight" [16, 64], ... and 3 more */
static const char *list_tensors(const vic_named_tensors *tensors, char text[LIST]) {
    size_t used = 0, i = 0;
    text[0] = '\0';
    for (; i < tensors->n && i < MOST_LISTED && used + 120 < LIST; i++) {
        const vic_tensor *tensor = tensors->all[i].tensor;
        char shape[VIC_DIMS_TEXT];
        used += (size_t)snprintf(text + used, LIST - used, "%s\"%.40s\" %.40s", i ? ", " : "", tensor->name,
                                 vic_dims_text(tensor->rank, tensor->dim, shape));
    }
    if (i < tensors->n)
        snprintf(text + used, LIST - used, " and %zu more", tensors->n - i);
    return tensors->n ? text : "no tensor";
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
    char list[LIST];
    const char *near = NULL;
    VIC_TRY(nearest(map, tensors, name, &near));
    return vic_fail(
        VIC_BAD_FILE,
        "%s: tensor \"%s\" is missing, the network has a parameter of that name%s%.40s%s; the file has "
        "%s; names can be mapped with --rename OLD=NEW",
        vic_tensor_file_path(tensors->file), name, near ? " (is it \"" : "", near ? near : "",
        near ? "\"?)" : "", list_tensors(tensors, list));
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
