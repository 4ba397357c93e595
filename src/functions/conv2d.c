/* conv2d: cross-correlation as torch.nn.Conv2d, weights (out, in, kernel, kernel), equal padding on all
 * sides. */
#include "convolution.h"
#include "lanes.h"
#include "winograd.h"

#include <string.h>

enum { OUT, KERNEL, STRIDE, PADDING, BIAS };

static const vic_option options[] = {
    {.name = "out", .required = true, .least = 1},      {.name = "kernel", .required = true, .least = 1},
    {.name = "stride", .fallback = 1, .least = 1},      {.name = "padding", .fallback = 0, .least = 0},
    {.name = "bias", .is_switch = true, .fallback = 1},
};

/* ---- geometry ---- */

static vic_planes planes_of(vic_shape shape) {
    return (vic_planes){shape.dim[0], shape.dim[1], shape.dim[2]};
}

static size_t size_of(vic_planes p) {
    return vic_size_product(vic_size_product(p.channels, p.rows), p.columns);
}

static vic_planes padded(vic_planes p, size_t padding) {
    return (vic_planes){p.channels, p.rows + 2 * padding, p.columns + 2 * padding};
}

static vic_convolution convolution_of(const vic_function *f, size_t batch) {
    return (vic_convolution){
        .in = padded(planes_of(f->in), f->option[PADDING]),
        .out = planes_of(f->out),
        .kernel = f->option[KERNEL],
        .stride = f->option[STRIDE],
        .batch = batch,
    };
}

/* J^T of a convolution is one of stride 1 over the output's errors, spread out by the stride and surrounded
 * by kernel - 1 zeros (less what the padding takes), with the kernel turned round. */
static vic_convolution transposed(const vic_function *f, size_t batch) {
    vic_planes in = planes_of(f->in);
    size_t kernel = f->option[KERNEL];
    return (vic_convolution){
        .in = {f->out.dim[0], in.rows + kernel - 1, in.columns + kernel - 1},
        .out = in,
        .kernel = kernel,
        .stride = 1,
        .batch = batch,
    };
}

static vic_status place(vic_function *f) {
    char text[VIC_SHAPE_TEXT];
    size_t kernel = f->option[KERNEL], stride = f->option[STRIDE], padding = f->option[PADDING];
    if (f->in.rank != 3)
        return vic_fail(VIC_BAD_CONFIG, "conv2d needs input [channels, rows, columns], but gets %s",
                        vic_shape_text(f->in, text));
    if (padding >= kernel)
        return vic_fail(VIC_BAD_CONFIG, "conv2d with padding %zu: it must be smaller than the kernel, %zu",
                        padding, kernel);
    vic_planes in = planes_of(f->in), wide = padded(in, padding);
    if (wide.rows < kernel || wide.columns < kernel)
        return vic_fail(VIC_BAD_CONFIG, "conv2d with kernel %zu does not fit into input %s with padding %zu",
                        kernel, vic_shape_text(f->in, text), padding);
    size_t out = f->option[OUT], fan_in = in.channels * kernel * kernel;
    f->out = (vic_shape){3, {out, (wide.rows - kernel) / stride + 1, (wide.columns - kernel) / stride + 1}};
    f->parameter[0] = (vic_parameter){
        .name = "weight",
        .rank = 4,
        .dim = {out, in.channels, kernel, kernel},
        .count = out * fan_in,
        .fan_in = fan_in,
    };
    f->parameter[1] =
        (vic_parameter){.name = "bias", .rank = 1, .dim = {out}, .count = out, .fan_in = fan_in};
    f->n_parameters = f->option[BIAS] ? 2 : 1;
    return VIC_OK;
}

static double operations(const vic_function *f) {
    return 2.0 * (double)vic_shape_count(f->out) * (double)f->parameter[0].fan_in;
}

/* The rows of the input that one row of the output comes from. */
static size_t working_set(const vic_function *f) {
    vic_planes in = padded(planes_of(f->in), f->option[PADDING]);
    return f->option[KERNEL] * in.columns * in.channels;
}

/* ---- scratch: padded or spread planes, turned weights, then what the convolution itself needs ---- */

static size_t surrounded_count(const vic_function *f, size_t batch) {
    size_t around = size_of(padded(planes_of(f->in), f->option[PADDING]));
    size_t spread = size_of(transposed(f, batch).in);
    return vic_size_product(around > spread ? around : spread, batch);
}

static size_t winograd_count(const vic_convolution *v) {
    return VIC_NAME(vic_winograd_suits)(v) ? VIC_NAME(vic_winograd_scratch)(v) : 0;
}

static size_t scratch_count(const vic_function *f, size_t batch) {
    vic_convolution up = convolution_of(f, batch), down = transposed(f, batch);
    size_t most = winograd_count(&up) > winograd_count(&down) ? winograd_count(&up) : winograd_count(&down);
    return vic_size_sum(vic_size_sum(surrounded_count(f, batch), f->parameter[0].count), most);
}

static vic_real *turned_weights(const vic_function *f, size_t batch, void *scratch) {
    return (vic_real *)scratch + surrounded_count(f, batch);
}

static vic_real *own_scratch(const vic_function *f, size_t batch, void *scratch) {
    return turned_weights(f, batch, scratch) + f->parameter[0].count;
}

/* ---- surrounding planes with zeros ---- */

static void clear(vic_real *from, const vic_real *to) {
    memset(from, 0, (size_t)(to - from) * sizeof *from);
}

