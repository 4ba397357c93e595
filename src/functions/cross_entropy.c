/* cross-entropy of class indices with log-softmax inside, as torch.nn.CrossEntropyLoss. Computed in float64
 * in either precision: there are few outputs, and the loss starts every error. */
#include "functions.h"
#include "real.h"

/* log(sum_c exp(x_c)) of one sample in two terms, whose sum would cost large predictions their digits. */
typedef struct log_sum {
    double largest, rest;
} log_sum;

/* The outputs of a sample lie `batch` numbers apart. */
static log_sum log_sum_exp(size_t outputs, size_t batch, const vic_real *x) {
    double largest = x[0];
    for (size_t c = 1; c < outputs; c++)
        largest = x[c * batch] > largest ? x[c * batch] : largest;
    double sum = 0;
    for (size_t c = 0; c < outputs; c++)
        sum += exp(x[c * batch] - largest);
    return (log_sum){largest, log(sum)};
}

static double evaluate(size_t outputs, size_t batch, vic_reduction reduction, const void *prediction,
                       const void *target, void *error) {
    const vic_real *x = prediction;
    const int64_t *classes = target;
    vic_real *eps = error;
    double scale = reduction == VIC_MEAN ? 1 / (double)batch : 1;
    double loss = 0;
    for (size_t b = 0; b < batch; b++) {
        log_sum all = log_sum_exp(outputs, batch, x + b);
        size_t right = (size_t)classes[b];
        loss += all.largest - x[right * batch + b] + all.rest;
        if (eps == NULL)
            continue;
        for (size_t c = 0; c < outputs; c++)
            eps[c * batch + b] =
                (vic_real)(scale * (exp(x[c * batch + b] - all.largest - all.rest) - (c == right)));
    }
    return loss * scale;
}

const vic_loss_kind VIC_NAME(vic_cross_entropy);
const vic_loss_kind VIC_NAME(vic_cross_entropy) = {
    .name = "cross-entropy",
    .target_type = VIC_TARGET_CLASSES,
    .evaluate = evaluate,
};
