/* Outputs are taken in tiles of 2 x 2. With w a kernel, d the 4 x 4 inputs of a tile, and * the elementwise
 * product: out = A^T [sum over channels of (G w G^T) * (B^T d B)] A, so for each of the 16 places of a
 * transformed tile the sum over channels is a matrix product of transformed weights with transformed inputs,
 * whose columns are the samples of some tiles. The gradient of the weights is the adjoint, G^T [sum over
 * tiles and samples of (A e A^T) * (B^T d B)] G. */
#include "winograd.h"

#include "vector.h"

#include "base/pool.h"

#include <cblas.h>
#include <string.h>

enum { TILE = 4, PLACES = TILE * TILE, STEP = 2, KERNEL = 3, LANES = VIC_VECTOR_LANES };

/* Columns of a product: enough for a fast one, few enough for the transformed numbers to stay in the cache.
 */
enum { COLUMNS = 256 };

/* Below this many channels the transforms cost more than they save, and fewer samples than a vector has do
 * not fill their loops. */
enum { FEWEST_CHANNELS = 16, FEWEST_SAMPLES = LANES };

/* Some tiles of one row of tiles, beginning with tile (y, x); `n` columns: their samples. */
typedef struct strip {
    size_t y, x, tiles, n;
} strip;

static size_t tiles_along(size_t length) {
    return (length + STEP - 1) / STEP;
}

static size_t tiles_in_strip(const vic_convolution *v) {
    size_t most = tiles_along(v->out.columns), tiles = COLUMNS / v->batch;
    return tiles == 0 ? 1 : tiles < most ? tiles : most;
}

/* Of a strip of at most v->batch samples: fewer samples may have more columns, but not more than these. */
static size_t most_columns(const vic_convolution *v) {
    size_t all = vic_size_product(tiles_along(v->out.columns), v->batch);
    size_t most = v->batch > COLUMNS ? v->batch : COLUMNS;
    return all < most ? all : most;
}

static bool next_strip(const vic_convolution *v, strip *s) {
    size_t across = tiles_along(v->out.columns), most = tiles_in_strip(v);
    s->x += s->tiles;
    if (s->tiles && s->x == across) {
        s->x = 0;
        s->y++;
    }
    s->tiles = across - s->x < most ? across - s->x : most;
    s->n = s->tiles * v->batch;
    return s->y < tiles_along(v->out.rows);
}

bool VIC_NAME(vic_winograd_suits)(const vic_convolution *v) {
    return v->kernel == KERNEL && v->stride == 1 && v->in.channels >= FEWEST_CHANNELS &&
           v->out.channels >= FEWEST_CHANNELS && v->batch >= FEWEST_SAMPLES;
}

size_t VIC_NAME(vic_winograd_scratch)(const vic_convolution *v) {
    size_t weights = vic_size_product(v->in.channels, v->out.channels);
    size_t columns = vic_size_product(vic_size_sum(v->in.channels, v->out.channels), most_columns(v));
    return vic_size_product(PLACES, vic_size_sum(weights, columns));
}

/* ---- the transforms of one tile ---- */

/* B^T d of four numbers that lie `apart`, in place; B^T d B is that of columns, then of rows. */
VIC_INLINE void transform_input(vic_vector *d, size_t apart) {
    vic_vector first = d[0] - d[2 * apart], last = d[apart] - d[3 * apart];
    vic_vector sum = d[apart] + d[2 * apart], difference = d[2 * apart] - d[apart];
    d[0] = first, d[apart] = sum, d[2 * apart] = difference, d[3 * apart] = last;
}

/* A^T m of four numbers, into the first two. */
VIC_INLINE void transform_output(vic_vector *m, size_t apart) {
    vic_vector first = m[0] + m[apart] + m[2 * apart], second = m[apart] - m[2 * apart] - m[3 * apart];
    m[0] = first, m[apart] = second;
}

/* A e of two numbers, into four. */
VIC_INLINE void transform_error(vic_vector *e, size_t apart) {
    vic_vector first = e[0], second = e[apart];
    e[apart] = first + second, e[2 * apart] = first - second, e[3 * apart] = -second;
}

/* G w of three numbers, into four. */
VIC_INLINE void transform_weight(vic_real *w, size_t apart) {
    vic_real ends = w[0] + w[2 * apart], middle = w[apart];
    w[3 * apart] = w[2 * apart];
    w[apart] = (ends + middle) / 2, w[2 * apart] = (ends - middle) / 2;
}

/* G^T u of four numbers, into three. */
VIC_INLINE void transform_gradient(vic_real *u, size_t apart) {
    vic_real sum = (u[apart] + u[2 * apart]) / 2, difference = (u[apart] - u[2 * apart]) / 2;
    u[0] += sum, u[apart] = difference, u[2 * apart] = sum + u[3 * apart];
}

/* ---- tiles in arrays ---- */

/* How many of `side` rows or columns from tile number t on lie within `length`. */
static size_t within(size_t t, size_t side, size_t length) {
    size_t left = length - t * STEP;
    return left < side ? left : side;
}

