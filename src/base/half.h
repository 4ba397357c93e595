/* Binary floating-point numbers of 16 bits: a sign, an exponent, `mantissa` bits (10 in float16, 7 in
 * bfloat16); the rest as IEEE 754 has it, with denormal numbers, infinities and NaN. */
#ifndef VIC_BASE_HALF_H
#define VIC_BASE_HALF_H

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { VIC_FLOAT16_MANTISSA = 10, VIC_BFLOAT16_MANTISSA = 7 };
enum { DOUBLE_MANTISSA = 52, DOUBLE_BIAS = 1023, SIGN_BIT = 1 << 15 };

/* So that loops are unrolled for the mantissa that they are called with. */
#define VIC_HALF_INLINE static inline __attribute__((always_inline))

static inline int half_bias(int mantissa) {
    return (1 << (14 - mantissa)) - 1;
}

/* 2^exponent, for -1022 <= exponent <= 1023 */
static inline double power_of_two(int exponent) {
    uint64_t bits = (uint64_t)(exponent + DOUBLE_BIAS) << DOUBLE_MANTISSA;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* Rounds to nearest even, in one step from either precision. */
VIC_HALF_INLINE uint16_t half_encode(double x, int mantissa) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    unsigned sign = (unsigned)(bits >> 63) << 15, infinity = (SIGN_BIT - 1) & ~((1u << mantissa) - 1);
    int exponent = (int)(bits >> DOUBLE_MANTISSA & 0x7ff) - DOUBLE_BIAS, bias = half_bias(mantissa);
    if (x != x)
        return (uint16_t)(sign | infinity | 1u << (mantissa - 1));
    if (exponent > bias)
        return (uint16_t)(sign | infinity);
    exponent = exponent < 1 - bias ? 1 - bias : exponent;
    /* In units of the last place. What rounds up to the next power of two carries into the exponent. */
    unsigned units = (unsigned)rint(fabs(x) * power_of_two(mantissa - exponent));
    return (uint16_t)(sign | (((unsigned)(exponent - (1 - bias)) << mantissa) + units));
}

VIC_HALF_INLINE double half_decode(uint16_t code, int mantissa) {
    unsigned magnitude = code & (SIGN_BIT - 1), units = magnitude & ((1u << mantissa) - 1);
    int exponent = (int)(magnitude >> mantissa), bias = half_bias(mantissa);
    double x = units;
    if (exponent == 2 * bias + 1)
        x = units ? NAN : INFINITY;
    else if (exponent == 0)
        x *= power_of_two(1 - bias - mantissa);
    else
        x = (x + (double)(1u << mantissa)) * power_of_two(exponent - bias - mantissa);
    return code & SIGN_BIT ? -x : x;
}

#endif
