/* The parameters of a network in files. */
#ifndef VIC_TENSORS_WEIGHTS_H
#define VIC_TENSORS_WEIGHTS_H

#include "safetensors.h"

#include "inference/infer.h"

/* Names that begin with `from` begin with `to` instead; of several renamings the longest that fits
 * counts. */
typedef struct vic_rename {
    char *from, *to;
} vic_rename;

typedef struct vic_renames {
    size_t n;
    const vic_rename *all;
} vic_renames;

/* Local. Is a tensor of a checkpoint a weight? The optimiser's state is called after a weight of the same
 * file, "0.0.weight.momentum", and sums of an epoch after a population, "sums.3". */
bool vic_tensor_is_weight(const vic_tensor_file *file, const char *name);

/* Reads the parameters of the local populations. The file's tensors, of F64, F32, F16 or BF16, must be the
 * network's, all of them, under their names; all behind "module." or "_orig_mod."; or named as in one
 * nn.Sequential. A checkpoint gives its weights alone. Local; every rank checks all names and shapes. Errors:
 * VIC_BAD_FILE. */
vic_status vic_weights_read(vic_inference *inference, const char *path);
/* The same after renaming; *epoch becomes that of a checkpoint, -1 for other files. */
vic_status vic_weights_read_from(vic_inference *inference, const char *path, vic_renames renames,
                                 int64_t *epoch);
/* Collective. Writes every population's parameters in the run's precision. */
vic_status vic_weights_write(vic_inference *inference, const char *path);

#endif
