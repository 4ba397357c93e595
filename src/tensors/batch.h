/* One batch in files: `input`, `target`, `initial.l`. */
#ifndef VIC_TENSORS_BATCH_H
#define VIC_TENSORS_BATCH_H

#include "inference/infer.h"

/* Where it comes from: a safetensors file that holds these tensors, or a numpy array (.npy), which is the
 * input alone. */
typedef struct vic_batch_files {
    const char *batch;
    const char *target; /* a numpy array, or a safetensors file with `target`; NULL: in `batch`, or nowhere */
    int64_t label_offset; /* subtracted from class indices */
} vic_batch_files;

typedef struct vic_batch {
    size_t samples;
    bool initial, target; /* the files give them */
} vic_batch;

/* Local, the same on every rank. Errors: VIC_BAD_FILE when names, types or shapes do not fit the network. */
vic_status vic_batch_inspect(vic_batch_files files, const vic_network *network, vic_batch *batch);
/* The same, where a batch without a target is of no use. */
vic_status vic_batch_inspect_whole(vic_batch_files files, const vic_network *network, vic_batch *batch);
/* Local. Reads what the local populations need to where the inference expects it; without a target that stays
 * as it was. Class indices become one-hot values under squared error, and one-hot rows class indices under
 * cross-entropy. */
vic_status vic_batch_read(vic_batch_files files, vic_inference *inference);

#endif
