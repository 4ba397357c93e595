#include "weight_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static vic_status collect_slots(vic_weight_map *map, const vic_network *network) {
    size_t n = 0;
    for (int e = 0; e < network->n_edges; e++)
        n += vic_edge_parameters(&network->edges[e]);
    VIC_TRY(vic_allocate(n, sizeof *map->slots, &map->slots));
    VIC_TRY(vic_allocate(n, sizeof *map->tensors, &map->tensors));
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++)
            map->slots[map->n++] = vic_parameter_slot_at(network, e, i);
    return VIC_OK;
}

/* Is every parameter there under its name? */
static bool find_by_name(vic_weight_map *map, const vic_named_tensors *tensors) {
    bool all = true;
    for (size_t i = 0; i < map->n; i++) {
        map->tensors[i] = vic_named_tensors_find(tensors, map->slots[i].name);
        all = all && map->tensors[i] != NULL;
    }
    return all;
}

/* What wrappers of PyTorch put before every name. The order of the names stays as it is without it. */
static bool strip(vic_named_tensors *tensors, const char *prefix) {
    size_t length = strlen(prefix);
    for (size_t i = 0; i < tensors->n; i++)
        if (strncmp(tensors->all[i].name, prefix, length) != 0)
            return false;
    for (size_t i = 0; i < tensors->n; i++)
        memmove(tensors->all[i].name, tensors->all[i].name + length,
                strlen(tensors->all[i].name + length) + 1);
    return tensors->n > 0;
}

/* ---- names of one nn.Sequential ---- */

/* "12.weight" is function 12; false for other names. */
static bool read_flat_name(const char *name, unsigned long *function) {
    char *end;
    errno = 0;
    *function = strtoul(name, &end, 10);
    return name[0] >= '0' && name[0] <= '9' && errno == 0 && *end == '.' && strchr(end + 1, '.') == NULL;
}

static int compare_numbers(const void *a, const void *b) {
    const unsigned long *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* functions[0..*n-1] become the numbers of the functions with parameters, in their order; *n is 0 when a name
 * is of another form. */
static void list_functions(const vic_named_tensors *tensors, unsigned long *functions, size_t *n) {
    *n = 0;
    for (size_t i = 0; i < tensors->n; i++)
        if (!read_flat_name(tensors->all[i].name, &functions[i]))
            return;
    if (tensors->n == 0)
        return;
    qsort(functions, tensors->n, sizeof *functions, compare_numbers);
    for (size_t i = 0; i < tensors->n; i++)
        if (i == 0 || functions[i] != functions[i - 1])
            functions[(*n)++] = functions[i];
}

static bool has_shape_of(const vic_tensor *tensor, const vic_parameter *parameter) {
    return vic_dims_equal(tensor->rank, tensor->dim, parameter->rank, parameter->dim);
}

/* The k-th function here that has parameters is the k-th one there. */
static bool find_in_order(vic_weight_map *map, const vic_named_tensors *tensors,
                          const unsigned long *functions, size_t n) {
    size_t next = 0;
    for (size_t i = 0; i < map->n; i++) {
        const char *slot = map->slots[i].name, *parameter = strrchr(slot, '.');
        char name[96];
        bool same = i > 0 && strncmp(slot, map->slots[i - 1].name, (size_t)(parameter - slot) + 1) == 0;
        next += !same;
        if (next > n)
            return false;
        snprintf(name, sizeof name, "%lu%s", functions[next - 1], parameter);
        map->tensors[i] = vic_named_tensors_find(tensors, name);
        if (map->tensors[i] == NULL)
            return false;
    }
    return next == n && map->n == tensors->n;
}

static vic_status find_flat(vic_weight_map *map, const vic_named_tensors *tensors, bool *all) {
    unsigned long *functions;
    size_t n;
    VIC_TRY(vic_allocate(tensors->n, sizeof *functions, &functions));
    list_functions(tensors, functions, &n);
    *all = n > 0 && find_in_order(map, tensors, functions, n);
    vic_release(&functions);
    return VIC_OK;
}

/* ---- all of it ---- */

static const char *shape_advice(const vic_tensor *tensor, const vic_parameter *parameter) {
    vic_shape expected = {.rank = parameter->rank};
    for (int i = 0; i < parameter->rank; i++)
        expected.dim[i] = parameter->dim[i];
    return vic_shape_compare(tensor->rank, tensor->dim, expected) == VIC_SHAPE_PERMUTED
               ? ": its axes are in another order: transpose it, outputs come first, as PyTorch has them"
               : "";
}

static vic_status check_shapes(const vic_weight_map *map, const vic_named_tensors *tensors) {
    const char *path = vic_tensor_file_path(tensors->file);
    for (size_t i = 0; i < map->n; i++) {
        const vic_tensor *tensor = map->tensors[i];
        const vic_parameter *parameter = map->slots[i].parameter;
        char found[VIC_DIMS_TEXT], expected[VIC_DIMS_TEXT];
        if (!has_shape_of(tensor, parameter))
            return vic_fail(VIC_BAD_FILE,
                            "%s: tensor \"%s\" has shape %s, the network expects %s for \"%s\"%s", path,
                            tensor->name, vic_dims_text(tensor->rank, tensor->dim, found),
                            vic_dims_text(parameter->rank, parameter->dim, expected), map->slots[i].name,
                            shape_advice(tensor, parameter));
        if (!vic_tensor_is_real(tensor))
            return vic_fail(VIC_BAD_FILE, "%s: tensor \"%s\": dtype %s, expected F64, F32, F16 or BF16", path,
                            tensor->name, tensor->dtype);
    }
    return VIC_OK;
}

vic_status vic_weight_map_make(vic_weight_map *map, vic_named_tensors *tensors, const vic_network *network) {
    *map = (vic_weight_map){0};
    VIC_TRY(collect_slots(map, network));
    bool named = find_by_name(map, tensors), flat = false;
    while (!named && (strip(tensors, "module.") || strip(tensors, "_orig_mod.")))
        named = find_by_name(map, tensors);
    if (!named)
        VIC_TRY(find_flat(map, tensors, &flat));
    if (flat || (named && tensors->n == map->n))
        return check_shapes(map, tensors);
    find_by_name(map, tensors);
    return vic_weights_do_not_fit(map, tensors);
}

void vic_weight_map_release(vic_weight_map *map) {
    vic_release(&map->slots);
    vic_release(&map->tensors);
}