/* A tile in an array of planes (row, column, batch): how many of its rows and columns are there. */
typedef struct tile_place {
    size_t rows, columns, line, batch;
} tile_place;

static tile_place place_of(vic_planes planes, size_t batch, const strip *s, size_t tile, size_t side) {
    return (tile_place){within(s->y, side, planes.rows), within(s->x + tile, side, planes.columns),
                        planes.columns * batch, batch};
}

/* The first number of a tile in a plane. */
static size_t start_of(vic_planes planes, size_t batch, size_t channel, const strip *s, size_t tile) {
    return ((channel * planes.rows + s->y * STEP) * planes.columns + (s->x + tile) * STEP) * batch;
}

/* What is not there counts as 0. */
VIC_INLINE void load_tile(tile_place at, size_t side, size_t lanes, const vic_real *from,
                          vic_vector tile[PLACES]) {
    const vic_vector none = {0};
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++)
            tile[y * TILE + x] = y < at.rows && x < at.columns
                                     ? vic_vector_load_some(from + y * at.line + x * at.batch, lanes)
                                     : none;
}

typedef void transform(vic_vector *numbers, size_t apart);

/* A tile of `side` rows and columns, transformed, into its places. */
VIC_INLINE void transform_lanes(tile_place at, size_t side, transform *one, size_t lanes,
                                const vic_real *from, size_t apart, vic_real *to) {
    vic_vector tile[PLACES];
    load_tile(at, side, lanes, from, tile);
    for (size_t k = 0; k < side; k++)
        one(tile + k, TILE);
    for (size_t k = 0; k < TILE; k++)
        one(tile + k * TILE, 1);
    for (size_t p = 0; p < PLACES; p++)
        vic_vector_store_some(tile[p], to + p * apart, lanes);
}

VIC_INLINE void output_lanes(tile_place at, size_t lanes, const vic_real *from, size_t apart, vic_real bias,
                             vic_real *to) {
    vic_vector tile[PLACES];
    for (size_t p = 0; p < PLACES; p++)
        tile[p] = vic_vector_load_some(from + p * apart, lanes);
    for (size_t k = 0; k < TILE; k++)
        transform_output(tile + k, TILE);
    for (size_t k = 0; k < STEP; k++)
        transform_output(tile + k * TILE, 1);
    for (size_t y = 0; y < STEP; y++)
        for (size_t x = 0; x < STEP; x++)
            if (y < at.rows && x < at.columns)
                vic_vector_store_some(tile[y * TILE + x] + bias, to + y * at.line + x * at.batch, lanes);
}

/* The samples of a tile, LANES at a time. Tiles that are whole get code without conditions. */
VIC_INLINE void transform_tile(tile_place at, size_t side, transform *one, const vic_real *from, size_t apart,
                               vic_real *to) {
    const tile_place whole = {side, side, at.line, at.batch};
    bool is_whole = at.rows == side && at.columns == side;
    for (size_t k = 0; k < at.batch; k += LANES)
        if (is_whole && at.batch - k >= LANES)
            transform_lanes(whole, side, one, LANES, from + k, apart, to + k);
        else
            transform_lanes(at, side, one, at.batch - k < LANES ? at.batch - k : LANES, from + k, apart,
                            to + k);
}

static void input_tile(tile_place at, const vic_real *from, size_t apart, vic_real *to) {
    transform_tile(at, TILE, transform_input, from, apart, to);
}

static void error_tile(tile_place at, const vic_real *from, size_t apart, vic_real *to) {
    transform_tile(at, STEP, transform_error, from, apart, to);
}

static void output_tile(tile_place at, const vic_real *from, size_t apart, vic_real bias, vic_real *to) {
    const tile_place whole = {STEP, STEP, at.line, at.batch};
    bool is_whole = at.rows == STEP && at.columns == STEP;
    for (size_t k = 0; k < at.batch; k += LANES)
        if (is_whole && at.batch - k >= LANES)
            output_lanes(whole, LANES, from + k, apart, bias, to + k);
        else
            output_lanes(at, at.batch - k < LANES ? at.batch - k : LANES, from + k, apart, bias, to + k);
}

/* ---- a strip: arrays (place, channel, column) ---- */

/* What the steps of a strip read and write. */
typedef struct strip_arrays {
    const vic_convolution *v;
    strip s;
    const vic_real *in, *error, *bias;
    vic_real *out;
    vic_real *weights, *inputs, *others; /* transformed; others: outputs, or errors */
    bool add;
} strip_arrays;

static void input_channel(void *context, size_t c) {
    const strip_arrays *a = context;
    const vic_convolution *v = a->v;
    for (size_t t = 0; t < a->s.tiles; t++)
        input_tile(place_of(v->in, v->batch, &a->s, t, TILE), a->in + start_of(v->in, v->batch, c, &a->s, t),
                   v->in.channels * a->s.n, a->inputs + c * a->s.n + t * v->batch);
}

