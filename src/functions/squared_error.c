/* squared error, as torch.nn.MSELoss: the mean is over all batch x output elements. */
#include "functions.h"
#include "ranges.h"
#include "real.h"

typedef struct evaluation {
    double scale;
    const vic_real *x, *target;
    vic_real *eps; /* or NULL */
} evaluation;

static double squares_of_range(const void *context, size_t first, size_t n) {
    const evaluation *e = context;
    double loss = 0;
    for (size_t i = first; i < first + n; i++) {
        double difference = (double)e->x[i] - (double)e->target[i];
        loss += difference * difference;
        if (e->eps)
            e->eps[i] = (vic_real)(2 * e->scale * difference);
    }
    return loss;
}

static double evaluate(size_t outputs, size_t batch, vic_reduction reduction, const void *prediction,
                       const void *target, void *error) {
    size_t n = outputs * batch;
    evaluation e = {reduction == VIC_MEAN ? 1 / (double)n : 1, prediction, target, error};
    return e.scale * vic_sum_ranges(n, squares_of_range, &e);
}

static double curvature(size_t outputs, size_t batch, vic_reduction reduction) {
    return 2 * (reduction == VIC_MEAN ? 1 / (double)(outputs * batch) : 1);
}

const vic_loss_kind VIC_NAME(vic_squared_error);
const vic_loss_kind VIC_NAME(vic_squared_error) = {
    .name = "squared-error",
    .target_type = VIC_TARGET_VALUES,
    .evaluate = evaluate,
    .curvature = curvature,
};
