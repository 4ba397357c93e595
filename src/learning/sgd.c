/* SGD with momentum, as torch.optim.SGD (no dampening, no Nesterov): m <- momentum m + g, theta <- theta -
 * rate m. */
#include "learning.h"

#include "functions/real.h"

enum { RATE, MOMENTUM };

static const vic_setting settings[] = {
    {.name = "rate", .fallback = 0.01, .lowest = 0, .below = INFINITY, .may_change = true},
    {.name = "momentum", .fallback = 0, .lowest = 0, .below = 1},
};

static void prepare(const double *setting, uint64_t step, double *factor) {
    (void)step;
    factor[RATE] = setting[RATE];
    factor[MOMENTUM] = setting[MOMENTUM];
}

static bool update(const double *factor, size_t n, const void *gradient, void *const *moments, void *theta) {
    const vic_real *g = gradient, rate = (vic_real)factor[RATE], momentum = (vic_real)factor[MOMENTUM];
    vic_real *m = moments[0], *p = theta;
    vic_real_pattern found = 0;
    for (size_t i = 0; i < n; i++) {
        vic_real moment = momentum * m[i] + g[i], t = p[i] - rate * moment;
        found |= vic_nonfinite(t); /* as it is where the moment is not finite, also at a rate of 0 */
        m[i] = moment;
        p[i] = t;
    }
    return vic_is_all_finite(found);
}

const vic_optimizer_kind VIC_NAME(vic_sgd);
const vic_optimizer_kind VIC_NAME(vic_sgd) = {
    .name = "sgd",
    .settings = settings,
    .n_settings = sizeof settings / sizeof settings[0],
    .help = "sgd: {rate: 0.01, momentum: 0}",
    .inertia = MOMENTUM,
    .n_moments = 1,
    .moment_names = {"momentum"},
    .prepare = prepare,
    .update = update,
};
