/* Weights: safetensors. */
#include "fuzz.h"

#include "tensors/weights.h"

void fuzz_weights(const unsigned char *data, size_t size);

void fuzz_weights(const unsigned char *data, size_t size) {
    const fuzz_model *m = fuzz_small_model();
    fuzz_ended(vic_weights_read(m->inference, fuzz_file(0, data, size)), VIC_BAD_FILE);
}
