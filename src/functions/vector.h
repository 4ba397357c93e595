/* Vectors as wide as the registers of the instruction level that is compiled for. */
#ifndef VIC_FUNCTIONS_VECTOR_H
#define VIC_FUNCTIONS_VECTOR_H

#include "real.h"

#include <string.h>

#if defined(__AVX512F__)
enum { VIC_VECTOR_BYTES = 64, VIC_VECTOR_REGISTERS = 32 };
#elif defined(__AVX__)
enum { VIC_VECTOR_BYTES = 32, VIC_VECTOR_REGISTERS = 16 };
#elif defined(__aarch64__)
enum { VIC_VECTOR_BYTES = 16, VIC_VECTOR_REGISTERS = 32 };
#else
enum { VIC_VECTOR_BYTES = 16, VIC_VECTOR_REGISTERS = 16 };
#endif

enum { VIC_VECTOR_LANES = VIC_VECTOR_BYTES / sizeof(vic_real) };

typedef vic_real vic_vector __attribute__((vector_size(VIC_VECTOR_BYTES)));

/* A vector anywhere in an array of numbers. */
typedef vic_real vic_vector_at
    __attribute__((vector_size(VIC_VECTOR_BYTES), aligned(sizeof(vic_real)), may_alias));

VIC_INLINE vic_vector vic_vector_load(const vic_real *from) {
    return *(const vic_vector_at *)from;
}

VIC_INLINE void vic_vector_store(vic_vector x, vic_real *to) {
    *(vic_vector_at *)to = x;
}

/* The first n <= VIC_VECTOR_LANES numbers of a vector; loaded, the others are 0. */
VIC_INLINE vic_vector vic_vector_load_some(const vic_real *from, size_t n) {
    vic_vector x = {0};
    if (n == VIC_VECTOR_LANES)
        return vic_vector_load(from);
    memcpy(&x, from, n * sizeof *from);
    return x;
}

VIC_INLINE void vic_vector_store_some(vic_vector x, vic_real *to, size_t n) {
    if (n == VIC_VECTOR_LANES)
        vic_vector_store(x, to);
    else
        memcpy(to, &x, n * sizeof *to);
}

#endif
