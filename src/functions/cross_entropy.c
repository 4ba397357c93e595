/* cross-entropy of class indices with log-softmax inside, as torch.nn.CrossEntropyLoss. Computed in float64
 * in either precision: there are few outputs, and the loss starts every error. */
#include "exponential.h"
#include "functions.h"

/* Samples side by side, which the loops below take in vectors. */
enum { SIDE = 32 };

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

static double evaluate(size_t outputs, size_t batch, vic_reduction reduction, const void *prediction,
                       const void *target, void *error) {
    const vic_real *x = prediction;
    const int64_t *classes = target;
    vic_real *eps = error;
    double scale = reduction == VIC_MEAN ? 1 / (double)batch : 1;
    double loss = 0;
    for (size_t first = 0, n; first < batch; first += n) {
        log_sums all;
        n = batch - first < SIDE ? batch - first : SIDE;
        log_sum_exp(outputs, batch, n, x + first, &all);
        for (size_t b = 0; b < n; b++)
            loss += all.largest[b] - x[(size_t)classes[first + b] * batch + first + b] + all.rest[b];
        if (eps)
            fill_error(outputs, batch, n, scale, x + first, &all, classes + first, eps + first);
    }
    return loss * scale;
}

const vic_loss_kind VIC_NAME(vic_cross_entropy);
const vic_loss_kind VIC_NAME(vic_cross_entropy) = {
    .name = "cross-entropy",
    .target_type = VIC_TARGET_CLASSES,
    .evaluate = evaluate,
};
