/* Samples lie innermost, so at stride 1 a row of an output plane is one run of columns x batch numbers, each
 * the sum of runs of the input that are shifted by whole samples. The loops keep a tile of several vectors of
 * several output channels in registers and add tap after tap to it. */
#include "convolution.h"
#include "vector.h"

#include "base/pool.h"

#include <string.h>

/* The sums of a tile, the vectors of input that they share and a weight fit the registers: of 16, for 4
 * channels of 3 vectors, or 6 of 2. */
enum { MANY = VIC_VECTOR_REGISTERS >= 32, CHANNELS = 6, VECTORS = MANY ? 4 : 3, LANES = VIC_VECTOR_LANES };

/* The longest run across rows. */
enum { RUN = 4 * LANES };

/* Products that are added one after the other: of more, the sums of blocks are added, or the rounding errors
 * of thousands would add up, too. */
enum { BLOCK = 512 };

/* Input channels of a block: whole ones, at least one. */
static size_t block_channels(const vic_convolution *v) {
    size_t square = v->kernel * v->kernel, most = square < BLOCK ? BLOCK / square : 1;
    return most < v->in.channels ? most : v->in.channels;
}

/* Numbers of a row, or of what several rows read, and the first number that the first tap reads for them. */
typedef struct segment {
    size_t n;
    const vic_real *from;
    vic_real *to;
} segment;

VIC_INLINE segment rest_from(segment s, size_t at) {
    return (segment){s.n - at, s.from + at, s.to + at};
}

static size_t vectors_of(size_t n) {
    return (n + LANES - 1) / LANES;
}

/* Some output channels: `weight` and `bias` (NULL for none) of the first; the outputs of neighbouring ones
 * lie `plane` apart. */
typedef struct filters {
    const vic_real *weight, *bias;
    size_t plane;
    size_t block; /* input channels of a block of the sum */
} filters;

/* The vectors of a tile lie side by side, the last one at `last`. */
VIC_INLINE size_t vector_at(size_t k, size_t vectors, size_t last) {
    return k + 1 < vectors ? k * LANES : last;
}

/* sum += the products of one block, of `ins` input channels. */
VIC_INLINE void add_block(const vic_convolution *v, size_t channels, size_t vectors, size_t last, size_t ins,
                          const vic_real *w, const vic_real *from, vic_vector sum[][VECTORS]) {
    size_t taps = v->in.channels * v->kernel * v->kernel;
    for (size_t c = 0; c < ins; c++)
        for (size_t i = 0; i < v->kernel; i++) {
            const vic_real *x = from + (c * v->in.rows + i) * v->in.columns * v->batch;
            for (size_t j = 0; j < v->kernel; j++, w++, x += v->batch)
                for (size_t o = 0; o < channels; o++)
                    for (size_t k = 0; k < vectors; k++)
                        sum[o][k] += w[o * taps] * vic_vector_load(x + vector_at(k, vectors, last));
        }
}

/* Adds the blocks after the first one to the outputs of a tile. All of a block are loaded before one is
 * stored, since the last two vectors may overlap. */
VIC_INLINE void add_blocks(const vic_convolution *v, size_t channels, size_t vectors, filters f, segment s,
                           size_t last) {
    size_t square = v->kernel * v->kernel;
    for (size_t c = f.block; c < v->in.channels; c += f.block) {
        vic_vector sum[CHANNELS][VECTORS] = {0};
        size_t ins = v->in.channels - c < f.block ? v->in.channels - c : f.block;
        add_block(v, channels, vectors, last, ins, f.weight + c * square,
                  s.from + c * v->in.rows * v->in.columns * v->batch, sum);
        for (size_t o = 0; o < channels; o++)
            for (size_t k = 0; k < vectors; k++)
                sum[o][k] += vic_vector_load(s.to + o * f.plane + vector_at(k, vectors, last));
        for (size_t o = 0; o < channels; o++)
            for (size_t k = 0; k < vectors; k++)
                vic_vector_store(sum[o][k], s.to + o * f.plane + vector_at(k, vectors, last));
    }
}

