/* linear: out = W in + b, W (out, in), as torch.nn.Linear. Samples innermost, so each pass is a matrix
 * product: by W or its transpose, which many steps use as they are, or, for a gradient, of two activities. */
#include "functions.h"
#include "lanes.h"
#include "packed.h"
#include "real.h"

#include "base/pool.h"

#include <cblas.h>
#include <limits.h>

enum { OUT, BIAS };

static const vic_option options[] = {
    {.name = "out", .required = true, .least = 1},
    {.name = "bias", .is_switch = true, .fallback = 1},
};

static vic_status place(vic_function *f) {
    char text[VIC_SHAPE_TEXT];
    if (f->in.rank != 1)
        return vic_fail(VIC_BAD_CONFIG, "linear needs flat input, but gets %s: put flatten before it",
                        vic_shape_text(f->in, text));
    size_t in = f->in.dim[0], out = f->option[OUT];
    if (in > INT_MAX || out > INT_MAX)
        return vic_fail(VIC_BAD_CONFIG, "linear of %zu inputs and %zu outputs: at most %d of each", in, out,
                        INT_MAX);
    f->out = (vic_shape){.rank = 1, .dim = {out}};
    f->parameter[0] =
        (vic_parameter){.name = "weight", .rank = 2, .dim = {out, in}, .count = out * in, .fan_in = in};
    f->parameter[1] = (vic_parameter){.name = "bias", .rank = 1, .dim = {out}, .count = out, .fan_in = in};
    f->n_parameters = f->option[BIAS] ? 2 : 1;
    return VIC_OK;
}

static double operations(const vic_function *f) {
    return 2.0 * (double)f->in.dim[0] * (double)f->out.dim[0];
}

/* ---- gradients, in pieces that threads share ----
 *
 * A piece is some rows of the result. Results depend on the pieces, which depend on shapes alone. */

enum {
    LEAST_ROWS = 32,  /* of a piece: each packs anew what the pieces have in common, */
    USUAL_ROWS = 256, /* so that two pieces of few rows may pay, and more of them may not */
    LEAST_PRODUCTS = 1 << 20,
    GRAIN = 8, /* rows of a piece are a multiple */
};

/* weight (m, n) = error (m, k) times the transpose of in (n, k), or += that where `add`; sums (m), unless
 * NULL, likewise of the rows of error. */
typedef struct correlation {
    size_t m, n, k;
    const vic_real *error, *in;
    bool add;
    vic_real *weight, *sums;
    size_t rows; /* of a piece */
} correlation;

static size_t rows_of_piece(size_t m, size_t n, size_t k) {
    double products = (double)m * (double)n * (double)k;
    size_t pieces = 1;
    while (m / (2 * pieces) >= (pieces == 1 ? LEAST_ROWS : USUAL_ROWS) &&
           products / (double)(2 * pieces) >= LEAST_PRODUCTS)
        pieces *= 2;
    size_t rows = (m + pieces - 1) / pieces;
    return (rows + GRAIN - 1) / GRAIN * GRAIN;
}

static void sum_rows(const correlation *p, size_t first, size_t rows) {
    for (size_t r = first; r < first + rows; r++) {
        vic_real sum = vic_lanes_sum(p->k, p->error + r * p->k);
        p->sums[r] = p->add ? p->sums[r] + sum : sum;
    }
}

static void correlate_piece(void *context, size_t i) {
    const correlation *p = context;
    size_t first = i * p->rows, left = p->m - first, rows = left < p->rows ? left : p->rows;
    VIC_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)p->n, (int)p->k, 1, p->error + first * p->k,
     (int)p->k, p->in, (int)p->k, p->add, p->weight + first * p->n, (int)p->n);
    if (p->sums)
        sum_rows(p, first, rows);
}

/* ---- products by W and by its transpose ---- */

static vic_matrix matrix_of(const vic_function *f, const void *const *theta, bool back) {
    size_t in = f->in.dim[0], out = f->out.dim[0];
    return back ? (vic_matrix){in, out, theta[0], 1, in} : (vic_matrix){out, in, theta[0], in, 1};
}

static size_t packed_count(const vic_function *f, bool back) {
    size_t in = f->in.dim[0], out = f->out.dim[0];
    return back ? VIC_NAME(vic_packed_count)(in, out) : VIC_NAME(vic_packed_count)(out, in);
}

static size_t scratch_count(const vic_function *f, size_t batch) {
    size_t in = f->in.dim[0], out = f->out.dim[0];
    size_t ahead = VIC_NAME(vic_multiply_scratch)(out, batch, in),
           back = VIC_NAME(vic_multiply_scratch)(in, batch, out);
    return ahead > back ? ahead : back;
}

static void pack(const vic_function *f, const void *const *theta, bool back, void *packed) {
    VIC_NAME(vic_pack)(matrix_of(f, theta, back), packed);
}

static void forward_packed(const vic_function *f, size_t batch, const void *const *theta, const void *packed,
                           const void *in, void *out, void *scratch) {
    const vic_real *bias = f->n_parameters == 2 ? theta[1] : NULL;
    VIC_NAME(vic_multiply)(matrix_of(f, theta, false), packed, batch, bias, in, out, scratch);
}

/* W (in + change) + b - (W in + b) = W change. */
static void change_packed(const vic_function *f, size_t batch, const void *const *theta, const void *packed,
                          const void *change_in, void *change_out, void *scratch) {
    VIC_NAME(vic_multiply)(matrix_of(f, theta, false), packed, batch, NULL, change_in, change_out, scratch);
}

static void vjp_packed(const vic_function *f, size_t batch, const void *const *theta, const void *packed,
                       const void *error_out, void *error_in, void *scratch) {
    VIC_NAME(vic_multiply)(matrix_of(f, theta, true), packed, batch, NULL, error_out, error_in, scratch);
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    forward_packed(f, batch, theta, NULL, in, out, scratch);
}

static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)in, (void)out;
    change_packed(f, batch, theta, NULL, change_in, change_out, scratch);
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)in, (void)out;
    vjp_packed(f, batch, theta, NULL, error_out, error_in, scratch);
}

static void gradient(const vic_function *f, size_t batch, const void *in, const void *error_out,
                     void *const *gradient, bool add, void *scratch) {
    (void)scratch;
    size_t m = f->out.dim[0], n = f->in.dim[0];
    vic_real *sums = f->n_parameters == 2 ? gradient[1] : NULL;
    correlation c = {m, n, batch, error_out, in, add, gradient[0], sums, rows_of_piece(m, n, batch)};
    vic_pool_run((m + c.rows - 1) / c.rows, correlate_piece, &c);
}

const vic_function_kind VIC_NAME(vic_linear);
const vic_function_kind VIC_NAME(vic_linear) = {
    .name = "linear",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .shorthand = "out",
    .help = "linear: {out: N, bias: true}; weights (out, in)",
    .place = place,
    .operations = operations,
    .is_affine = true,
    .scratch_count = scratch_count,
    .forward = forward,
    .change = change,
    .vjp = vjp,
    .packed_count = packed_count,
    .pack = pack,
    .forward_packed = forward_packed,
    .change_packed = change_packed,
    .vjp_packed = vjp_packed,
    .gradient = gradient,
};
