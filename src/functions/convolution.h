/* The two loops that convolutions are made of, over arrays (channel, row, column, batch). */
#ifndef VIC_FUNCTIONS_CONVOLUTION_H
#define VIC_FUNCTIONS_CONVOLUTION_H

#include "functions.h"
#include "real.h"

typedef struct vic_planes {
    size_t channels, rows, columns;
} vic_planes;

/* Output (o, y, x) reads `in` at (c, y * stride + i, x * stride + j), 0 <= i, j < kernel: padding is there.
 */
typedef struct vic_convolution {
    vic_planes in, out;
    size_t kernel, stride, batch;
} vic_convolution;

/* How many of `count` parts of a convolution a thread takes at a time, where each has so many products:
 * enough to be worth a task, whatever the number of threads; nearly equal. */
VIC_INLINE size_t vic_convolution_piece(size_t count, size_t products) {
    const size_t least = (size_t)1 << 20;
    size_t parts = products >= least ? 1 : (least + products - 1) / (products ? products : 1);
    if (parts >= count)
        return count;
    size_t pieces = (count + parts - 1) / parts;
    return (count + pieces - 1) / pieces;
}

/* out = bias + sum over c, i, j of weight (out, in, kernel, kernel) * in; bias may be NULL. */
void VIC_NAME(vic_convolve)(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                            const vic_real *in, vic_real *out);

/* weight (out, in, kernel, kernel) = sum over pixels and samples of error * in, or += that where `add`.
 * error: (out, batch). */
void VIC_NAME(vic_correlate)(const vic_convolution *v, const vic_real *error, const vic_real *in, bool add,
                             vic_real *weight);

#endif
