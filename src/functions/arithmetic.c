#include "functions.h"
#include "ranges.h"
#include "real.h"

#include <string.h>

/* ---- number by number, in ranges that threads share ---- */

/* What a loop over some numbers reads and writes. */
typedef struct operands {
    double keep, take;
    const vic_real *x, *y;
    vic_real *result;
} operands;

typedef void loop_over(size_t n, const operands *o);

typedef struct shared_loop {
    loop_over *loop;
    operands whole;
} shared_loop;

static void run_range(const void *context, size_t first, size_t n) {
    const shared_loop *shared = context;
    operands o = shared->whole;
    o.x += first;
    o.y = o.y ? o.y + first : NULL;
    o.result += first;
    shared->loop(n, &o);
}

static void share(size_t n, loop_over *loop, operands whole) {
    vic_for_ranges(n, run_range, &(shared_loop){loop, whole});
}

static void mix_loop(size_t n, const operands *o) {
    const vic_real *from = o->x, a = (vic_real)o->keep, b = (vic_real)o->take;
    vic_real *to = o->result;
    if (o->keep == 0 && o->take == 1) {
        memcpy(to, from, n * sizeof(vic_real));
        return;
    }
    if (o->keep == 0) { /* whatever is there, finite or not */
        for (size_t i = 0; i < n; i++)
            to[i] = b * from[i] + 0;
        return;
    }
    for (size_t i = 0; i < n; i++)
        to[i] = a * to[i] + b * from[i];
}

static void mix(size_t n, double keep, double take, const void *x, void *y) {
    share(n, mix_loop, (operands){.keep = keep, .take = take, .x = x, .result = y});
}

static void subtract_loop(size_t n, const operands *o) {
    const vic_real *x = o->x, *y = o->y;
    vic_real *z = o->result;
    for (size_t i = 0; i < n; i++)
        z[i] = x[i] - y[i];
}

static void subtract(size_t n, const void *a, const void *b, void *out) {
    share(n, subtract_loop, (operands){.x = a, .y = b, .result = out});
}

static void add_loop(size_t n, const operands *o) {
    const vic_real *x = o->x, *y = o->y;
    vic_real *z = o->result;
    for (size_t i = 0; i < n; i++)
        z[i] = x[i] + y[i];
}

static void add(size_t n, const void *a, const void *b, void *out) {
    share(n, add_loop, (operands){.x = a, .y = b, .result = out});
}

static void relax_loop(size_t n, const operands *o) {
    const vic_real *eps = o->x, *back = o->y, step = (vic_real)o->take;
    vic_real *v = o->result;
    for (size_t i = 0; i < n; i++)
        v[i] += step * (eps[i] - back[i]);
}

static void relax(size_t n, double eta, const void *error, const void *feedback, void *belief) {
    share(n, relax_loop, (operands){.take = eta, .x = error, .y = feedback, .result = belief});
}

/* ---- sums and comparisons ---- */

/* Partial sums in a fixed order, so that the compiler may vectorise them. */
enum { LANES = 16 };

static double squared_distance(size_t n, double a_scale, const void *a, double b_scale, const void *b) {
    const vic_real *x = a, *y = b;
    double lane[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES) {
        size_t end = n - i < LANES ? n - i : LANES;
        for (size_t k = 0; k < end; k++) {
            double d = a_scale * x[i + k] - b_scale * y[i + k];
            lane[k] += d * d;
        }
    }
    double total = 0;
    for (size_t k = 0; k < LANES; k++)
        total += lane[k];
    return total;
}

static double squares_of_range(const void *context, size_t first, size_t n) {
    const vic_real *v = (const vic_real *)context + first;
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)v[i + k] * v[i + k];
    for (size_t k = 0; i + k < n; k++)
        lane[k] += (double)v[i + k] * v[i + k];
    double total = 0;
    for (size_t k = 0; k < LANES; k++)
        total += lane[k];
    return total;
}

static double sum_of_squares(size_t n, const void *x) {
    return vic_sum_ranges(n, squares_of_range, x);
}

/* The bits of a number, reordered so that neighbours differ by one and both zeros are 0. */
static int64_t ordinal(vic_real x) {
    vic_real_bits bits;
    memcpy(&bits, &x, sizeof bits);
    vic_real_bits magnitude = bits & (VIC_BITS == 32 ? INT32_MAX : INT64_MAX);
    return bits < 0 ? -(int64_t)magnitude : (int64_t)magnitude;
}

static int64_t ulp_distance(size_t n, const void *a, const void *b) {
    const vic_real *x = a, *y = b;
    uint64_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]) || isnan(y[i]))
            return INT64_MAX;
        int64_t p = ordinal(x[i]), q = ordinal(y[i]);
        uint64_t distance = p > q ? (uint64_t)p - (uint64_t)q : (uint64_t)q - (uint64_t)p;
        largest = distance > largest ? distance : largest;
    }
    return largest > INT64_MAX ? INT64_MAX : (int64_t)largest;
}

/* 1 where a number is infinite or NaN. */
static double faults_of_range(const void *context, size_t first, size_t n) {
    const vic_real *v = (const vic_real *)context + first;
    vic_real_pattern found = 0;
    for (size_t i = 0; i < n; i++)
        found |= vic_nonfinite(v[i]);
    return vic_is_all_finite(found) ? 0 : 1;
}

static bool all_finite(size_t n, const void *x) {
    return vic_sum_ranges(n, faults_of_range, x) == 0;
}

/* Squares are transposed in vectors of 16 bytes, which every level has. */
enum { STRIP = 16, SIDE = 16 / sizeof(vic_real) };