VIC_INLINE void run_tile(const vic_convolution *v, size_t channels, size_t vectors, filters f, segment s,
                         size_t last) {
    vic_vector sum[CHANNELS][VECTORS], none = {0};
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < vectors; k++)
            sum[o][k] = none + (f.bias ? f.bias[o] : 0);
    add_block(v, channels, vectors, last, f.block, f.weight, s.from, sum);
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < vectors; k++)
            vic_vector_store(sum[o][k], s.to + o * f.plane + vector_at(k, vectors, last));
    if (f.block < v->in.channels)
        add_blocks(v, channels, vectors, f, s, last);
}

/* One number of a segment that is shorter than a vector. */
static vic_real single(const vic_convolution *v, size_t block, const vic_real *w, vic_real bias,
                       const vic_real *from) {
    vic_real total = 0;
    for (size_t c = 0; c < v->in.channels; c += block) {
        vic_real sum = c == 0 ? bias : 0;
        for (size_t k = c; k < c + block && k < v->in.channels; k++)
            for (size_t i = 0; i < v->kernel; i++) {
                const vic_real *x = from + (k * v->in.rows + i) * v->in.columns * v->batch;
                for (size_t j = 0; j < v->kernel; j++)
                    sum += *w++ * x[j * v->batch];
            }
        total = c == 0 ? sum : total + sum;
    }
    return total;
}

static void run_singly(const vic_convolution *v, size_t channels, filters f, segment s) {
    size_t taps = v->in.channels * v->kernel * v->kernel;
    for (size_t o = 0; o < channels; o++)
        for (size_t k = 0; k < s.n; k++)
            s.to[o * f.plane + k] =
                single(v, f.block, f.weight + o * taps, f.bias ? f.bias[o] : 0, s.from + k);
}

/* The first of the last tiles of a segment, of `left` vectors. The last vector of all is moved back to be
 * full: it computes some numbers twice, to the same bits. Returns the numbers that it is of. */
VIC_INLINE size_t run_one_of_last(const vic_convolution *v, size_t channels, size_t most, filters f,
                                  segment s) {
    size_t left = vectors_of(s.n), vectors = left <= most ? left : (left + 1) / 2, n = vectors * LANES;
    size_t over = n > s.n ? n - s.n : 0, last = n - over - LANES; /* of one vector, not looked at */
    switch (vectors) {
    case 1:
        run_tile(v, channels, 1, f, (segment){LANES, s.from - over, s.to - over}, 0);
        break;
    case 2:
        run_tile(v, channels, 2, f, s, last);
        break;
    case 3:
        run_tile(v, channels, most < 3 ? most : 3, f, s, last);
        break;
    default:
        run_tile(v, channels, most, f, s, last);
        break;
    }
    return n;
}

/* A whole segment of at least a vector: full tiles, and at its end two of nearly equal size. Fixed numbers of
 * channels and vectors let the compiler keep the sums in registers. */
VIC_INLINE void run_along(const vic_convolution *v, size_t channels, filters f, segment s) {
    const size_t most = MANY || channels <= 4 ? VECTORS : 2;
    size_t at = 0;
    for (; s.n - at > 2 * most * LANES; at += most * LANES)
        run_tile(v, channels, most, f, rest_from(s, at), (most - 1) * LANES);
    while (at < s.n)
        at += run_one_of_last(v, channels, most, f, rest_from(s, at));
}

