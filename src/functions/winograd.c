/* Outputs are taken in tiles of 2 x 2. With w a kernel, d the 4 x 4 inputs of a tile, and * the elementwise
 * product: out = A^T [sum over channels of (G w G^T) * (B^T d B)] A, so for each of the 16 places of a
 * transformed tile the sum over channels is a matrix product of transformed weights with transformed inputs,
 * whose columns are the samples of some tiles. The gradient of the weights is the adjoint, G^T [sum over
 * tiles and samples of (A e A^T) * (B^T d B)] G. */
#include "winograd.h"
#include "winograd_weights.h"

#include "vector.h"

#include "base/pool.h"

#include <cblas.h>
#include <string.h>

enum {
    TILE = VIC_WINOGRAD_TILE,
    PLACES = VIC_WINOGRAD_PLACES,
    STEP = 2,
    KERNEL = VIC_WINOGRAD_KERNEL,
    LANES = VIC_VECTOR_LANES
};

/* Columns of a product: enough for a fast one, few enough for the transformed numbers to stay in the cache.
 */
enum { COLUMNS = 256 };

/* Below this many channels the transforms cost more than they save, below this many columns of all tiles
 * those of the weights do. */
enum { FEWEST_CHANNELS = 16, FEWEST_COLUMNS = 32 };

/* Tiles (y, x) to (y + rows - 1, x + tiles - 1): whole rows of tiles where they are several. `n` columns:
 * their samples. */
typedef struct strip {
    size_t y, x, rows, tiles, n;
} strip;

static size_t tiles_along(size_t length) {
    return (length + STEP - 1) / STEP;
}

static size_t tiles_in_strip(const vic_convolution *v) {
    size_t most = tiles_along(v->out.columns), tiles = COLUMNS / v->batch;
    return tiles == 0 ? 1 : tiles < most ? tiles : most;
}

static size_t rows_in_strip(const vic_convolution *v) {
    size_t most = tiles_along(v->out.rows), rows = COLUMNS / (tiles_along(v->out.columns) * v->batch);
    return rows == 0 ? 1 : rows < most ? rows : most;
}

/* Of a strip of at most v->batch samples: fewer samples may have more columns, but not more than these. */
static size_t most_columns(const vic_convolution *v) {
    size_t tiles = vic_size_product(tiles_along(v->out.rows), tiles_along(v->out.columns));
    size_t all = vic_size_product(tiles, v->batch), most = v->batch > COLUMNS ? v->batch : COLUMNS;
    return all < most ? all : most;
}

static bool next_strip(const vic_convolution *v, strip *s) {
    size_t across = tiles_along(v->out.columns), down = tiles_along(v->out.rows);
    size_t tiles = tiles_in_strip(v), rows = rows_in_strip(v);
    s->x += s->tiles;
    if (s->tiles && s->x == across) {
        s->x = 0;
        s->y += s->rows;
    }
    s->tiles = across - s->x < tiles ? across - s->x : tiles;
    s->rows = down - s->y < rows ? down - s->y : rows;
    s->n = s->rows * s->tiles * v->batch;
    return s->y < down;
}

