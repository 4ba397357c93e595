/* Adam: D. P. Kingma, J. Ba, ICLR 2015, algorithm 1, with the order of operations of torch.optim.Adam. */
#include "learning.h"

#include "functions/real.h"

enum { RATE, BETA1, BETA2, EPSILON };

/* Factors. STRIDE is the rate over the first moment's bias correction, SPREAD one over the root of the
 * second's: a root and a division are left for each number. */
enum { KEPT1, FRESH1, KEPT2, FRESH2, STRIDE, SPREAD, LEAST };

static const vic_setting settings[] = {
    {.name = "rate", .fallback = 0.001, .lowest = 0, .below = INFINITY, .may_change = true},
    {.name = "beta1", .fallback = 0.9, .lowest = 0, .below = 1},
    {.name = "beta2", .fallback = 0.999, .lowest = 0, .below = 1},
    /* At 0, a gradient that is 0 would make 0/0. */
    {.name = "epsilon", .fallback = 1e-8, .lowest = 0, .below = INFINITY, .open = true},
};

static void prepare(const double *setting, uint64_t step, double *factor) {
    factor[KEPT1] = setting[BETA1];
    factor[FRESH1] = 1 - setting[BETA1];
    factor[KEPT2] = setting[BETA2];
    factor[FRESH2] = 1 - setting[BETA2];
    factor[STRIDE] = setting[RATE] / (1 - pow(setting[BETA1], (double)step));
    factor[SPREAD] = 1 / sqrt(1 - pow(setting[BETA2], (double)step));
    factor[LEAST] = setting[EPSILON];
}

static bool update(const double *factor, size_t n, const void *gradient, void *const *moments, void *theta) {
    const vic_real *g = gradient;
    vic_real *first = moments[0], *second = moments[1], *p = theta;
    const vic_real kept1 = (vic_real)factor[KEPT1], fresh1 = (vic_real)factor[FRESH1];
    const vic_real kept2 = (vic_real)factor[KEPT2], fresh2 = (vic_real)factor[FRESH2];
    const vic_real stride = (vic_real)factor[STRIDE], spread = (vic_real)factor[SPREAD];
    const vic_real least = (vic_real)factor[LEAST];
    vic_real_pattern found = 0;
    for (size_t i = 0; i < n; i++) {
        vic_real m = kept1 * first[i] + fresh1 * g[i];
        vic_real v = kept2 * second[i] + fresh2 * g[i] * g[i];
        vic_real t = p[i] - stride * m / (VIC_SQRT(v) * spread + least);
        /* An m that is not finite makes t so, too; an infinite v stops t from changing. */
        found |= vic_nonfinite(v) | vic_nonfinite(t);
        first[i] = m;
        second[i] = v;
        p[i] = t;
    }
    return vic_is_all_finite(found);
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
    .prepare = prepare,
    .update = update,
};
