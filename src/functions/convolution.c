/* Samples lie innermost, so at stride 1 a row of an output plane is one run of columns x batch numbers, each
 * the sum of runs of the input that are shifted by whole samples. The loops keep a short run of several
 * output channels in registers and add tap after tap to them. */
#include "convolution.h"

#include <string.h>

/* ---- out = sum over taps of weight * in ---- */

enum { CHANNELS = 6, RUN = 64, SHORT = 16 };

/* A run of `n` numbers of `channels` output channels, from output channel o on. `from` is the first number
 * that the first tap reads; outputs of neighbouring channels lie `plane` apart. */
VIC_INLINE void add_taps(const vic_convolution *v, size_t channels, size_t n, const vic_real *weight,
                         const vic_real *bias, const vic_real *from, size_t plane, vic_real *to) {
    vic_real sum[CHANNELS][RUN];
    size_t taps = v->in.channels * v->kernel * v->kernel;
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < n; k++)
            sum[o][k] = bias ? bias[o] : 0;
    const vic_real *w = weight;
    for (size_t c = 0; c < v->in.channels; c++)
        for (size_t i = 0; i < v->kernel; i++) {
            const vic_real *row = from + (c * v->in.rows + i) * v->in.columns * v->batch;
            for (size_t j = 0; j < v->kernel; j++, w++)
                for (size_t o = 0; o < channels; o++)
                    for (size_t k = 0; k < n; k++)
                        sum[o][k] = VIC_FMA(w[o * taps], row[j * v->batch + k], sum[o][k]);
        }
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < n; k++)
            to[o * plane + k] = sum[o][k];
}

typedef struct segment {
    size_t n;
    const vic_real *from;
    vic_real *to;
} segment;

/* A whole segment of a row for a fixed number of channels, which lets the compiler keep `sum` in registers.
 * The last run of a segment is moved back to be full: it computes some numbers twice, to the same bits. */
