/* OpenBLAS's own memory. */
#include "functions.h"

#include <cblas.h>
#include <stdlib.h>

/* The memory that OpenBLAS allocates at the first product. Where there is none it retries for ever. */
enum { BLAS_BUFFER = 128 << 20 };

/* The compiler may leave out memory that is never read. */
static bool has_memory(size_t bytes) {
    void *volatile block = malloc(bytes);
    bool there = block != NULL;
    free(block);
    return there;
}

vic_status vic_blas_reserve(void) {
    static bool reserved;
    const double one = 1;
    double product = 0;
    if (reserved)
        return VIC_OK;
    if (!has_memory(BLAS_BUFFER))
        return vic_fail(VIC_NO_MEMORY, "out of memory: %d MiB for matrix products are not to be had",
                        BLAS_BUFFER >> 20);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1, &one, 1, &one, 1, 0, &product, 1);
    reserved = true;
    return VIC_OK;
}
