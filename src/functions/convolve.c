/* Samples lie innermost, so at stride 1 a row of an output plane is one run of columns x batch numbers, each
 * the sum of runs of the input that are shifted by whole samples. The loops keep a tile of several vectors of
 * several output channels in registers and add tap after tap to it. */
#include "convolution.h"
#include "vector.h"

#include "base/pool.h"

#include <string.h>

/* The sums of a tile, the vectors of input that they share and a weight fit the registers. */
enum {
    MANY = VIC_VECTOR_REGISTERS >= 32,
    CHANNELS = MANY ? 6 : 4,
    VECTORS = MANY ? 4 : 3,
    MOST_CHANNELS = 6
};
enum { LANES = VIC_VECTOR_LANES, RUN = VECTORS * LANES };

/* A tile of `channels` output channels from output channel o on. `from` is the first number that the first
 * tap reads; outputs of neighbouring channels lie `plane` apart. */
VIC_INLINE void add_taps(const vic_convolution *v, size_t channels, size_t vectors, const vic_real *weight,
                         const vic_real *bias, const vic_real *from, size_t plane, vic_real *to) {
    vic_vector sum[MOST_CHANNELS][VECTORS], none = {0};
    size_t taps = v->in.channels * v->kernel * v->kernel;
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < vectors; k++)
            sum[o][k] = none + (bias ? bias[o] : 0);
    const vic_real *w = weight;
    for (size_t c = 0; c < v->in.channels; c++)
        for (size_t i = 0; i < v->kernel; i++) {
            const vic_real *x = from + (c * v->in.rows + i) * v->in.columns * v->batch;
            for (size_t j = 0; j < v->kernel; j++, w++, x += v->batch)
                for (size_t o = 0; o < channels; o++)
                    for (size_t k = 0; k < vectors; k++)
                        sum[o][k] += w[o * taps] * vic_vector_load(x + k * LANES);
        }
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < vectors; k++)
            vic_vector_store(sum[o][k], to + o * plane + k * LANES);
}

/* The same for fewer numbers than a vector has. */
static void add_taps_singly(const vic_convolution *v, size_t channels, size_t n, const vic_real *weight,
                            const vic_real *bias, const vic_real *from, size_t plane, vic_real *to) {
    size_t taps = v->in.channels * v->kernel * v->kernel;
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < n; k++) {
            vic_real sum = bias ? bias[o] : 0;
            const vic_real *w = weight + o * taps;
            for (size_t c = 0; c < v->in.channels; c++)
                for (size_t i = 0; i < v->kernel; i++) {
                    const vic_real *x = from + (c * v->in.rows + i) * v->in.columns * v->batch + k;
                    for (size_t j = 0; j < v->kernel; j++)
                        sum += *w++ * x[j * v->batch];
                }
            to[o * plane + k] = sum;
        }
}

typedef struct segment {
    size_t n;
    const vic_real *from;
    vic_real *to;
} segment;

/* A whole segment of a row for a fixed number of channels, which lets the compiler keep `sum` in registers.
 * The last tile of a segment is moved back to be full: it computes some numbers twice, to the same bits. */
VIC_INLINE void run_along(const vic_convolution *v, size_t channels, const vic_real *weight,
                          const vic_real *bias, size_t plane, segment s) {
    if (s.n < LANES) {
        add_taps_singly(v, channels, s.n, weight, bias, s.from, plane, s.to);
        return;
    }
    size_t run = s.n < RUN ? LANES : RUN;
    for (size_t k = 0; k < s.n; k += run) {
        size_t at = k + run <= s.n ? k : s.n - run;
        if (run == RUN)
            add_taps(v, channels, VECTORS, weight, bias, s.from + at, plane, s.to + at);
        else
            add_taps(v, channels, 1, weight, bias, s.from + at, plane, s.to + at);
    }
}

