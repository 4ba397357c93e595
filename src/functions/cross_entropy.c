/* cross-entropy of class indices with log-softmax inside, as torch.nn.CrossEntropyLoss. Computed in float64
 * in either precision: there are few outputs, and the loss starts every error. */
#include "exponential.h"
#include "functions.h"
#include "ranges.h"

enum {
    SIDE = 32,      /* samples side by side, which the loops below take in vectors */
    OF_TASK = 2048, /* exponentials; some microseconds */
};

/* For each of `n` samples log(sum_c exp(x_c)) in two terms, whose sum would cost large predictions their
 * digits. */
typedef struct log_sums {
    double largest[SIDE], rest[SIDE];
} log_sums;

/* The outputs of a sample lie `batch` numbers apart. */
static void log_sum_exp(size_t outputs, size_t batch, size_t n, const vic_real *x, log_sums *all) {
    double *largest = all->largest, *rest = all->rest, sum[SIDE] = {0};
    for (size_t b = 0; b < n; b++)
        largest[b] = x[b];
    for (size_t c = 1; c < outputs; c++)
        for (size_t b = 0; b < n; b++)
            largest[b] = x[c * batch + b] > largest[b] ? x[c * batch + b] : largest[b];
    for (size_t c = 0; c < outputs; c++)
        for (size_t b = 0; b < n; b++)
            sum[b] += vic_exp(x[c * batch + b] - largest[b]);
    for (size_t b = 0; b < n; b++)
        rest[b] = log(sum[b]);
}

/* eps_c = scale (softmax_c - [c is the class]). */
static void fill_error(size_t outputs, size_t batch, size_t n, double scale, const vic_real *x,
                       const log_sums *all, const int64_t *classes, vic_real *eps) {
    for (size_t c = 0; c < outputs; c++)
        for (size_t b = 0; b < n; b++) {
            double softmax = vic_exp(x[c * batch + b] - all->largest[b] - all->rest[b]);
            eps[c * batch + b] = (vic_real)(scale * (softmax - (classes[b] == (int64_t)c)));
        }
}

typedef struct evaluation {
    size_t outputs, batch;
    double scale;
    const vic_real *x;
    const int64_t *classes;
    vic_real *eps; /* or NULL */
} evaluation;

/* Of the samples first .. first + n - 1, n <= SIDE. */
static double loss_of_side(const evaluation *e, size_t first, size_t n) {
    const vic_real *x = e->x + first;
    double loss = 0;
    log_sums all;
    log_sum_exp(e->outputs, e->batch, n, x, &all);
    for (size_t b = 0; b < n; b++)
        loss += all.largest[b] - x[(size_t)e->classes[first + b] * e->batch + b] + all.rest[b];
    if (e->eps)
        fill_error(e->outputs, e->batch, n, e->scale, x, &all, e->classes + first, e->eps + first);
    return loss;
}

static double loss_of_samples(const void *context, size_t first, size_t n) {
    double loss = 0;
    for (size_t end = first + n; first < end; first += SIDE)
        loss += loss_of_side(context, first, end - first < SIDE ? end - first : SIDE);
    return loss;
}

static double evaluate(size_t outputs, size_t batch, vic_reduction reduction, const void *prediction,
                       const void *target, void *error) {
    evaluation e = {outputs, batch, reduction == VIC_MEAN ? 1 / (double)batch : 1, prediction, target, error};
    size_t sides = OF_TASK / (2 * SIDE) / outputs + 1;
    return e.scale * vic_sum_parts(batch, SIDE * sides, loss_of_samples, &e);
}

/* Of diag(p) - p p^T, the softmax p: at most 1/2. */
static double curvature(size_t outputs, size_t batch, vic_reduction reduction) {
    (void)outputs;
    return 0.5 * (reduction == VIC_MEAN ? 1 / (double)batch : 1);
}

const vic_loss_kind VIC_NAME(vic_cross_entropy);
const vic_loss_kind VIC_NAME(vic_cross_entropy) = {
    .name = "cross-entropy",
    .target_type = VIC_TARGET_CLASSES,
    .evaluate = evaluate,
    .curvature = curvature,
};
