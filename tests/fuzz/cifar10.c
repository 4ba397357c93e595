/* Data of format cifar10, plain and gzipped. */
#include "fuzz.h"

void fuzz_cifar10(const unsigned char *data, size_t size);

void fuzz_cifar10(const unsigned char *data, size_t size) {
    fuzz_data("cifar10", data, size);
}
