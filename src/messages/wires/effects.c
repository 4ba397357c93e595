#include "effects.h"

#include "functions/real.h"

/* ---- noise ---- */

static void find_rms(size_t features, size_t batch, const vic_real *message, double *rms) {
    for (size_t b = 0; b < batch; b++)
        rms[b] = 0;
    for (size_t f = 0; f < features; f++)
        for (size_t b = 0; b < batch; b++)
            rms[b] += (double)message[f * batch + b] * message[f * batch + b];
    for (size_t b = 0; b < batch; b++)
        rms[b] = sqrt(rms[b] / (double)features);
}

/* Two independent standard normal numbers (G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29(2), 1958) out of
 * 32 bits each. */
static void draw_normals(uint64_t key, size_t sample, size_t pair, double z[2]) {
    const double turn = 6.283185307179586476925286766559;
    uint64_t bits = vic_random_bits(key, VIC_RANDOM_NOISE, sample, pair);
    double radius = sqrt(-2 * log(((double)(bits >> 32) + 0.5) * 0x1p-32));
    double angle = turn * (double)(uint32_t)bits * 0x1p-32;
    z[0] = radius * cos(angle);
    z[1] = radius * sin(angle);
}

static void add_noise(size_t features, size_t batch, double noise, uint64_t key, double *rms,
                      const void *message, void *noisy) {
    const vic_real *from = message;
    vic_real *to = noisy;
    find_rms(features, batch, from, rms);
    for (size_t f = 0; f < features; f += 2)
        for (size_t b = 0; b < batch; b++) {
            double z[2];
            draw_normals(key, b, f / 2, z);
            for (size_t k = 0; k < 2 && f + k < features; k++) {
                size_t i = (f + k) * batch + b;
                to[i] = (vic_real)(from[i] + noise * rms[b] * z[k]);
            }
        }
}

/* ---- the largest entries ---- */

static vic_real magnitude(vic_real x) {
    return x != x ? (vic_real)INFINITY : (vic_real)fabs(x);
}

/* The number that `rank` others are above or equal to, after C. A. R. Hoare, "Find", CACM 4(7), 1961;
 * reorders x[0..n-1]. */
static vic_real select_largest(size_t n, size_t rank, vic_real *x) {
    size_t low = 0, high = n - 1;
    while (low < high) {
        vic_real pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (x[i] > pivot)
                i++;
            while (pivot > x[j])
                j--;
            if (i >= j)
                break;
            vic_real swapped = x[i];
            x[i++] = x[j];
            x[j--] = swapped;
        }
        if (rank <= j)
            high = j;
        else
            low = j + 1;
    }
    return x[rank];
}

static void find_largest(size_t features, size_t batch, size_t b, size_t kept, const void *message, void *row,
                         uint32_t *places) {
    const vic_real *sample = (const vic_real *)message + b;
    vic_real *x = row;
    for (size_t f = 0; f < features; f++)
        x[f] = magnitude(sample[f * batch]);
    vic_real least = select_largest(features, kept - 1, x);
    size_t above = 0, found = 0;
    for (size_t f = 0; f < features; f++)
        above += magnitude(sample[f * batch]) > least;
    size_t equal = kept - above;
    for (size_t f = 0; f < features; f++) {
        vic_real size = magnitude(sample[f * batch]);
        if (size > least || (size == least && equal > 0)) {
            equal -= size == least;
            places[found++] = (uint32_t)f;
        }
    }
}

static void gather(size_t batch, size_t b, size_t kept, const uint32_t *places, const void *message,
                   void *values) {
    const vic_real *from = message;
    vic_real *to = values;
    for (size_t i = 0; i < kept; i++)
        to[i * batch + b] = from[places[i] * batch + b];
}

static void scatter(size_t batch, size_t b, size_t kept, const uint32_t *places, const void *values,
                    void *message) {
    const vic_real *from = values;
    vic_real *to = message;
    for (size_t i = 0; i < kept; i++)
        to[places[i] * batch + b] = from[i * batch + b];
}

static void copy(size_t batch, size_t b, size_t kept, const uint32_t *places, const void *from, void *to) {
    const vic_real *x = from;
    vic_real *y = to;
    for (size_t i = 0; i < kept; i++)
        y[places[i] * batch + b] = x[places[i] * batch + b];
}

/* ---- loss ---- */

static void replace(size_t features, size_t batch, const bool *lost, const void *from, void *to) {
    const vic_real *fresh = from;
    vic_real *held = to;
    for (size_t f = 0; f < features; f++)
        for (size_t b = 0; b < batch; b++)
            held[f * batch + b] = lost[b] ? held[f * batch + b] : fresh[f * batch + b];
}

const vic_wire_rules VIC_NAME(vic_wire_rules) = {
    .add_noise = add_noise,
    .find_largest = find_largest,
    .gather = gather,
    .scatter = scatter,
    .copy = copy,
    .replace = replace,
};
