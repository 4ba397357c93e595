/* SGD with momentum, as torch.optim.SGD (no dampening, no Nesterov): m <- momentum m + g, theta <- theta -
 * rate m. */
#include "learning.h"

#include "functions/real.h"

enum { RATE, MOMENTUM };

static const vic_setting settings[] = {
    {.name = "rate", .fallback = 0.01, .lowest = 0, .below = INFINITY, .may_change = true},
    {.name = "momentum", .fallback = 0, .lowest = 0, .below = 1},
};

static void update(const double *setting, uint64_t step, size_t n, const void *gradient, void *const *moments,
                   void *theta) {
    (void)step;
    const vic_real *g = gradient, rate = (vic_real)setting[RATE], momentum = (vic_real)setting[MOMENTUM];
    vic_real *m = moments[0], *p = theta;
    for (size_t i = 0; i < n; i++) {
        m[i] = momentum * m[i] + g[i];
        p[i] -= rate * m[i];
    }
}

const vic_optimizer_kind VIC_NAME(vic_sgd);
const vic_optimizer_kind VIC_NAME(vic_sgd) = {
    .name = "sgd",
    .settings = settings,
    .n_settings = sizeof settings / sizeof settings[0],
    .help = "sgd: {rate: 0.01, momentum: 0}",
    .inertia = MOMENTUM,
    .n_moments = 1,
    .theta_shows_nonfinite = true,
    .moment_names = {"momentum"},
    .update = update,
};