typedef vic_real side __attribute__((vector_size(16)));
typedef vic_real side_at __attribute__((vector_size(16), aligned(sizeof(vic_real)), may_alias));

#if VIC_BITS == 32
VIC_INLINE side mix_first(side a, side b) {
    return (side){a[0], b[0], a[1], b[1]};
}

VIC_INLINE side mix_last(side a, side b) {
    return (side){a[2], b[2], a[3], b[3]};
}

/* x[k] becomes column k of the square whose rows were x. */
VIC_INLINE void turn_square(side x[SIDE]) {
    side even_first = mix_first(x[0], x[2]), even_last = mix_last(x[0], x[2]);
    side odd_first = mix_first(x[1], x[3]), odd_last = mix_last(x[1], x[3]);
    x[0] = mix_first(even_first, odd_first);
    x[1] = mix_last(even_first, odd_first);
    x[2] = mix_first(even_last, odd_last);
    x[3] = mix_last(even_last, odd_last);
}
#else
VIC_INLINE void turn_square(side x[SIDE]) {
    side first = {x[0][0], x[1][0]}, last = {x[0][1], x[1][1]};
    x[0] = first;
    x[1] = last;
}
#endif

VIC_INLINE void turn_squares(size_t n, size_t columns, const vic_real *in, size_t apart, vic_real *out) {
    for (size_t r = 0; r + SIDE <= n; r += SIDE) {
        side x[SIDE];
        for (size_t k = 0; k < SIDE; k++)
            x[k] = *(const side_at *)(in + (r + k) * columns);
        turn_square(x);
        for (size_t k = 0; k < SIDE; k++)
            *(side_at *)(out + k * apart + r) = x[k];
    }
}

/* Columns of out, `apart` numbers from one to the next, become the rows of in, `n` of them. */
VIC_INLINE void turn(size_t n, size_t columns, const vic_real *in, size_t apart, vic_real *out) {
    size_t c = 0, whole = n - n % SIDE;
    for (; c + SIDE <= columns; c += SIDE) {
        turn_squares(n, columns, in + c, apart, out + c * apart);
        for (size_t r = whole; r < n; r++)
            for (size_t k = 0; k < SIDE; k++)
                out[(c + k) * apart + r] = in[r * columns + c + k];
    }
    for (; c < columns; c++)
        for (size_t r = 0; r < n; r++)
            out[c * apart + r] = in[r * columns + c];
}

/* out (columns, rows) = in (rows, columns), in strips of rows that stay in the cache. */
static void transpose(size_t rows, size_t columns, const vic_real *in, size_t apart, vic_real *out) {
    size_t r = 0;
    for (; r + STRIP <= rows; r += STRIP)
        turn(STRIP, columns, in + r * columns, apart, out + r);
    turn(rows - r, columns, in + r * columns, apart, out + r);
}

static void samples_inward(size_t features, size_t samples, const void *rows, size_t apart, void *columns) {
    transpose(samples, features, rows, apart, columns);
}

static void samples_outward(size_t features, size_t batch, const void *columns, void *rows) {
    transpose(features, batch, columns, features, rows);
}

static void from_float32(size_t n, const float *x, void *y) {
    vic_real *to = y;
    for (size_t i = 0; i < n; i++)
        to[i] = (vic_real)x[i];
}

static void from_float64(size_t n, const double *x, void *y) {
    vic_real *to = y;
    for (size_t i = 0; i < n; i++)
        to[i] = (vic_real)x[i];
}

static int64_t class_of(size_t outputs, size_t batch, const vic_real *prediction) {
    size_t best = 0;
    for (size_t c = 1; c < outputs; c++)
        best = prediction[c * batch] > prediction[best * batch] ? c : best;
    return (int64_t)best;
}

static void classify(size_t outputs, size_t batch, const void *prediction, int64_t *classes) {
    for (size_t b = 0; b < batch; b++)
        classes[b] = class_of(outputs, batch, (const vic_real *)prediction + b);
}

static size_t count_correct(size_t outputs, size_t batch, const void *prediction, const int64_t *classes) {
    size_t correct = 0;
    for (size_t b = 0; b < batch; b++)
        correct += class_of(outputs, batch, (const vic_real *)prediction + b) == classes[b];
    return correct;
}

static void fill_uniform(size_t n, uint64_t seed, uint64_t stream, double bound, void *x) {
    vic_real *to = x;
    for (size_t i = 0; i < n; i++) {
        double unit = (double)(vic_random_bits(seed, VIC_RANDOM_PARAMETERS, stream, i) >> 11) * 0x1p-53;
        to[i] = (vic_real)(bound * (2 * unit - 1));
    }
}

static void round_to(size_t n, double grain, void *x) {
    vic_real *values = x;
    for (size_t i = 0; i < n; i++)
        values[i] = (vic_real)(grain * round((double)values[i] / grain));
}

const vic_arithmetic VIC_NAME(vic_arithmetic);
const vic_arithmetic VIC_NAME(vic_arithmetic) = {
    .mix = mix,
    .subtract = subtract,
    .add = add,
    .relax = relax,
    .sum_of_squares = sum_of_squares,
    .squared_distance = squared_distance,
    .ulp_distance = ulp_distance,
    .all_finite = all_finite,
    .samples_inward = samples_inward,
    .samples_outward = samples_outward,
    .from_float32 = from_float32,
    .from_float64 = from_float64,
    .classify = classify,
    .count_correct = count_correct,
    .fill_uniform = fill_uniform,
    .round_to = round_to,
};