VIC_INLINE void run_along(const vic_convolution *v, size_t channels, const vic_real *weight,
                          const vic_real *bias, size_t plane, segment s) {
    if (s.n < SHORT) {
        add_taps(v, channels, s.n, weight, bias, s.from, plane, s.to);
        return;
    }
    size_t run = s.n < RUN ? SHORT : RUN;
    for (size_t k = 0; k < s.n; k += run) {
        size_t at = k + run <= s.n ? k : s.n - run;
        if (run == RUN)
            add_taps(v, channels, RUN, weight, bias, s.from + at, plane, s.to + at);
        else
            add_taps(v, channels, SHORT, weight, bias, s.from + at, plane, s.to + at);
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

/* Channels in groups of nearly equal size, at most CHANNELS each. */
static size_t group_size(size_t left) {
    size_t groups = (left + CHANNELS - 1) / CHANNELS;
    return (left + groups - 1) / groups;
}

static void convolve_segment(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                             segment s) {
    size_t taps = v->in.channels * v->kernel * v->kernel, plane = v->out.rows * v->out.columns * v->batch;
    for (size_t o = 0, n; o < v->out.channels; o += n) {
        n = group_size(v->out.channels - o);
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
        n = group_size(v->out.channels - o);
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

/* At stride 1 a segment is a whole row; otherwise neighbouring outputs do not read neighbouring inputs, and
 * it is one pixel. */
void VIC_NAME(vic_convolve)(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                            const vic_real *in, vic_real *out) {
    size_t pixels = v->stride == 1 ? v->out.columns : 1;
    if (v->stride == 1 && pixels * v->batch < RUN) {
        convolve_across_rows(v, weight, bias, in, out);
        return;
    }
    for (size_t y = 0; y < v->out.rows; y++)
        for (size_t x = 0; x < v->out.columns; x += pixels) {
            segment s = {
                .n = pixels * v->batch,
                .from = in + (y * v->in.columns + x) * v->stride * v->batch,
                .to = out + (y * v->out.columns + x) * v->batch,
            };
            convolve_segment(v, weight, bias, s);
        }
}

/* ---- weight = sum over pixels and samples of error * in ---- */

enum { TAPS = 3, LANES = 16 };

/* sum[o][j] += error of channel o . in shifted by j samples, over n numbers, in LANES partial sums. */
VIC_INLINE void correlate_run(size_t channels, size_t taps, size_t n, size_t plane, size_t batch,
                              const vic_real *error, const vic_real *in,
                              vic_real sum[CHANNELS][TAPS][LANES]) {
    vic_real part[CHANNELS][TAPS][LANES];
    size_t k = 0;
    for (size_t o = 0; o < channels; o++)
        for (size_t j = 0; j < taps; j++)
            for (size_t lane = 0; lane < LANES; lane++)
                part[o][j][lane] = 0;
    for (; k + LANES <= n; k += LANES)
        for (size_t o = 0; o < channels; o++)
            for (size_t j = 0; j < taps; j++)
                for (size_t lane = 0; lane < LANES; lane++)
                    part[o][j][lane] =
                        VIC_FMA(error[o * plane + k + lane], in[j * batch + k + lane], part[o][j][lane]);
    for (size_t o = 0; o < channels; o++)
        for (size_t j = 0; j < taps; j++)
            for (size_t lane = 0; lane < LANES; lane++)
                sum[o][j][lane] += part[o][j][lane];
    for (size_t lane = 0; k < n; k++, lane++)
        for (size_t o = 0; o < channels; o++)
            for (size_t j = 0; j < taps; j++)
                sum[o][j][lane] = VIC_FMA(error[o * plane + k], in[j * batch + k], sum[o][j][lane]);
}

/* All segments of the pixels: error and in at the first tap of row i, column j of the kernel. */
VIC_INLINE void correlate_pixels(const vic_convolution *v, size_t channels, size_t taps,
                                 const vic_real *error, const vic_real *in,
                                 vic_real sum[CHANNELS][TAPS][LANES]) {
    size_t pixels = v->stride == 1 ? v->out.columns : 1, plane = v->out.rows * v->out.columns * v->batch;
    for (size_t y = 0; y < v->out.rows; y++)
        for (size_t x = 0; x < v->out.columns; x += pixels)
            correlate_run(channels, taps, pixels * v->batch, plane, v->batch,
                          error + (y * v->out.columns + x) * v->batch,
                          in + (y * v->in.columns + x) * v->stride * v->batch, sum);
}

/* Fixed numbers of channels and taps let the compiler keep the sums in registers. */
#define WITH_TAPS(channels)                                                                                  \
    switch (taps) {                                                                                          \
    case 1:                                                                                                  \
        correlate_pixels(v, channels, 1, error, in, sum);                                                    \
        break;                                                                                               \
    case 2:                                                                                                  \
        correlate_pixels(v, channels, 2, error, in, sum);                                                    \
        break;                                                                                               \
    default:                                                                                                 \
        correlate_pixels(v, channels, 3, error, in, sum);                                                    \
        break;                                                                                               \
    }                                                                                                        \
    break

static void correlate_group(const vic_convolution *v, size_t channels, size_t taps, const vic_real *error,
                            const vic_real *in, vic_real sum[CHANNELS][TAPS][LANES]) {
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

static vic_real total(const vic_real lanes[LANES]) {
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
        vic_real sum[CHANNELS][TAPS][LANES] = {0};
        taps = v->kernel - j < TAPS ? v->kernel - j : TAPS;
        correlate_group(v, channels, taps, error, in + j * v->batch, sum);
        for (size_t o = 0; o < channels; o++)
            for (size_t t = 0; t < taps; t++) {
                vic_real *w = weight + o * stride + j + t;
                *w = (add ? *w : 0) + total(sum[o][t]);
            }
    }
}

void VIC_NAME(vic_correlate)(const vic_convolution *v, const vic_real *error, const vic_real *in, bool add,
                             vic_real *weight) {
    size_t square = v->kernel * v->kernel, taps = v->in.channels * square;
    size_t plane = v->out.rows * v->out.columns * v->batch, line = v->in.columns * v->batch;
    for (size_t o = 0, n; o < v->out.channels; o += n) {
        n = group_size(v->out.channels - o);
        for (size_t c = 0; c < v->in.channels; c++)
            for (size_t i = 0; i < v->kernel; i++)
                correlate_row(v, n, taps, error + o * plane, in + (c * v->in.rows + i) * line, add,
                              weight + o * taps + c * square + i * v->kernel);
    }
}
