/* One inference, written out. */
#ifndef VIC_TENSORS_DUMP_H
#define VIC_TENSORS_DUMP_H

#include "inference/infer.h"

/* Collective. Writes prediction.l, belief.l and error.l for l = 1..L, grad.NAME per parameter, and loss,
 * after a run on `batch` samples with options.record and gradients. */
vic_status vic_inference_write(vic_inference *inference, size_t batch, const char *path);
/* Collective. Writes prediction.l for l = 1..L and, under cross-entropy, `class`, int64, the place of the
 * largest output of each sample, after a sweep over `batch` samples with options.record. */
vic_status vic_predictions_write(vic_inference *inference, size_t batch, const char *path);

#endif
