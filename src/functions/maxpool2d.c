/* maxpool2d: the largest of each kernel x kernel square, as torch.nn.MaxPool2d: stride = kernel, what does
 * not fill a square is left out, and of equal largest the first counts. */
#include "functions.h"
#include "real.h"

#include "base/pool.h"

#include <string.h>

enum { KERNEL };

static const vic_option options[] = {
    {.name = "kernel", .required = true, .least = 1},
};

static vic_status place(vic_function *f) {
    char text[VIC_SHAPE_TEXT];
    size_t kernel = f->option[KERNEL];
    if (f->in.rank != 3)
        return vic_fail(VIC_BAD_CONFIG, "maxpool2d needs input [channels, rows, columns], but gets %s",
                        vic_shape_text(f->in, text));
    f->out = (vic_shape){3, {f->in.dim[0], f->in.dim[1] / kernel, f->in.dim[2] / kernel}};
    if (f->out.dim[1] == 0 || f->out.dim[2] == 0)
        return vic_fail(VIC_BAD_CONFIG, "maxpool2d with kernel %zu does not fit into input %s", kernel,
                        vic_shape_text(f->in, text));
    f->n_parameters = 0;
    return VIC_OK;
}

static double operations(const vic_function *f) {
    return (double)vic_shape_count(f->in);
}

/* Where the squares lie: `line` numbers from a row to the next, `batch` from a column to the next. */
typedef struct squares {
    size_t kernel, line, batch;
} squares;

static squares squares_of(const vic_function *f, size_t batch) {
    return (squares){f->option[KERNEL], f->in.dim[2] * batch, batch};
}

/* The start of the k-th pixel of a square, from that of its first. */
static size_t pixel(squares s, size_t k) {
    return k / s.kernel * s.line + k % s.kernel * s.batch;
}

/* Samples at a time, so that their maxima stay in registers; what a batch leaves over comes in short runs. */
enum { RUN = 16, MIDDLE = 8, SHORT = 4 };

/* largest = the maximum of x + d over a square, place = the pixel where it is first, for n samples. d may be
 * NULL. */
VIC_INLINE void find_largest(squares s, const vic_real *x, const vic_real *d, size_t n, vic_real *largest,
                             vic_real_bits *place) {
    VIC_AS_VECTOR
    for (size_t i = 0; i < n; i++) {
        largest[i] = d ? x[i] + d[i] : x[i];
        place[i] = 0;
    }
    for (size_t k = 1; k < s.kernel * s.kernel; k++) {
        const vic_real *value = x + pixel(s, k), *moved = d ? d + pixel(s, k) : x;
        VIC_AS_VECTOR
        for (size_t i = 0; i < n; i++) {
            vic_real v = d ? value[i] + moved[i] : value[i];
            vic_real_bits larger = -(vic_real_bits)(v > largest[i]); /* a mask: a choice becomes a branch */
            place[i] = ((vic_real_bits)k & larger) | (place[i] & ~larger);
            largest[i] = v > largest[i] ? v : largest[i];
        }
    }
}

/* What a visit reads and writes; each leaves some alone. */
typedef struct arrays {
    const vic_real *x, *d;          /* the input and its change */
    const vic_real *before, *above; /* the output, and the error there */
    vic_real *out, *below;
    const uint8_t *saved_in;
    uint8_t *saved_out;
} arrays;

/* Visits one square and a run of n samples; in and out count from the start of its arrays. */
typedef void visit_square(squares s, size_t n, size_t in, size_t out, const arrays *a);

/* Channels first to end - 1. */
VIC_INLINE void visit_channels(const vic_function *f, squares s, size_t first, size_t end,
                               visit_square *visit, const arrays *a) {
    size_t rows = f->out.dim[1], columns = f->out.dim[2];
    for (size_t c = first; c < end; c++)
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < columns; x++) {
                size_t in = (c * f->in.dim[1] + y * s.kernel) * s.line + x * s.kernel * s.batch;
                size_t out = ((c * rows + y) * columns + x) * s.batch, b = 0;
                for (; b + RUN <= s.batch; b += RUN)
                    visit(s, RUN, in + b, out + b, a);
                for (; b + MIDDLE <= s.batch; b += MIDDLE)
                    visit(s, MIDDLE, in + b, out + b, a);
                for (; b + SHORT <= s.batch; b += SHORT)
                    visit(s, SHORT, in + b, out + b, a);
                if (b < s.batch)
                    visit(s, s.batch - b, in + b, out + b, a);
            }
}

