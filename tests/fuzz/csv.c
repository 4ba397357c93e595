/* Data of format csv, plain and gzipped. */
#include "fuzz.h"

void fuzz_csv(const unsigned char *data, size_t size);

void fuzz_csv(const unsigned char *data, size_t size) {
    fuzz_data("csv", data, size);
}
