/* The target of a batch, in whichever form it comes. Private to the room. */
#ifndef VIC_TENSORS_BATCH_TARGET_H
#define VIC_TENSORS_BATCH_TARGET_H

#include "tensor.h"

#include "inference/infer.h"

typedef enum vic_target_form {
    VIC_TARGET_OF_CLASSES, /* integers, one for each sample */
    VIC_TARGET_OF_ROWS,    /* one-hot rows, which name a class each */
    VIC_TARGET_OF_VALUES,  /* what the outputs should be */
} vic_target_form;

/* Which form the tensor "target" has, which must be there, by its type and shape. Errors: VIC_BAD_FILE. */
vic_status vic_target_inspect(const vic_tensor_file *file, const vic_network *network, size_t samples,
                              vic_target_form *form);
/* Where the output population is; `label_offset` is subtracted from class indices. Errors: VIC_BAD_FILE,
 * VIC_NO_MEMORY. */
vic_status vic_target_read(const vic_tensor_file *file, int64_t label_offset, vic_inference *inference);

/* values, (features, batch), become those of a tensor (batch, features). */
vic_status vic_tensor_read_inward(const vic_tensor_file *file, const vic_tensor *tensor,
                                  vic_precision precision, void *values);

#endif
