/* OpenBLAS's threads, memory and kernels. */
#include "functions.h"

#include "base/pool.h"

#include <cblas.h>
#include <stdlib.h>
#include <strings.h>

/* An OpenBLAS whose threads are OpenMP's keeps their number for each calling thread. */
void vic_blas_use_one_thread(void) {
    openblas_set_num_threads(1);
}

/* The memory that OpenBLAS allocates at the first product, for each thread that calls it. Where there is none
 * it retries for ever. */
enum { BLAS_BUFFER = 128 << 20 };

/* The compiler may leave out memory that is never read. */
static bool has_memory(size_t bytes) {
    void *volatile block = malloc(bytes);
    bool there = block != NULL;
    free(block);
    return there;
}

/* OpenBLAS's own, which it exports and declares in no header: a buffer as each running product has one. It
 * stays OpenBLAS's when it is free again. */
extern void *blas_memory_alloc(int unused) __attribute__((weak));
extern void blas_memory_free(void *buffer) __attribute__((weak));

/* As many buffers as are in use at once when every thread multiplies. */
static void take_buffers(int n) {
    if (n == 0 || blas_memory_alloc == NULL || blas_memory_free == NULL)
        return;
    void *buffer = blas_memory_alloc(0);
    take_buffers(n - 1);
    blas_memory_free(buffer);
}

vic_status vic_blas_reserve(void) {
    static int reserved; /* threads */
    const double one = 1;
    double product = 0;
    int threads = vic_pool_threads();
    if (reserved >= threads)
        return VIC_OK;
    if (!has_memory((size_t)(threads - reserved) * BLAS_BUFFER))
        return vic_fail(VIC_NO_MEMORY, "out of memory: %d MiB for matrix products are not to be had%s",
                        (threads - reserved) * (BLAS_BUFFER >> 20),
                        threads > 1 ? "; --threads 1 takes less" : "");
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1, &one, 1, &one, 1, 0, &product, 1);
    take_buffers(threads);
    reserved = threads;
    return VIC_OK;
}

const char *vic_blas_kernel(void) {
    return openblas_get_corename();
}

/* The kernels of x86-64 by the instructions that they need, fewest first, and the one that every arm64 runs.
 */
static int place_of(const char *kernel) {
    static const char *const kernels[] = {
        "armv8",     "Prescott",    "Core2",     "Athlon",     "Opteron",       "Opteron_SSE3",
        "Barcelona", "Bobcat",      "Atom",      "Nano",       "Penryn",        "Dunnington",
        "Nehalem",   "Sandybridge", "Bulldozer", "Piledriver", "Steamroller",   "Excavator",
        "Haswell",   "Zen",         "SkylakeX",  "Cooperlake", "SapphireRapids"};
    const int n = sizeof kernels / sizeof kernels[0];
    int place = 0;
    while (place < n && strcasecmp(kernels[place], kernel) != 0)
        place++;
    return place;
}

const char *vic_blas_older_kernel(const char *a, const char *b) {
    return place_of(b) < place_of(a) ? b : a;
}
