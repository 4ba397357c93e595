/* A set of samples, wherever they come from. */
#ifndef VIC_DATA_SOURCE_H
#define VIC_DATA_SOURCE_H

#include "base/base.h"

/* A set of samples. The rank of the input population calls `inputs`, the rank of the output population calls
 * `classes`; a rank that holds neither calls nothing. order: `n` sample numbers below count. */
typedef struct vic_source {
    size_t count;
    void *context;
    /* rows becomes (n, count) in the run's precision: the features first..first+count-1. Several threads may
     * call it at once. */
    void (*inputs)(void *context, const size_t *order, size_t n, size_t first, size_t count, void *rows);
    void (*classes)(void *context, const size_t *order, size_t n, int64_t *classes);
} vic_source;

#endif
