/* linear: out = W in + b, W (out, in), as torch.nn.Linear. Samples innermost, so each pass is one gemm. */
#include "functions.h"
#include "lanes.h"
#include "real.h"

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

static void spread_bias(size_t rows, size_t batch, const vic_real *bias, vic_real *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < batch; b++)
            out[r * batch + b] = bias[r];
}

/* out = W in, or out += W in */
static void multiply(const vic_function *f, size_t batch, const void *weight, const void *in, bool add,
                     void *out) {
    int m = (int)f->out.dim[0], k = (int)f->in.dim[0], n = (int)batch;
    VIC_BLAS(gemm)(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, weight, k, in, n, add, out, n);
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    (void)scratch;
    bool bias = f->n_parameters == 2;
    if (bias)
        spread_bias(f->out.dim[0], batch, theta[1], out);
    multiply(f, batch, theta[0], in, bias, out);
}

/* W (in + change) + b - (W in + b) = W change. */
static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)in, (void)out, (void)scratch;
    multiply(f, batch, theta[0], change_in, false, change_out);
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)in, (void)out, (void)scratch;
    int m = (int)f->in.dim[0], k = (int)f->out.dim[0], n = (int)batch;
    VIC_BLAS(gemm)
    (CblasRowMajor, CblasTrans, CblasNoTrans, m, n, k, 1, theta[0], m, error_out, n, 0, error_in, n);
}

static void gradient(const vic_function *f, size_t batch, const void *in, const void *error_out,
                     void *const *gradient, bool add, void *scratch) {
    (void)scratch;
    int m = (int)f->out.dim[0], n = (int)f->in.dim[0], k = (int)batch;
    VIC_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, error_out, k, in, k, add, gradient[0], n);
    if (f->n_parameters < 2)
        return;
    const vic_real *error = error_out;
    vic_real *bias = gradient[1];
    for (size_t r = 0; r < f->out.dim[0]; r++) {
        vic_real sum = vic_lanes_sum(batch, error + r * batch);
        bias[r] = add ? bias[r] + sum : sum;
    }
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
    .forward = forward,
    .change = change,
    .vjp = vjp,
    .gradient = gradient,
};
