/* The precision of a source that is compiled with VIC_BITS = 32 and VIC_BITS = 64, and with each of both for
 * every instruction level, with VIC_LEVEL = v1, for example. */
#ifndef VIC_FUNCTIONS_REAL_H
#define VIC_FUNCTIONS_REAL_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if VIC_BITS == 32
typedef float vic_real;
typedef int32_t vic_real_bits;
typedef uint32_t vic_real_pattern;
#define VIC_BLAS(routine) cblas_s##routine
#define VIC_SQRT          sqrtf
#elif VIC_BITS == 64
typedef double vic_real;
typedef int64_t vic_real_bits;
typedef uint64_t vic_real_pattern;
#define VIC_BLAS(routine) cblas_d##routine
#define VIC_SQRT          sqrt
#else
#error "compile this file with VIC_BITS set to 32 and to 64"
#endif

/* NAME_f32_v1: what is defined in such a source, unless it is static. */
#define VIC_NAME(name)                     VIC_NAME_OF(name, VIC_BITS, VIC_LEVEL)
#define VIC_NAME_OF(name, bits, level)     VIC_NAME_JOINED(name, bits, level)
#define VIC_NAME_JOINED(name, bits, level) name##_f##bits##_##level

/* Of infinity and NaN, bits beside the sign; of any other number, none beside it. A loop that combines them
 * with | becomes vector code, which one with a branch for each number does not. */
static inline vic_real_pattern vic_nonfinite(vic_real x) {
    vic_real nothing = x - x;
    vic_real_pattern bits;
    memcpy(&bits, &nothing, sizeof bits);
    return bits;
}

/* Is a combination of them one of finite numbers? The sign of a zero depends on the rounding mode. */
static inline bool vic_is_all_finite(vic_real_pattern combined) {
    return (vic_real_pattern)(combined << 1) == 0;
}

/* For kernels whose loops have to be unrolled for the constants that they are called with. */
#define VIC_INLINE static inline __attribute__((always_inline))

/* Before a loop of one vector's length: GCC unrolls such loops to scalars before it looks for vectors. */
#if defined(__GNUC__) && !defined(__clang__)
#define VIC_AS_VECTOR _Pragma("GCC unroll 1")
#else
#define VIC_AS_VECTOR
#endif

#endif
