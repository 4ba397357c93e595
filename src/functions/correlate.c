/* Samples lie innermost, so a weight is a sum over long runs of products of an error and an input that is
 * shifted by whole samples. The loops keep the sums of several output channels and taps in registers, one
 * vector each. */
#include "convolution.h"
#include "vector.h"

#include "base/pool.h"

/* The sums of a tile, a vector of errors and the vectors of input fit the registers. */
enum { CHANNELS = VIC_VECTOR_REGISTERS >= 32 ? 6 : 4, TAPS = 3, LANES = VIC_VECTOR_LANES, MOST_CHANNELS = 6 };

/* The partial sums of a tile: lane k has the products of every LANES-th number from number k of each run on.
 */
typedef struct tile {
    vic_vector sum[MOST_CHANNELS][TAPS];
} tile;

/* sum[o][j] += error of channel o . in shifted by j samples, over n numbers. */
VIC_INLINE void correlate_run(size_t channels, size_t taps, size_t n, size_t plane, size_t batch,
                              const vic_real *error, const vic_real *in, tile *into) {
    tile t;
    size_t k = 0;
    for (size_t o = 0; o < channels; o++)
        for (size_t j = 0; j < taps; j++)
            t.sum[o][j] = into->sum[o][j];
    for (; k + LANES <= n; k += LANES)
        for (size_t o = 0; o < channels; o++)
            for (size_t j = 0; j < taps; j++)
                t.sum[o][j] += vic_vector_load(error + o * plane + k) * vic_vector_load(in + j * batch + k);
    for (size_t lane = 0; k < n; k++, lane++)
        for (size_t o = 0; o < channels; o++)
            for (size_t j = 0; j < taps; j++)
                t.sum[o][j][lane] += error[o * plane + k] * in[j * batch + k];
    for (size_t o = 0; o < channels; o++)
        for (size_t j = 0; j < taps; j++)
            into->sum[o][j] = t.sum[o][j];
}

/* All segments of the pixels: error and in at the first tap of row i, column j of the kernel. */
VIC_INLINE void correlate_pixels(const vic_convolution *v, size_t channels, size_t taps,
                                 const vic_real *error, const vic_real *in, tile *into) {
    size_t pixels = v->stride == 1 ? v->out.columns : 1, plane = v->out.rows * v->out.columns * v->batch;
    for (size_t y = 0; y < v->out.rows; y++)
        for (size_t x = 0; x < v->out.columns; x += pixels)
            correlate_run(channels, taps, pixels * v->batch, plane, v->batch,
                          error + (y * v->out.columns + x) * v->batch,
                          in + (y * v->in.columns + x) * v->stride * v->batch, into);
}

/* Fixed numbers of channels and taps let the compiler keep the sums in registers. */
#define WITH_TAPS(channels)                                                                                  \
    switch (taps) {                                                                                          \
    case 1:                                                                                                  \
        correlate_pixels(v, channels, 1, error, in, into);                                                   \
        break;                                                                                               \
    case 2:                                                                                                  \
        correlate_pixels(v, channels, 2, error, in, into);                                                   \
        break;                                                                                               \
    default:                                                                                                 \
        correlate_pixels(v, channels, 3, error, in, into);                                                   \
        break;                                                                                               \
    }                                                                                                        \
    break

static void correlate_group(const vic_convolution *v, size_t channels, size_t taps, const vic_real *error,
                            const vic_real *in, tile *into) {
    switch (channels) {
    case 1:
        WITH_TAPS(1);
    case 2:
        WITH_TAPS(2);
    case 3:
        WITH_TAPS(3);
    case 4:
        WITH_TAPS(4);
    case 5:
        WITH_TAPS(5);
    default:
        WITH_TAPS(6);
    }
}

static vic_real total(vic_vector lanes) {
    vic_real sum = 0;
    for (size_t lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* The weights of `channels` outputs, one input channel and one kernel row; neighbouring outputs lie `stride`
 * weights apart. */
static void correlate_row(const vic_convolution *v, size_t channels, size_t stride, const vic_real *error,
                          const vic_real *in, bool add, vic_real *weight) {
    for (size_t j = 0, taps; j < v->kernel; j += taps) {
        tile t = {0};
        taps = v->kernel - j < TAPS ? v->kernel - j : TAPS;
        correlate_group(v, channels, taps, error, in + j * v->batch, &t);
        for (size_t o = 0; o < channels; o++)
            for (size_t tap = 0; tap < taps; tap++) {
                vic_real *w = weight + o * stride + j + tap;
                *w = (add ? *w : 0) + total(t.sum[o][tap]);
            }
    }
}

/* All weights between `channels` outputs from o on and input channel c. */
static void correlate_channel(const vic_convolution *v, size_t o, size_t channels, size_t c,
                              const vic_real *error, const vic_real *in, bool add, vic_real *weight) {
    size_t square = v->kernel * v->kernel, taps = v->in.channels * square;
    size_t plane = v->out.rows * v->out.columns * v->batch, line = v->in.columns * v->batch;
    for (size_t i = 0; i < v->kernel; i++)
        correlate_row(v, channels, taps, error + o * plane, in + (c * v->in.rows + i) * line, add,
                      weight + o * taps + c * square + i * v->kernel);
}

/* A correlation in pieces that threads share: a group of output channels and some input channels. */
typedef struct pieces {
    const vic_convolution *v;
    const vic_real *error, *in;
    bool add;
    vic_real *weight;
    size_t groups;   /* of output channels */
    size_t channels; /* input channels of a piece */
} pieces;

static void correlate_piece(void *context, size_t i) {
    const pieces *p = context;
    size_t ins = p->v->in.channels, outs = p->v->out.channels;
    size_t group = i % p->groups, o = group * outs / p->groups, n = (group + 1) * outs / p->groups - o;
    size_t first = i / p->groups * p->channels, end = first + p->channels < ins ? first + p->channels : ins;
    for (size_t c = first; c < end; c++)
        correlate_channel(p->v, o, n, c, p->error, p->in, p->add, p->weight);
}

void VIC_NAME(vic_correlate)(const vic_convolution *v, const vic_real *error, const vic_real *in, bool add,
                             vic_real *weight) {
    size_t products = v->kernel * v->kernel * CHANNELS * v->out.rows * v->out.columns * v->batch;
    size_t channels = vic_convolution_piece(v->in.channels, products);
    size_t groups = (v->out.channels + CHANNELS - 1) / CHANNELS;
    pieces p = {v, error, in, add, weight, groups, channels};
    vic_pool_run(groups * ((v->in.channels + channels - 1) / channels), correlate_piece, &p);
}
