/* Data of format idx, plain and gzipped. */
#include "fuzz.h"

void fuzz_idx(const unsigned char *data, size_t size);

void fuzz_idx(const unsigned char *data, size_t size) {
    fuzz_data("idx", data, size);
}
