#include "slow_functions.h"

#include <check.h>
#include <math.h>
#include <string.h>

/* ---- linear: option 0 is `out` ---- */

static void linear_forward(const vic_function *f, double *const *theta, const double *x, double *y) {
    size_t in = f->in.dim[0];
    for (size_t o = 0; o < f->option[0]; o++) {
        y[o] = f->n_parameters == 2 ? theta[1][o] : 0;
        for (size_t i = 0; i < in; i++)
            y[o] += theta[0][o * in + i] * x[i];
    }
}

static void linear_back(const vic_function *f, double *const *theta, const double *x, const double *y,
                        const double *e, double *below, double *const *gradient) {
    (void)y;
    size_t in = f->in.dim[0];
    for (size_t i = 0; i < in; i++)
        below[i] = 0;
    for (size_t o = 0; o < f->option[0]; o++) {
        for (size_t i = 0; i < in; i++) {
            below[i] += theta[0][o * in + i] * e[o];
            gradient[0][o * in + i] += e[o] * x[i];
        }
        if (f->n_parameters == 2)
            gradient[1][o] += e[o];
    }
}

/* ---- elementwise: value, and slope from input and value ---- */

static double relu(double x) {
    return x > 0 ? x : 0;
}

static double relu_slope(double x) {
    return x > 0 ? 1 : 0;
}

static double tanh_slope(double x) {
    return 1 / (cosh(x) * cosh(x));
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static double sigmoid_slope(double x) {
    return exp(-x) / ((1 + exp(-x)) * (1 + exp(-x)));
}

static double same(double x) {
    return x;
}

static double one(double x) {
    (void)x;
    return 1;
}

#define ELEMENTWISE(name, value, slope)                                                                      \
    static void name##_forward(const vic_function *f, double *const *theta, const double *x, double *y) {    \
        (void)theta;                                                                                         \
        for (size_t i = 0; i < vic_shape_count(f->in); i++)                                                  \
            y[i] = value(x[i]);                                                                              \
    }                                                                                                        \
    static void name##_back(const vic_function *f, double *const *theta, const double *x, const double *y,   \
                            const double *e, double *below, double *const *gradient) {                       \
        (void)theta, (void)y, (void)gradient;                                                                \
        for (size_t i = 0; i < vic_shape_count(f->in); i++)                                                  \
            below[i] = e[i] * slope(x[i]);                                                                   \
    }

ELEMENTWISE(relu, relu, relu_slope)
ELEMENTWISE(tanh, tanh, tanh_slope)
ELEMENTWISE(sigmoid, sigmoid, sigmoid_slope)
ELEMENTWISE(flatten, same, one)

/* ---- conv2d: options out, kernel, stride, padding, bias ---- */

typedef void visit_tap(size_t weight, size_t in, size_t out, void *context);

/* Visits every (weight, input, output) that meet; what lies in the padding is passed over. */
static void for_each_tap(const vic_function *f, visit_tap *visit, void *context) {
    size_t kernel = f->option[1], stride = f->option[2], padding = f->option[3];
    size_t channels = f->in.dim[0], rows = f->in.dim[1], columns = f->in.dim[2];
    size_t weights = f->option[0] * channels * kernel * kernel, pixels = f->out.dim[1] * f->out.dim[2];
    for (size_t w = 0; w < weights; w++) {
        size_t j = w % kernel, i = w / kernel % kernel, c = w / (kernel * kernel) % channels;
        size_t o = w / (kernel * kernel * channels);
        for (size_t p = 0; p < pixels; p++) {
            size_t row = p / f->out.dim[2] * stride + i, column = p % f->out.dim[2] * stride + j;
            if (row < padding || row - padding >= rows || column < padding || column - padding >= columns)
                continue;
            visit(w, (c * rows + row - padding) * columns + column - padding, o * pixels + p, context);
        }
    }
}

typedef struct convolution {
    const double *weight, *x, *e;
    double *y, *below, *gradient;
} convolution;

static void add_product(size_t w, size_t in, size_t out, void *context) {
    convolution *c = context;
    c->y[out] += c->weight[w] * c->x[in];
}

static void add_back(size_t w, size_t in, size_t out, void *context) {
    convolution *c = context;
    c->below[in] += c->weight[w] * c->e[out];
    c->gradient[w] += c->x[in] * c->e[out];
}

