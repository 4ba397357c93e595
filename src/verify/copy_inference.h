/* Parameters and a batch for another inference. For this room alone. */
#ifndef VIC_VERIFY_COPY_INFERENCE_H
#define VIC_VERIFY_COPY_INFERENCE_H

#include "inference/infer.h"

/* Local. `to` gets the parameters and the batch that have been fed to `from`, in its own precision. Both have
 * the same network otherwise, and the same placement. */
void vic_copy_parameters_and_batch(vic_inference *from, vic_inference *to, size_t batch);

#endif