static void run_channels(const vic_convolution *v, size_t channels, filters f, segment s) {
    if (s.n < LANES) {
        run_singly(v, channels, f, s);
        return;
    }
    switch (channels) {
    case 1:
        run_along(v, 1, f, s);
        break;
    case 2:
        run_along(v, 2, f, s);
        break;
    case 3:
        run_along(v, 3, f, s);
        break;
    case 4:
        run_along(v, 4, f, s);
        break;
    case 5:
        run_along(v, 5, f, s);
        break;
    default:
        run_along(v, 6, f, s);
        break;
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

/* ---- pieces that threads share ---- */

typedef struct pieces pieces;

/* Computes line number y for `channels` output channels from o on. A line is a row, or a run across rows. */
typedef void compute_line(const pieces *p, size_t o, size_t channels, size_t y);

/* A convolution in pieces: some lines for all groups of output channels, or some groups for all lines. */
struct pieces {
    const vic_convolution *v;
    const vic_real *weight, *bias, *in;
    vic_real *out;
    compute_line *compute;
    size_t block; /* of filters */
    size_t lines, groups;
    bool by_groups;
    size_t size; /* lines or groups of a piece */
};

static filters filters_from(const pieces *p, size_t o, size_t plane) {
    size_t taps = p->v->in.channels * p->v->kernel * p->v->kernel;
    return (filters){p->weight + o * taps, p->bias ? p->bias + o : NULL, plane, p->block};
}

/* At stride 1 a segment is a whole row; otherwise neighbouring outputs do not read neighbouring inputs, and
 * it is one pixel. */
static void compute_row(const pieces *p, size_t o, size_t channels, size_t y) {
    const vic_convolution *v = p->v;
    size_t pixels = v->stride == 1 ? v->out.columns : 1, plane = v->out.rows * v->out.columns * v->batch;
    for (size_t x = 0; x < v->out.columns; x += pixels) {
        segment s = {
            .n = pixels * v->batch,
            .from = p->in + (y * v->in.columns + x) * v->stride * v->batch,
            .to = p->out + o * plane + (y * v->out.columns + x) * v->batch,
        };
        run_channels(v, channels, filters_from(p, o, plane), s);
    }
}

/* Numbers of the input's plane from the first that the first tap reads to the last. */
static size_t numbers_across(const vic_convolution *v) {
    return ((v->out.rows - 1) * v->in.columns + v->out.columns) * v->batch;
}

/* A run goes on to what the next rows read. The last one is moved back to be as long as the others. */
static void compute_run(const pieces *p, size_t o, size_t channels, size_t y) {
    const vic_convolution *v = p->v;
    vic_real run[CHANNELS * RUN];
    size_t all = numbers_across(v), length = all < RUN ? all : RUN, first = y * length;
    size_t at = first + length <= all ? first : all - length, plane = v->out.rows * v->out.columns * v->batch;
    segment s = {length, p->in + at, run};
    run_channels(v, channels, filters_from(p, o, length), s);
    for (size_t c = 0; c < channels; c++)
        keep_outputs(v, first, at + length - first, run + c * length + first - at, p->out + (o + c) * plane);
}

static void compute_group(const pieces *p, size_t line, size_t group) {
    size_t outs = p->v->out.channels, o = group * outs / p->groups;
    p->compute(p, o, (group + 1) * outs / p->groups - o, line);
}

static void compute_piece(void *context, size_t i) {
    const pieces *p = context;
    size_t most = p->by_groups ? p->groups : p->lines, others = p->by_groups ? p->lines : p->groups;
    size_t end = (i + 1) * p->size < most ? (i + 1) * p->size : most;
    for (size_t k = i * p->size; k < end; k++)
        for (size_t other = 0; other < others; other++)
            compute_group(p, p->by_groups ? other : k, p->by_groups ? k : other);
}

/* Short rows may fill no vector, or leave much of the last one empty. */
static bool goes_across_rows(const vic_convolution *v) {
    size_t row = v->out.columns * v->batch;
    return v->stride == 1 && row < VECTORS * LANES &&
           (row < LANES || vectors_of(numbers_across(v)) < v->out.rows * vectors_of(row));
}

/* Lines that tiles of two vectors make up are taken for more output channels at a time. */
static size_t most_channels(size_t line) {
    size_t vectors = vectors_of(line);
    return MANY || vectors <= 2 || vectors == 4 ? CHANNELS : 4;
}

/* What is larger, weights or input, is gone through once, and the smaller one stays in the cache. */
static void run_pieces(pieces *p, size_t line) {
    const vic_convolution *v = p->v;
    size_t taps = v->in.channels * v->kernel * v->kernel;
    p->groups = (v->out.channels + most_channels(line) - 1) / most_channels(line);
    p->by_groups = v->out.channels * taps > v->in.channels * v->in.rows * v->in.columns * v->batch;
    size_t count = p->by_groups ? p->groups : p->lines;
    p->size = vic_convolution_piece(count, taps * v->out.channels * p->lines * line / count);
    vic_pool_run((count + p->size - 1) / p->size, compute_piece, p);
}

void VIC_NAME(vic_convolve)(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                            const vic_real *in, vic_real *out) {
    bool across = goes_across_rows(v);
    pieces p = {.v = v, .weight = weight, .bias = bias, .in = in, .out = out};
    p.block = block_channels(v);
    p.compute = across ? compute_run : compute_row;
    p.lines = across ? (numbers_across(v) + RUN - 1) / RUN : v->out.rows;
    run_pieces(&p, across ? RUN : v->out.columns * v->batch);
}
