/* exp, expm1, tanh and sigmoid for loops that the compiler turns into vectors. Where arguments are float32
 * they are computed in float64 without branches and library calls: the error before the last rounding is
 * below 1e-12, so results are within 1 ulp, and products and sums are never fused, so they have the same bits
 * at every instruction level. Where arguments are float64, exp, expm1 and tanh are the C library's. */
#ifndef VIC_FUNCTIONS_EXPONENTIAL_H
#define VIC_FUNCTIONS_EXPONENTIAL_H

#include "real.h"

#include <string.h>

/* x, or the end of [-most, most] that is nearest. NaN stays. */
VIC_INLINE double vic_clamp(double x, double most) {
    x = x > most ? most : x;
    return x < -most ? -most : x;
}

#if VIC_BITS == 64

VIC_INLINE double vic_exp(double x) {
    return exp(x);
}

VIC_INLINE double vic_exp_within(double x) {
    return exp(x);
}

VIC_INLINE double vic_expm1_within(double x) {
    return expm1(x);
}

#else

/* exp(x) = scale (1 + rest), scale = 2^k, rest = expm1(x - k log 2), |x - k log 2| <= log(2) / 2. */
typedef struct vic_exp_parts {
    double scale, rest;
} vic_exp_parts;

/* The Taylor series of expm1 up to r^10; on |r| <= log(2) / 2 what is left out is below 7e-13 r. Its terms
 * are added in pairs, which do not wait for each other. */
VIC_INLINE double vic_expm1_series(double r) {
    double r2 = r * r, r4 = r2 * r2;
    double low = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
    double high = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
    return r + r2 * (low + r4 * (high + r4 * (1.0 / 3628800)));
}

/* |x| <= 708, or NaN, which stays. */
VIC_INLINE vic_exp_parts vic_exp_split(double x) {
    const double round = 0x1.8p52; /* numbers of this size have no fraction, and k in their lowest bits */
    double shifted = x * 0x1.71547652b82fep+0 + round;
    double k = shifted - round;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 52) + ((uint64_t)1023 << 52);
    vic_exp_parts parts;
    memcpy(&parts.scale, &bits, sizeof bits);
    parts.rest = vic_expm1_series(x - k * 0x1.62e42fefa39efp-1);
    return parts;
}

/* exp and expm1 of |x| <= 708, or NaN. */
VIC_INLINE double vic_exp_within(double x) {
    vic_exp_parts parts = vic_exp_split(x);
    return parts.scale + parts.scale * parts.rest;
}

VIC_INLINE double vic_expm1_within(double x) {
    vic_exp_parts parts = vic_exp_split(x);
    return parts.scale * parts.rest + (parts.scale - 1);
}

/* Arguments beyond +-708 count as that: float32 has long overflowed there. */
VIC_INLINE double vic_exp(double x) {
    return vic_exp_within(vic_clamp(x, 708));
}

VIC_INLINE double vic_expm1(double x) {
    return vic_expm1_within(vic_clamp(x, 708));
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

/* s(a + d) - s(a), s(x) = 1 / (1 + exp(-x)). For d >= 0 it is A / (1 + A) E / (1 + A + E), A = exp(-a),
 * E = expm1(d), in which nothing cancels; for d < 0 it is -(s(-a - d) - s(-a)). s counts as flat beyond a
 * bound: for float64 one at which E is finite; for float32 one beyond which no change is as large as half of
 * the smallest number, and at which (1 + A) (1 + A + E) is finite, so that one division is enough. */
VIC_INLINE double vic_sigmoid_change(double a, double d) {
    const double most = VIC_BITS == 64 ? 350 : 110;
    double b = a + d, from = vic_clamp(a, most), to = vic_clamp(b, most);
    double step = from == a && to == b ? d : to - from;
    double decay = vic_exp_within(step < 0 ? from : -from), growth = vic_expm1_within(fabs(step));
#if VIC_BITS == 64
    double moved = decay / (1 + decay) * (growth / (1 + decay + growth));
#else
    double moved = decay * growth / ((1 + decay) * (1 + decay + growth));
#endif
    return copysign(moved, step);
}

#endif