/* A call, in tasks of some channels that threads share. */
typedef struct pooling {
    const vic_function *f;
    size_t batch, channels; /* of a task */
    const arrays *a;
} pooling;

/* The usual kernel as a constant, so that its loops are unrolled. */
VIC_INLINE void visit_task(const pooling *p, size_t task, visit_square *visit) {
    squares s = squares_of(p->f, p->batch);
    size_t all = p->f->out.dim[0], first = task * p->channels;
    size_t end = all - first < p->channels ? all : first + p->channels;
    if (s.kernel == 2)
        visit_channels(p->f, (squares){2, s.line, s.batch}, first, end, visit, p->a);
    else
        visit_channels(p->f, s, first, end, visit, p->a);
}

static void for_each_square(const vic_function *f, size_t batch, vic_pool_task *task, const arrays *a) {
    enum { NUMBERS = 16384 }; /* at least, of the input, that a task goes through */
    size_t plane = f->in.dim[1] * f->in.dim[2] * batch, channels = (NUMBERS + plane - 1) / plane;
    vic_pool_run((f->out.dim[0] + channels - 1) / channels, task, &(pooling){f, batch, channels, a});
}

/* A comparison passes over a NaN. Adding v - v, which is 0 of every finite number, lets it show. */
VIC_INLINE void take_largest(squares s, size_t n, size_t in, size_t out, const arrays *a) {
    vic_real largest[RUN], fault[RUN];
    VIC_AS_VECTOR
    for (size_t i = 0; i < n; i++) {
        largest[i] = a->x[in + i];
        fault[i] = largest[i] - largest[i];
    }
    for (size_t k = 1; k < s.kernel * s.kernel; k++) {
        const vic_real *v = a->x + in + pixel(s, k);
        VIC_AS_VECTOR
        for (size_t i = 0; i < n; i++) {
            largest[i] = v[i] > largest[i] ? v[i] : largest[i];
            fault[i] += v[i] - v[i];
        }
    }
    VIC_AS_VECTOR
    for (size_t i = 0; i < n; i++)
        a->out[out + i] = largest[i] + fault[i];
}

static void take_largest_task(void *context, size_t i) {
    visit_task(context, i, take_largest);
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)theta, (void)scratch;
    for_each_square(f, batch, take_largest_task, &(arrays){.x = in, .out = out});
}

/* With i, j the places of the maximum before and after: d_j + (a_j - a_i). */
VIC_INLINE void change_largest(squares s, size_t n, size_t in, size_t out, const arrays *a) {
    const vic_real *x = a->x + in, *d = a->d + in;
    vic_real largest[RUN];
    vic_real_bits place[RUN];
    find_largest(s, x, d, n, largest, place);
    VIC_AS_VECTOR
    for (size_t i = 0; i < n; i++) {
        size_t j = pixel(s, (size_t)place[i]) + i;
        a->out[out + i] = d[j] + (x[j] - a->before[out + i]);
    }
}

static void change_largest_task(void *context, size_t i) {
    visit_task(context, i, change_largest);
}

static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)theta, (void)scratch;
    for_each_square(f, batch, change_largest_task,
                    &(arrays){.x = in, .d = change_in, .before = out, .out = change_out});
}

