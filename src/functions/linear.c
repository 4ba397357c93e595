/* linear: out = W in + b, W (out, in), as torch.nn.Linear. Samples innermost, so each pass is a
 * matrix product. */
#include "functions.h"
#include "lanes.h"
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

/* ---- products, in pieces that threads share ----
 *
 * A piece is some rows of the result. Results depend on the pieces, which depend on shapes alone. */

enum {
    LEAST_ROWS = 32,  /* of a piece: each packs anew what the pieces have in common, */
    USUAL_ROWS = 256, /* so that two pieces of few rows may pay, and more of them may not */
    LEAST_PRODUCTS = 1 << 20,
    GRAIN = 8, /* rows of a piece are a multiple */
};

/* result = a b, or result += a b where `add`. Row r of a begins at a + r * a_row. */
typedef struct product {
    size_t m, n, k; /* the result is (m, n) */
    const vic_real *a, *b;
    size_t a_row;
    CBLAS_TRANSPOSE a_form, b_form;
    bool add;
    vic_real *result;
    const vic_real *bias; /* that the result begins with, or NULL */
    vic_real *sums;       /* that the sums of rows of a are written or added to, or NULL */
    size_t rows;          /* of a piece */
} product;

static size_t rows_of_piece(size_t m, size_t n, size_t k) {
    double products = (double)m * (double)n * (double)k;
    size_t pieces = 1;
    while (m / (2 * pieces) >= (pieces == 1 ? LEAST_ROWS : USUAL_ROWS) &&
           products / (double)(2 * pieces) >= LEAST_PRODUCTS)
        pieces *= 2;
    size_t rows = (m + pieces - 1) / pieces;
    return (rows + GRAIN - 1) / GRAIN * GRAIN;
}

static void spread_bias(const product *p, size_t first, size_t rows) {
    for (size_t r = first; r < first + rows; r++)
        for (size_t b = 0; b < p->n; b++)
            p->result[r * p->n + b] = p->bias[r];
}

static void sum_rows(const product *p, size_t first, size_t rows) {
    for (size_t r = first; r < first + rows; r++) {
        vic_real sum = vic_lanes_sum(p->k, p->a + r * p->a_row);
        p->sums[r] = p->add ? p->sums[r] + sum : sum;
    }
}

static void multiply_piece(void *context, size_t i) {
    const product *p = context;
    size_t first = i * p->rows, left = p->m - first, rows = left < p->rows ? left : p->rows;
    int a_apart = (int)(p->a_form == CblasTrans ? p->m : p->k);
    int b_apart = (int)(p->b_form == CblasTrans ? p->k : p->n);
    if (p->bias)
        spread_bias(p, first, rows);
    VIC_BLAS(gemm)
    (CblasRowMajor, p->a_form, p->b_form, (int)rows, (int)p->n, (int)p->k, 1, p->a + first * p->a_row,
     a_apart, p->b, b_apart, p->add || p->bias, p->result + first * p->n, (int)p->n);
    if (p->sums)
        sum_rows(p, first, rows);
}

static void multiply(product p) {
    p.rows = rows_of_piece(p.m, p.n, p.k);
    vic_pool_run((p.m + p.rows - 1) / p.rows, multiply_piece, &p);
}

/* W in, + b where there is one. */
static product weigh(const vic_function *f, size_t batch, const void *weight, const void *in, void *out) {
    size_t m = f->out.dim[0], k = f->in.dim[0];
    return (product){m, batch, k, weight, in, k, CblasNoTrans, CblasNoTrans, .result = out};
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)scratch;
    product p = weigh(f, batch, theta[0], in, out);
    p.bias = f->n_parameters == 2 ? theta[1] : NULL;
    multiply(p);
}

/* W (in + change) + b - (W in + b) = W change. */
static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)in, (void)out, (void)scratch;
    multiply(weigh(f, batch, theta[0], change_in, change_out));
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)in, (void)out, (void)scratch;
    size_t m = f->in.dim[0], k = f->out.dim[0];
    multiply((product){m, batch, k, theta[0], error_out, 1, CblasTrans, CblasNoTrans, .result = error_in});
}

static void gradient(const vic_function *f, size_t batch, const void *in, const void *error_out,
                     void *const *gradient, bool add, void *scratch) {
    (void)scratch;
    size_t m = f->out.dim[0], n = f->in.dim[0];
    multiply((product){m, n, batch, error_out, in, batch, CblasNoTrans, CblasTrans, add, gradient[0],
                       .sums = f->n_parameters == 2 ? gradient[1] : NULL});
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
    .forward = forward,
    .change = change,
    .vjp = vjp,
    .gradient = gradient,
};
