/* The network's predictions for each sample of a data set, as a file: `prediction`, `class` and `target`. */
#ifndef VIC_TENSORS_PREDICTIONS_H
#define VIC_TENSORS_PREDICTIONS_H

#include "safetensors.h"

#include "inference/infer.h"

typedef struct vic_predictions {
    vic_inference *inference;
    vic_tensor_writer *writer;
    void *rows; /* of one batch, where the output population is */
    int64_t *classes;
} vic_predictions;

/* Collective. Creates the file, for `samples` samples. Close with vic_predictions_close, also after an error.
 * Errors: VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_predictions_open(vic_predictions *predictions, vic_inference *inference, size_t samples,
                                const char *path);
/* Local. Puts those of the last sweep at samples first..first+n-1, for vic_evaluate_watched; `context` are
 * the predictions. */
vic_status vic_predictions_put(void *context, size_t first, size_t n, const int64_t *targets);
/* Collective where `status` is the same on all ranks. The file appears where it is VIC_OK. */
vic_status vic_predictions_close(vic_predictions *predictions, vic_status status);

#endif
