/* Data of format npy, plain and gzipped. */
#include "fuzz.h"

void fuzz_npy(const unsigned char *data, size_t size);

void fuzz_npy(const unsigned char *data, size_t size) {
    fuzz_data("npy", data, size);
}