static void run_channels(const vic_convolution *v, size_t channels, const vic_real *weight,
                         const vic_real *bias, size_t plane, segment s) {
    switch (channels) {
    case 1:
        run_along(v, 1, weight, bias, plane, s);
        break;
    case 2:
        run_along(v, 2, weight, bias, plane, s);
        break;
    case 3:
        run_along(v, 3, weight, bias, plane, s);
        break;
    case 4:
        run_along(v, 4, weight, bias, plane, s);
        break;
    case 5:
        run_along(v, 5, weight, bias, plane, s);
        break;
    default:
        run_along(v, 6, weight, bias, plane, s);
        break;
    }
}

static void convolve_segment(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                             segment s) {
    size_t taps = v->in.channels * v->kernel * v->kernel, plane = v->out.rows * v->out.columns * v->batch;
    for (size_t o = 0, n; o < v->out.channels; o += n) {
        n = vic_convolution_group(v->out.channels - o, CHANNELS);
        segment part = {s.n, s.from, s.to + o * plane};
        run_channels(v, n, weight + o * taps, bias ? bias + o : NULL, plane, part);
    }
}

/* to = the outputs among the n numbers of a run that begins with number `at` of the input's plane; between
 * the ends of rows lie numbers that are none. */
static void keep_outputs(const vic_convolution *v, size_t at, size_t n, const vic_real *run, vic_real *to) {
    size_t line = v->in.columns * v->batch, row = v->out.columns * v->batch;
    for (size_t k = 0, next; k < n; k = next) {
        size_t y = (at + k) / line, x = (at + k) % line, left = n - k;
        next = k + (line - x < left ? line - x : left);
        if (x < row)
            memcpy(to + y * row + x, run + k, (row - x < left ? row - x : left) * sizeof *to);
    }
}

/* Where rows are shorter than a run, it goes on to what the next rows read. */
static void convolve_across_rows(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                                 const vic_real *in, vic_real *out) {
    size_t taps = v->in.channels * v->kernel * v->kernel, row = v->out.columns * v->batch;
    size_t all = (v->out.rows - 1) * v->in.columns * v->batch + row, plane = v->out.rows * row;
    size_t length = all < RUN ? all : RUN;
    for (size_t o = 0, n; o < v->out.channels; o += n) {
        n = vic_convolution_group(v->out.channels - o, CHANNELS);
        for (size_t k = 0; k < all; k += length) {
            vic_real run[CHANNELS * RUN];
            size_t at = k + length <= all ? k : all - length;
            segment s = {length, in + at, run};
            run_channels(v, n, weight + o * taps, bias ? bias + o : NULL, length, s);
            for (size_t c = 0; c < n; c++)
                keep_outputs(v, at, length, run + c * length, out + (o + c) * plane);
        }
    }
}

/* ---- pieces that threads share ---- */

/* A convolution in pieces. */
typedef struct pieces {
    const vic_convolution *v;
    const vic_real *weight, *bias, *in;
    vic_real *out;
    size_t rows; /* of a piece */
} pieces;

/* At stride 1 a segment is a whole row; otherwise neighbouring outputs do not read neighbouring inputs, and
 * it is one pixel. */
static void rows_piece(void *context, size_t i) {
    const pieces *p = context;
    const vic_convolution *v = p->v;
    size_t pixels = v->stride == 1 ? v->out.columns : 1, end = (i + 1) * p->rows;
    for (size_t y = i * p->rows; y < end && y < v->out.rows; y++)
        for (size_t x = 0; x < v->out.columns; x += pixels) {
            segment s = {
                .n = pixels * v->batch,
                .from = p->in + (y * v->in.columns + x) * v->stride * v->batch,
                .to = p->out + (y * v->out.columns + x) * v->batch,
            };
            convolve_segment(v, p->weight, p->bias, s);
        }
}

void VIC_NAME(vic_convolve)(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                            const vic_real *in, vic_real *out) {
    if (v->stride == 1 && v->out.columns * v->batch < RUN) {
        convolve_across_rows(v, weight, bias, in, out);
        return;
    }
    size_t taps = v->in.channels * v->kernel * v->kernel;
    size_t rows = vic_convolution_piece(v->out.rows, taps * v->out.channels * v->out.columns * v->batch);
    pieces p = {v, weight, bias, in, out, rows};
    vic_pool_run((v->out.rows + p.rows - 1) / p.rows, rows_piece, &p);
}
