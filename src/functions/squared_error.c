/* squared error, as torch.nn.MSELoss: the mean is over all batch x output elements. */
#include "functions.h"
#include "real.h"

static double evaluate(size_t outputs, size_t batch, vic_reduction reduction, const void *prediction,
                       const void *target, void *error) {
    const vic_real *x = prediction, *t = target;
    vic_real *eps = error;
    size_t n = outputs * batch;
    double scale = reduction == VIC_MEAN ? 1 / (double)n : 1;
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = (double)x[i] - (double)t[i];
        loss += difference * difference;
        if (eps != NULL)
            eps[i] = (vic_real)(2 * scale * difference);
    }
    return loss * scale;
}

const vic_loss_kind VIC_NAME(vic_squared_error);
const vic_loss_kind VIC_NAME(vic_squared_error) = {
    .name = "squared-error",
    .target_type = VIC_TARGET_VALUES,
    .evaluate = evaluate,
};
