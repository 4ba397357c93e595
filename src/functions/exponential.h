/* exp, expm1, tanh and sigmoid for loops that the compiler turns into vectors. Where arguments are float32
 * they are computed in float64 without branches and library calls: the error before the last rounding is
 * below 1e-15, so results are within 1 ulp, and products and sums are never fused, so they have the same bits
 * at every instruction level. Where arguments are float64, exp, expm1 and tanh are the C library's. */
#ifndef VIC_FUNCTIONS_EXPONENTIAL_H
#define VIC_FUNCTIONS_EXPONENTIAL_H

#include "real.h"

#include <string.h>

#if VIC_BITS == 64

VIC_INLINE double vic_exp(double x) {
    return exp(x);
}

VIC_INLINE double vic_expm1(double x) {
    return expm1(x);
}

#else

/* exp(x) = scale (1 + rest), scale = 2^k, rest = expm1(x - k log 2), |x - k log 2| <= log(2) / 2. */
typedef struct vic_exp_parts {
    double scale, rest;
} vic_exp_parts;

/* The Taylor series of expm1 up to r^13; on |r| <= log(2) / 2 what is left out is below 2e-17 r. */
VIC_INLINE double vic_expm1_series(double r) {
    double sum = 1.0 / 6227020800;
    sum = sum * r + 1.0 / 479001600;
    sum = sum * r + 1.0 / 39916800;
    sum = sum * r + 1.0 / 3628800;
    sum = sum * r + 1.0 / 362880;
    sum = sum * r + 1.0 / 40320;
    sum = sum * r + 1.0 / 5040;
    sum = sum * r + 1.0 / 720;
    sum = sum * r + 1.0 / 120;
    sum = sum * r + 1.0 / 24;
    sum = sum * r + 1.0 / 6;
    sum = sum * r + 1.0 / 2;
    return r * (sum * r + 1);
}

/* Arguments beyond +-708 count as that: float32 has long overflowed there. NaN stays NaN. */
VIC_INLINE vic_exp_parts vic_exp_split(double x) {
    const double round = 0x1.8p52; /* numbers of this size have no fraction, and k in their lowest bits */
    const double log2_high = 0x1.62e42feep-1, log2_low = 0x1.a39ef35793c76p-33;
    const double most = 708;
    x = x > most ? most : x;
    x = x < -most ? -most : x;
    double shifted = x * 0x1.71547652b82fep+0 + round;
    double k = shifted - round;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 52) + ((uint64_t)1023 << 52);
    vic_exp_parts parts;
    memcpy(&parts.scale, &bits, sizeof bits);
    parts.rest = vic_expm1_series(x - k * log2_high - k * log2_low);
    return parts;
}

VIC_INLINE double vic_exp(double x) {
    vic_exp_parts parts = vic_exp_split(x);
    return parts.scale + parts.scale * parts.rest;
}

VIC_INLINE double vic_expm1(double x) {
    vic_exp_parts parts = vic_exp_split(x);
    return parts.scale * parts.rest + (parts.scale - 1);
}

#endif

/* tanh(|x|) = g / (g + 2), g = expm1(2 |x|). */
VIC_INLINE double vic_tanh(double x) {
#if VIC_BITS == 64
    return tanh(x);
#else
    double grown = vic_expm1(2 * fabs(x));
    return copysign(grown / (grown + 2), x);
#endif
}

/* x, or the end of [-350, 350] that is nearest: sigmoid is flat beyond, and exp(700) is finite. NaN stays. */
VIC_INLINE double vic_sigmoid_clamp(double x) {
    const double most = 350;
    x = x > most ? most : x;
    return x < -most ? -most : x;
}

/* s(a + d) - s(a), s(x) = 1 / (1 + exp(-x)). For d >= 0 it is A / (1 + A) E / (1 + A + E), A = exp(-a),
 * E = expm1(d), in which nothing cancels; for d < 0 it is -(s(-a - d) - s(-a)). */
VIC_INLINE double vic_sigmoid_change(double a, double d) {
    double b = a + d, from = vic_sigmoid_clamp(a), to = vic_sigmoid_clamp(b);
    double step = from == a && to == b ? d : to - from;
    double decay = vic_exp(step < 0 ? from : -from), growth = vic_expm1(fabs(step));
    return copysign(decay / (1 + decay) * (growth / (1 + decay + growth)), step);
}

#endif