/* to (planes `outer`) = from (planes `inner`) with its corner at (shift, shift) and `stride` between its
 * pixels, zero elsewhere. What falls outside is left out. */
static void surround(vic_planes inner, vic_planes outer, size_t shift, size_t stride, size_t batch,
                     const vic_real *from, vic_real *to) {
    vic_real *done = to, *end = to + size_of(outer) * batch;
    for (size_t c = 0; c < inner.channels; c++)
        for (size_t y = 0; y < inner.rows; y++) {
            const vic_real *row = from + (c * inner.rows + y) * inner.columns * batch;
            vic_real *into = to + ((c * outer.rows + shift + y * stride) * outer.columns + shift) * batch;
            size_t pixels = stride == 1 ? inner.columns : 1;
            for (size_t x = 0; x < inner.columns; x += pixels, into += stride * batch) {
                clear(done, into);
                memcpy(into, row + x * batch, pixels * batch * sizeof *to);
                done = into + pixels * batch;
            }
        }
    clear(done, end);
}

static const vic_real *with_padding(const vic_function *f, size_t batch, const void *in, void *scratch) {
    size_t padding = f->option[PADDING];
    vic_planes inner = planes_of(f->in);
    if (padding == 0)
        return in;
    surround(inner, padded(inner, padding), padding, 1, batch, in, scratch);
    return scratch;
}

/* As vic_convolve, in the faster way; `scratch` is own_scratch. */
static void convolve(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                     const vic_real *in, vic_real *out, vic_real *scratch) {
    if (VIC_NAME(vic_winograd_suits)(v))
        VIC_NAME(vic_winograd_convolve)(v, weight, bias, in, out, scratch);
    else
        VIC_NAME(vic_convolve)(v, weight, bias, in, out);
}

static void forward(const vic_function *f, size_t batch, const void *const *theta, const void *in, void *out,
                    void *scratch) {
    vic_convolution v = convolution_of(f, batch);
    const vic_real *bias = f->n_parameters == 2 ? theta[1] : NULL;
    convolve(&v, theta[0], bias, with_padding(f, batch, in, scratch), out, own_scratch(f, batch, scratch));
}

/* W * (in + change) + b - (W * in + b) = W * change. */
static void change(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                   const void *out, const void *change_in, void *change_out, void *scratch) {
    (void)in, (void)out;
    vic_convolution v = convolution_of(f, batch);
    convolve(&v, theta[0], NULL, with_padding(f, batch, change_in, scratch), change_out,
             own_scratch(f, batch, scratch));
}

/* to (in, out, kernel, kernel) = from (out, in, kernel, kernel) with both kernel axes reversed. */
static void turn_round(const vic_function *f, const vic_real *from, vic_real *to) {
    size_t outs = f->out.dim[0], ins = f->in.dim[0], square = f->option[KERNEL] * f->option[KERNEL];
    for (size_t o = 0; o < outs; o++)
        for (size_t c = 0; c < ins; c++)
            for (size_t k = 0; k < square; k++)
                to[(c * outs + o) * square + square - 1 - k] = from[(o * ins + c) * square + k];
}

static void vjp(const vic_function *f, size_t batch, const void *const *theta, const void *in,
                const void *out, const void *error_out, void *error_in, void *scratch) {
    (void)in, (void)out;
    vic_convolution v = transposed(f, batch);
    vic_real *spread = scratch, *turned = turned_weights(f, batch, scratch);
    size_t shift = f->option[KERNEL] - 1 - f->option[PADDING];
    surround(planes_of(f->out), v.in, shift, f->option[STRIDE], batch, error_out, spread);
    turn_round(f, theta[0], turned);
    convolve(&v, turned, NULL, spread, error_in, own_scratch(f, batch, scratch));
}

/* As vic_correlate, likewise. */
static void correlate(const vic_convolution *v, const vic_real *error, const vic_real *in, bool add,
                      vic_real *weight, vic_real *scratch) {
    if (VIC_NAME(vic_winograd_suits)(v))
        VIC_NAME(vic_winograd_correlate)(v, error, in, add, weight, scratch);
    else
        VIC_NAME(vic_correlate)(v, error, in, add, weight);
}

static void gradient(const vic_function *f, size_t batch, const void *in, const void *error_out,
                     void *const *gradient, bool add, void *scratch) {
    vic_convolution v = convolution_of(f, batch);
    correlate(&v, error_out, with_padding(f, batch, in, scratch), add, gradient[0],
              own_scratch(f, batch, scratch));
    if (f->n_parameters < 2)
        return;
    size_t plane = v.out.rows * v.out.columns * batch;
    const vic_real *error = error_out;
    vic_real *bias = gradient[1];
    for (size_t o = 0; o < v.out.channels; o++)
        bias[o] = (add ? bias[o] : 0) + vic_lanes_sum(plane, error + o * plane);
}

const vic_function_kind VIC_NAME(vic_conv2d);
const vic_function_kind VIC_NAME(vic_conv2d) = {
    .name = "conv2d",
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .help = "conv2d: {out: N, kernel: K, stride: 1, padding: 0, bias: true}; weights (out, in, K, K)",
    .place = place,
    .operations = operations,
    .is_affine = true,
    .scratch_count = scratch_count,
    .working_set = working_set,
    .forward = forward,
    .change = change,
    .vjp = vjp,
    .gradient = gradient,
};