static void conv2d_forward(const vic_function *f, double *const *theta, const double *x, double *y) {
    size_t pixels = f->out.dim[1] * f->out.dim[2];
    for (size_t k = 0; k < vic_shape_count(f->out); k++)
        y[k] = f->n_parameters == 2 ? theta[1][k / pixels] : 0;
    for_each_tap(f, add_product, &(convolution){.weight = theta[0], .x = x, .y = y});
}

static void conv2d_back(const vic_function *f, double *const *theta, const double *x, const double *y,
                        const double *e, double *below, double *const *gradient) {
    (void)y;
    size_t pixels = f->out.dim[1] * f->out.dim[2];
    for (size_t i = 0; i < vic_shape_count(f->in); i++)
        below[i] = 0;
    for_each_tap(f, add_back,
                 &(convolution){.weight = theta[0], .x = x, .e = e, .below = below, .gradient = gradient[0]});
    for (size_t k = 0; f->n_parameters == 2 && k < vic_shape_count(f->out); k++)
        gradient[1][k / pixels] += e[k];
}

/* ---- maxpool2d: option kernel ---- */

/* Where the first largest input of the square of output pixel `out` is. */
static size_t place_of_largest(const vic_function *f, const double *x, size_t out) {
    size_t kernel = f->option[0], columns = f->in.dim[2], width = f->out.dim[2];
    size_t channel = out / (f->out.dim[1] * width), row = out / width % f->out.dim[1] * kernel;
    size_t corner = (channel * f->in.dim[1] + row) * columns + out % width * kernel, best = corner;
    for (size_t i = 0; i < kernel; i++)
        for (size_t j = 0; j < kernel; j++)
            if (x[corner + i * columns + j] > x[best])
                best = corner + i * columns + j;
    return best;
}

static void maxpool2d_forward(const vic_function *f, double *const *theta, const double *x, double *y) {
    (void)theta;
    for (size_t k = 0; k < vic_shape_count(f->out); k++)
        y[k] = x[place_of_largest(f, x, k)];
}

static void maxpool2d_back(const vic_function *f, double *const *theta, const double *x, const double *y,
                           const double *e, double *below, double *const *gradient) {
    (void)theta, (void)y, (void)gradient;
    for (size_t i = 0; i < vic_shape_count(f->in); i++)
        below[i] = 0;
    for (size_t k = 0; k < vic_shape_count(f->out); k++)
        below[place_of_largest(f, x, k)] += e[k];
}

#define ROW(name)                                                                                            \
    { #name, name##_forward, name##_back }

const slow_function *slow_function_find(const char *name) {
    static const slow_function all[] = {
        ROW(linear), ROW(relu), ROW(tanh), ROW(sigmoid), ROW(flatten), ROW(conv2d), ROW(maxpool2d),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    ck_abort_msg("tests/support/slow_functions.c has no slow version of the function \"%s\"", name);
    return NULL;
}

/* ---- losses ---- */

static double cross_entropy(size_t outputs, const double *x, int64_t class, double *error) {
    double sum = 0;
    for (size_t k = 0; k < outputs; k++)
        sum += exp(x[k]);
    for (size_t k = 0; k < outputs; k++)
        error[k] = exp(x[k]) / sum - ((int64_t)k == class);
    return log(sum) - x[class];
}

static double squared_error(size_t outputs, const double *x, const double *target, double *error) {
    double sum = 0;
    for (size_t k = 0; k < outputs; k++) {
        sum += (x[k] - target[k]) * (x[k] - target[k]);
        error[k] = 2 * (x[k] - target[k]);
    }
    return sum;
}

double slow_loss(const char *name, vic_reduction reduction, size_t batch, size_t outputs,
                 const double *prediction, const int64_t *classes, const double *values, double *error) {
    bool entropy = strcmp(name, "cross-entropy") == 0;
    double sum = 0, share = (double)(entropy ? batch : batch * outputs);
    ck_assert_msg(entropy || strcmp(name, "squared-error") == 0, "no slow version of the loss \"%s\"", name);
    for (size_t b = 0; b < batch; b++) {
        const double *x = prediction + b * outputs;
        double *e = error + b * outputs;
        sum += entropy ? cross_entropy(outputs, x, classes[b], e)
                       : squared_error(outputs, x, values + b * outputs, e);
    }
    for (size_t i = 0; reduction == VIC_MEAN && i < batch * outputs; i++)
        error[i] /= share;
    return reduction == VIC_MEAN ? sum / share : sum;
}