/* The first pixel that equals the maximum takes the error, and leaves nothing for the others. */
VIC_INLINE void send_back(squares s, size_t n, size_t in, size_t out, const arrays *a) {
    const vic_real *x = a->x + in;
    vic_real largest[RUN], rest[RUN];
    VIC_AS_VECTOR
    for (size_t i = 0; i < n; i++) {
        largest[i] = x[i];
        rest[i] = a->above[out + i];
    }
    for (size_t k = 1; k < s.kernel * s.kernel; k++) {
        const vic_real *v = x + pixel(s, k);
        VIC_AS_VECTOR
        for (size_t i = 0; i < n; i++)
            largest[i] = v[i] > largest[i] ? v[i] : largest[i];
    }
    for (size_t k = 0; k < s.kernel * s.kernel; k++) {
        const vic_real *v = x + pixel(s, k);
        vic_real *b = a->below + in + pixel(s, k);
        VIC_AS_VECTOR
        for (size_t i = 0; i < n; i++) {
            b[i] = v[i] == largest[i] ? rest[i] : 0;
            rest[i] = v[i] == largest[i] ? 0 : rest[i];
        }
    }
}

static void send_back_task(void *context, size_t i) {
    visit_task(context, i, send_back);
}

/* Rows and columns that fill no square get no error. */
static void clear_rest(const vic_function *f, size_t batch, void *error_in) {
    size_t kernel = f->option[KERNEL];
    if (f->in.dim[1] % kernel != 0 || f->in.dim[2] % kernel != 0)
        memset(error_in, 0, vic_shape_count(f->in) * batch * sizeof(vic_real));
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)theta, (void)out, (void)scratch;
    clear_rest(f, batch, error_in);
    for_each_square(f, batch, send_back_task, &(arrays){.x = in, .above = error_out, .below = error_in});
}

/* ---- saved context: the place of each maximum, one byte ----
 *
 * Loops between bytes and numbers are not VIC_AS_VECTOR: GCC finds their vectors once they are unrolled. */

static size_t saved_bytes(const vic_function *f) {
    return f->option[KERNEL] * f->option[KERNEL] <= UINT8_MAX ? vic_shape_count(f->out) : 0;
}

VIC_INLINE void save_largest(squares s, size_t n, size_t in, size_t out, const arrays *a) {
    vic_real largest[RUN];
    vic_real_bits place[RUN];
    find_largest(s, a->x + in, NULL, n, largest, place);
    take_largest(s, n, in, out, a);
    for (size_t i = 0; i < n; i++)
        a->saved_out[out + i] = (uint8_t)place[i];
}

static void save_largest_task(void *context, size_t i) {
    visit_task(context, i, save_largest);
}

static void forward_saving(const vic_function *f, size_t batch, const void *in, void *out, uint8_t *places) {
    for_each_square(f, batch, save_largest_task, &(arrays){.x = in, .out = out, .saved_out = places});
}

VIC_INLINE void send_to_saved(squares s, size_t n, size_t in, size_t out, const arrays *a) {
    vic_real error[RUN];
    vic_real_bits place[RUN];
    VIC_AS_VECTOR
    for (size_t i = 0; i < n; i++)
        error[i] = a->above[out + i];
    for (size_t i = 0; i < n; i++)
        place[i] = a->saved_in[out + i];
    for (size_t k = 0; k < s.kernel * s.kernel; k++) {
        vic_real *b = a->below + in + pixel(s, k);
        VIC_AS_VECTOR
        for (size_t i = 0; i < n; i++)
            b[i] = place[i] == (vic_real_bits)k ? error[i] : 0;
    }
}

static void send_to_saved_task(void *context, size_t i) {
    visit_task(context, i, send_to_saved);
}

static void vjp_from_saved(const vic_function *f, size_t batch, const uint8_t *places, const void *error_out,
                           void *error_in) {
    clear_rest(f, batch, error_in);
    for_each_square(f, batch, send_to_saved_task,
                    &(arrays){.saved_in = places, .above = error_out, .below = error_in});
}

const vic_function_kind VIC_NAME(vic_maxpool2d);
const vic_function_kind VIC_NAME(vic_maxpool2d) = {
    .name = "maxpool2d",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .shorthand = "kernel",
    .help = "maxpool2d: K; stride = kernel",
    .place = place,
    .operations = operations,
    .selects_maximum = true,
    .forward = forward,
    .change = change,
    .vjp = vjp,
    .saved_bytes = saved_bytes,
    .forward_saving = forward_saving,
    .vjp_from_saved = vjp_from_saved,
};
