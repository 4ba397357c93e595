/* A batch: safetensors or a numpy array, as input and as target. */
#include "fuzz.h"

#include "tensors/batch.h"

void fuzz_batch(const unsigned char *data, size_t size);

void fuzz_batch(const unsigned char *data, size_t size) {
    const fuzz_model *m = fuzz_small_model();
    vic_batch batch;
    const char *path = fuzz_file(0, data, size);
    const vic_batch_files ways[] = {{.batch = path}, {.batch = path, .target = path}};
    for (int i = 0; i < 2; i++) {
        vic_status status = vic_batch_inspect(ways[i], m->network, &batch);
        fuzz_ended(status, VIC_BAD_FILE);
        if (status == VIC_OK && batch.samples <= 2)
            fuzz_ended(vic_batch_read(ways[i], m->inference), VIC_BAD_FILE);
    }
}
