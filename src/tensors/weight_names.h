/* Which tensor of a file is which parameter of a network. Private to the room. */
#ifndef VIC_TENSORS_WEIGHT_NAMES_H
#define VIC_TENSORS_WEIGHT_NAMES_H

#include "tensor.h"
#include "weights.h"

/* A tensor of a file, and what it is called here. */
typedef struct vic_named_tensor {
    const vic_tensor *tensor;
    char *name;
} vic_named_tensor;

typedef struct vic_named_tensors {
    const vic_tensor_file *file;
    size_t n;
    vic_named_tensor *all; /* sorted by name */
} vic_named_tensors;

/* The tensors of a file under their names, renamed; of a checkpoint, the weights alone. Free with
 * vic_named_tensors_release, also after an error. Errors: VIC_BAD_FILE when a renaming matches no tensor, or
 * two tensors then have one name. */
vic_status vic_named_tensors_open(vic_named_tensors *tensors, const vic_tensor_file *file,
                                  vic_renames renames);
void vic_named_tensors_release(vic_named_tensors *tensors);
/* NULL when there is none of that name. */
const vic_tensor *vic_named_tensors_find(const vic_named_tensors *tensors, const char *name);

/* The parameters of a network, in the order of its edges, and the tensor of each. */
typedef struct vic_weight_map {
    size_t n;
    vic_parameter_slot *slots;
    const vic_tensor **tensors;
} vic_weight_map;

/* Names are the network's; or they all begin with "module." or "_orig_mod.", which are left out; or they are
 * those of one nn.Sequential ("0.weight", "2.weight", ...) whose functions, in their order, have the names of
 * the network's parameters. Free with vic_weight_map_release, also after an error. Errors: VIC_BAD_FILE,
 * naming what was found. */
vic_status vic_weight_map_make(vic_weight_map *map, vic_named_tensors *tensors, const vic_network *network);
void vic_weight_map_release(vic_weight_map *map);

/* Fails with what a file lacks, or has beyond the network's parameters, and what it has. */
vic_status vic_weights_do_not_fit(const vic_weight_map *map, const vic_named_tensors *tensors);

#endif
