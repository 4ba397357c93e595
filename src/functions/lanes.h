/* Sums that the compiler may vectorise without changing their order: LANES partial sums, then their total. */
#ifndef VIC_FUNCTIONS_LANES_H
#define VIC_FUNCTIONS_LANES_H

#include "real.h"

enum { VIC_LANES = 32 };

static inline vic_real vic_lanes_sum(size_t n, const vic_real *x) {
    vic_real lane[VIC_LANES] = {0};
    size_t i = 0;
    for (; i + VIC_LANES <= n; i += VIC_LANES)
        for (size_t k = 0; k < VIC_LANES; k++)
            lane[k] += x[i + k];
    vic_real total = 0;
    for (size_t k = 0; k < VIC_LANES; k++)
        total += lane[k];
    for (; i < n; i++)
        total += x[i];
    return total;
}

#endif