bool VIC_NAME(vic_winograd_suits)(const vic_convolution *v) {
    return v->kernel == KERNEL && v->stride == 1 && v->in.channels >= FEWEST_CHANNELS &&
           v->out.channels >= FEWEST_CHANNELS &&
           tiles_along(v->out.rows) * tiles_along(v->out.columns) * v->batch >= FEWEST_COLUMNS;
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

/* ---- tiles in arrays ---- */

/* Some tiles side by side in an array of planes (row, column, batch): how many rows and columns from their
 * corner on are there. */
typedef struct tile_place {
    size_t rows, columns, line, batch;
} tile_place;

static tile_place place_of(vic_planes planes, size_t batch, size_t y, size_t x) {
    return (tile_place){planes.rows - y * STEP, planes.columns - x * STEP, planes.columns * batch, batch};
}

/* The first number of a tile. */
static size_t start_of(vic_planes planes, size_t batch, size_t channel, size_t y, size_t x) {
    return ((channel * planes.rows + y * STEP) * planes.columns + x * STEP) * batch;
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
    bool is_whole = at.rows >= side && at.columns >= side;
    for (size_t k = 0; k < at.batch; k += LANES)
        if (is_whole && at.batch - k >= LANES)
            transform_lanes(whole, side, one, LANES, from + k, apart, to + k);
        else
            transform_lanes(at, side, one, at.batch - k < LANES ? at.batch - k : LANES, from + k, apart,
                            to + k);
}

static void output_tile(tile_place at, const vic_real *from, size_t apart, vic_real bias, vic_real *to) {
    const tile_place whole = {STEP, STEP, at.line, at.batch};
    bool is_whole = at.rows >= STEP && at.columns >= STEP;
    for (size_t k = 0; k < at.batch; k += LANES)
        if (is_whole && at.batch - k >= LANES)
            output_lanes(whole, LANES, from + k, apart, bias, to + k);
        else
            output_lanes(at, at.batch - k < LANES ? at.batch - k : LANES, from + k, apart, bias, to + k);
}

/* ---- tiles of fewer samples than a vector has: those of several side by side, as if of one tile ---- */

/* to (tile, sample) = the same pixel of tiles side by side. */
VIC_INLINE void gather_pixels(size_t tiles, size_t batch, const vic_real *from, vic_real *to) {
    for (size_t t = 0; t < tiles; t++)
        for (size_t s = 0; s < batch; s++)
            to[t * batch + s] = from[t * STEP * batch + s];
}

VIC_INLINE void scatter_pixels(size_t tiles, size_t batch, const vic_real *from, vic_real *to) {
    for (size_t t = 0; t < tiles; t++)
        for (size_t s = 0; s < batch; s++)
            to[t * STEP * batch + s] = from[t * batch + s];
}

/* In how many of the first `tiles` tiles column x is there. */
static size_t tiles_with(size_t x, size_t tiles, size_t columns) {
    size_t count = columns > x ? tiles_along(columns - x) : 0;
    return count < tiles ? count : tiles;
}

/* patch (side, side, LANES) = the pixels of some tiles, 0 where there is none */
static void gather_tiles(tile_place at, size_t side, size_t tiles, const vic_real *from, vic_real *patch) {
    memset(patch, 0, side * side * LANES * sizeof *patch);
    for (size_t y = 0; y < side && y < at.rows; y++)
        for (size_t x = 0; x < side; x++) {
            const vic_real *pixel = from + y * at.line + x * at.batch;
            vic_real *to = patch + (y * side + x) * LANES;
            size_t there = tiles_with(x, tiles, at.columns);
            if (at.batch == 1 && there == LANES)
                gather_pixels(LANES, 1, pixel, to);
            else
                gather_pixels(there, at.batch, pixel, to);
        }
}

static void scatter_tiles(tile_place at, size_t tiles, const vic_real *patch, vic_real *to) {
    for (size_t y = 0; y < STEP && y < at.rows; y++)
        for (size_t x = 0; x < STEP; x++) {
            vic_real *pixel = to + y * at.line + x * at.batch;
            scatter_pixels(tiles_with(x, tiles, at.columns), at.batch, patch + (y * STEP + x) * LANES, pixel);
        }
}

/* ---- a row of tiles ---- */

/* `tiles` tiles together, into the first of `room` columns; what is written behind them is written again. */
VIC_INLINE void transform_tiles(tile_place at, size_t side, transform *one, size_t tiles, size_t room,
                                const vic_real *from, size_t apart, vic_real *to) {
    vic_real patch[PLACES * LANES];
    const tile_place whole = {side, side, side * LANES, LANES};
    if (at.batch >= LANES) {
        transform_tile(at, side, one, from, apart, to);
        return;
    }
    gather_tiles(at, side, tiles, from, patch);
    if (room >= LANES)
        transform_lanes(whole, side, one, LANES, patch, apart, to);
    else
        transform_lanes(whole, side, one, room, patch, apart, to);
}

static void input_tiles(tile_place at, size_t tiles, size_t room, const vic_real *from, size_t apart,
                        vic_real *to) {
    transform_tiles(at, TILE, transform_input, tiles, room, from, apart, to);
}

static void error_tiles(tile_place at, size_t tiles, size_t room, const vic_real *from, size_t apart,
                        vic_real *to) {
    transform_tiles(at, STEP, transform_error, tiles, room, from, apart, to);
}

static void output_tiles(tile_place at, size_t tiles, size_t room, const vic_real *from, size_t apart,
                         vic_real bias, vic_real *to) {
    vic_real patch[STEP * STEP * LANES];
    const tile_place whole = {STEP, STEP, STEP * LANES, LANES};
    if (at.batch >= LANES) {
        output_tile(at, from, apart, bias, to);
        return;
    }
    if (room >= LANES)
        output_lanes(whole, LANES, from, apart, bias, patch);
    else
        output_lanes(whole, room, from, apart, bias, patch);
    scatter_tiles(at, tiles, patch, to);
}

/* ---- a strip: arrays (place, channel, column) ---- */

/* What the steps of a strip read and write. */
typedef struct strip_arrays {
    const vic_convolution *v;
    strip s;
    const vic_real *in, *error, *bias;
    vic_real *out;
    vic_real *weights, *inputs, *others; /* transformed; others: outputs, or errors */
    size_t together;                     /* tiles that are taken together */
    bool add;
} strip_arrays;

/* Tiles of a strip that are taken together: column k of it is their first. */
typedef struct tile_group {
    size_t y, x, tiles, k;
} tile_group;

/* The next group, beginning with {0}; false behind the last one. */
static bool next_group(const strip_arrays *a, tile_group *g) {
    const strip *s = &a->s;
    if (g->tiles == 0)
        g->y = s->y, g->x = s->x;
    g->k += g->tiles * a->v->batch, g->x += g->tiles;
    if (g->x == s->x + s->tiles)
        g->x = s->x, g->y++;
    size_t left = s->x + s->tiles - g->x;
    g->tiles = left < a->together ? left : a->together;
    return g->k < s->n;
}

static void input_channel(void *context, size_t c) {
    const strip_arrays *a = context;
    const vic_convolution *v = a->v;
    for (tile_group g = {0}; next_group(a, &g);)
        input_tiles(place_of(v->in, v->batch, g.y, g.x), g.tiles, a->s.n - g.k,
                    a->in + start_of(v->in, v->batch, c, g.y, g.x), v->in.channels * a->s.n,
                    a->inputs + c * a->s.n + g.k);
}

static void error_channel(void *context, size_t c) {
    const strip_arrays *a = context;
    const vic_convolution *v = a->v;
    for (tile_group g = {0}; next_group(a, &g);)
        error_tiles(place_of(v->out, v->batch, g.y, g.x), g.tiles, a->s.n - g.k,
                    a->error + start_of(v->out, v->batch, c, g.y, g.x), v->out.channels * a->s.n,
                    a->others + c * a->s.n + g.k);
}

static void output_channel(void *context, size_t c) {
    const strip_arrays *a = context;
    const vic_convolution *v = a->v;
    for (tile_group g = {0}; next_group(a, &g);)
        output_tiles(place_of(v->out, v->batch, g.y, g.x), g.tiles, a->s.n - g.k,
                     a->others + c * a->s.n + g.k, v->out.channels * a->s.n, a->bias ? a->bias[c] : 0,
                     a->out + start_of(v->out, v->batch, c, g.y, g.x));
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

/* ---- all strips ---- */

static strip_arrays divide(const vic_convolution *v, vic_real *scratch) {
    vic_real *inputs = scratch + PLACES * v->out.channels * v->in.channels;
    vic_real *others = inputs + PLACES * v->in.channels * rows_in_strip(v) * tiles_in_strip(v) * v->batch;
    size_t together = v->batch < LANES ? LANES / v->batch : 1;
    return (strip_arrays){
        .v = v, .weights = scratch, .inputs = inputs, .others = others, .together = together};
}

void VIC_NAME(vic_winograd_convolve)(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                                     const vic_real *in, vic_real *out, vic_real *scratch) {
    strip_arrays a = divide(v, scratch);
    a.in = in, a.bias = bias, a.out = out;
    VIC_NAME(vic_winograd_transform_weights)(v->out.channels, v->in.channels, weight, a.weights);
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
    VIC_NAME(vic_winograd_gather_gradient)(v->out.channels, v->in.channels, a.weights, add, weight);
}
