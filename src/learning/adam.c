/* Adam: D. P. Kingma, J. Ba, ICLR 2015, algorithm 1, with the order of operations of torch.optim.Adam. */
#include "learning.h"

#include "functions/real.h"

enum { RATE, BETA1, BETA2, EPSILON };

static const vic_setting settings[] = {
    {.name = "rate", .fallback = 0.001, .lowest = 0, .below = INFINITY, .may_change = true},
    {.name = "beta1", .fallback = 0.9, .lowest = 0, .below = 1},
    {.name = "beta2", .fallback = 0.999, .lowest = 0, .below = 1},
    /* At 0, a gradient that is 0 would make 0/0. */
    {.name = "epsilon", .fallback = 1e-8, .lowest = 0, .below = INFINITY, .open = true},
};

static void update(const double *setting, uint64_t step, size_t n, const void *gradient, void *const *moments,
                   void *theta) {
    const vic_real *g = gradient;
    vic_real *first = moments[0], *second = moments[1], *p = theta;
    const vic_real beta1 = (vic_real)setting[BETA1], fresh1 = (vic_real)(1 - setting[BETA1]);
    const vic_real beta2 = (vic_real)setting[BETA2], fresh2 = (vic_real)(1 - setting[BETA2]);
    const vic_real epsilon = (vic_real)setting[EPSILON];
    const vic_real stride = (vic_real)(setting[RATE] / (1 - pow(setting[BETA1], (double)step)));
    const vic_real spread = (vic_real)sqrt(1 - pow(setting[BETA2], (double)step));
    for (size_t i = 0; i < n; i++) {
        first[i] = beta1 * first[i] + fresh1 * g[i];
        second[i] = beta2 * second[i] + fresh2 * g[i] * g[i];
        p[i] -= stride * first[i] / (VIC_SQRT(second[i]) / spread + epsilon);
    }
}

const vic_optimizer_kind VIC_NAME(vic_adam);
const vic_optimizer_kind VIC_NAME(vic_adam) = {
    .name = "adam",
    .settings = settings,
    .n_settings = sizeof settings / sizeof settings[0],
    .help = "adam: {rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8}",
    .inertia = BETA1,
    .n_moments = 2,
    .moment_names = {"first_moment", "second_moment"},
    .update = update,
};