static void error_channel(void *context, size_t c) {
    const strip_arrays *a = context;
    const vic_convolution *v = a->v;
    for (size_t t = 0; t < a->s.tiles; t++)
        error_tile(place_of(v->out, v->batch, &a->s, t, STEP),
                   a->error + start_of(v->out, v->batch, c, &a->s, t), v->out.channels * a->s.n,
                   a->others + c * a->s.n + t * v->batch);
}

static void output_channel(void *context, size_t c) {
    const strip_arrays *a = context;
    const vic_convolution *v = a->v;
    for (size_t t = 0; t < a->s.tiles; t++)
        output_tile(place_of(v->out, v->batch, &a->s, t, STEP), a->others + c * a->s.n + t * v->batch,
                    v->out.channels * a->s.n, a->bias ? a->bias[c] : 0,
                    a->out + start_of(v->out, v->batch, c, &a->s, t));
}

/* outputs = weights inputs */
static void output_place(void *context, size_t p) {
    const strip_arrays *a = context;
    size_t m = a->v->out.channels, n = a->s.n, k = a->v->in.channels;
    VIC_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a->weights + p * m * k, (int)k,
     a->inputs + p * k * n, (int)n, 0, a->others + p * m * n, (int)n);
}

/* weights = errors inputs^T, or += */
static void weight_place(void *context, size_t p) {
    const strip_arrays *a = context;
    size_t m = a->v->out.channels, n = a->v->in.channels, k = a->s.n;
    VIC_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a->others + p * m * k, (int)k,
     a->inputs + p * n * k, (int)k, a->add, a->weights + p * m * n, (int)n);
}

/* A step of a strip, shared by threads where the whole strip is worth it. */
static void share(strip_arrays *a, size_t n, vic_pool_task *step) {
    const size_t least = (size_t)1 << 22;
    if (PLACES * a->s.n * a->v->in.channels * a->v->out.channels >= least)
        vic_pool_run(n, step, a);
    else
        for (size_t i = 0; i < n; i++)
            step(a, i);
}

/* ---- weights: arrays (place, output channel, input channel) ---- */

static void transform_weights(size_t count, const vic_real *weight, vic_real *to) {
    for (size_t i = 0; i < count; i++) {
        vic_real u[PLACES];
        for (size_t k = 0; k < KERNEL * KERNEL; k++)
            u[k / KERNEL * TILE + k % KERNEL] = weight[i * KERNEL * KERNEL + k];
        for (size_t x = 0; x < KERNEL; x++)
            transform_weight(u + x, TILE);
        for (size_t y = 0; y < TILE; y++)
            transform_weight(u + y * TILE, 1);
        for (size_t p = 0; p < PLACES; p++)
            to[p * count + i] = u[p];
    }
}

static void gather_gradient(size_t count, const vic_real *from, bool add, vic_real *weight) {
    for (size_t i = 0; i < count; i++) {
        vic_real u[PLACES];
        for (size_t p = 0; p < PLACES; p++)
            u[p] = from[p * count + i];
        for (size_t x = 0; x < TILE; x++)
            transform_gradient(u + x, TILE);
        for (size_t y = 0; y < KERNEL; y++)
            transform_gradient(u + y * TILE, 1);
        for (size_t k = 0; k < KERNEL * KERNEL; k++) {
            vic_real *w = weight + i * KERNEL * KERNEL + k;
            *w = (add ? *w : 0) + u[k / KERNEL * TILE + k % KERNEL];
        }
    }
}

/* ---- all strips ---- */

static strip_arrays divide(const vic_convolution *v, vic_real *scratch) {
    vic_real *inputs = scratch + PLACES * v->out.channels * v->in.channels;
    vic_real *others = inputs + PLACES * v->in.channels * tiles_in_strip(v) * v->batch;
    return (strip_arrays){.v = v, .weights = scratch, .inputs = inputs, .others = others};
}

void VIC_NAME(vic_winograd_convolve)(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                                     const vic_real *in, vic_real *out, vic_real *scratch) {
    strip_arrays a = divide(v, scratch);
    a.in = in, a.bias = bias, a.out = out;
    transform_weights(v->out.channels * v->in.channels, weight, a.weights);
    while (next_strip(v, &a.s)) {
        share(&a, v->in.channels, input_channel);
        share(&a, PLACES, output_place);
        share(&a, v->out.channels, output_channel);
    }
}

void VIC_NAME(vic_winograd_correlate)(const vic_convolution *v, const vic_real *error, const vic_real *in,
                                      bool add, vic_real *weight, vic_real *scratch) {
    strip_arrays a = divide(v, scratch);
    a.in = in, a.error = error;
    for (; next_strip(v, &a.s); a.add = true) {
        share(&a, v->in.channels, input_channel);
        share(&a, v->out.channels, error_channel);
        share(&a, PLACES, weight_place);
    }
    gather_gradient(v->out.channels * v->in.channels, a.weights, add, weight);
}
