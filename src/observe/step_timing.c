#include "step_timing.h"

#include <math.h>
#include <stdlib.h>

struct vic_step_timing {
    bool began;
    vic_status status;
    size_t n;
    vic_step_times *steps;
};

vic_status vic_step_timing_create(vic_step_timing **timing) {
    return vic_allocate(1, sizeof **timing, timing);
}

void vic_step_timing_destroy(vic_step_timing **timing) {
    if (*timing == NULL)
        return;
    vic_release(&(*timing)->steps);
    vic_release(timing);
}

void vic_step_timing_add(vic_step_timing *t, const vic_step_times *times) {
    if (t->began && t->status == VIC_OK)
        t->status = vic_grow(&t->steps, t->n, sizeof *t->steps);
    if (t->began && t->status == VIC_OK)
        t->steps[t->n++] = *times;
    t->began = true;
}

static double whole_of(const vic_step_times *times) {
    double sum = 0;
    for (int part = 0; part < VIC_STEP_PARTS; part++)
        sum += times->part[part];
    return sum;
}

/* steps[0..n-1] are those of the first rank, the other ranks' follow: the slowest of each takes its place. */
static void keep_slowest(vic_step_times *steps, size_t n, int ranks) {
    for (size_t i = n; i < n * (size_t)ranks; i++)
        if (whole_of(&steps[i]) > whole_of(&steps[i % n]))
            steps[i % n] = steps[i];
}

static int ascending(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* values: n of them, ascending. */
static double quantile(const double *values, size_t n, double share) {
    if (n == 0)
        return NAN;
    double place = share * (double)(n - 1);
    size_t below = (size_t)place, above = below + 1 < n ? below + 1 : below;
    return values[below] + (place - (double)below) * (values[above] - values[below]);
}

static vic_step_spread spread_of(double *values, size_t n) {
    vic_step_spread spread = {0};
    for (size_t i = 0; i < n; i++)
        spread.total += values[i];
    qsort(values, n, sizeof *values, ascending);
    spread.least = quantile(values, n, 0);
    spread.lower_quartile = quantile(values, n, 0.25);
    spread.median = quantile(values, n, 0.5);
    spread.upper_quartile = quantile(values, n, 0.75);
    return spread;
}

static vic_status summarize(vic_step_times *steps, size_t n, int ranks, vic_step_summary *summary) {
    double *values;
    VIC_TRY(vic_allocate(n, sizeof *values, &values));
    keep_slowest(steps, n, ranks);
    summary->steps = n;
    for (size_t i = 0; i < n; i++)
        values[i] = whole_of(&steps[i]);
    summary->whole = spread_of(values, n);
    for (int part = 0; part < VIC_STEP_PARTS; part++) {
        for (size_t i = 0; i < n; i++)
            values[i] = steps[i].part[part];
        summary->part[part] = spread_of(values, n);
    }
    vic_release(&values);
    return VIC_OK;
}

vic_status vic_step_timing_summarize(const vic_step_timing *t, vic_group *group, vic_step_summary *summary) {
    vic_step_times *all;
    size_t bytes;
    VIC_TRY(vic_group_agree_on_status(group, t->status));
    VIC_TRY(vic_group_gather(group, t->steps, t->n * sizeof *t->steps, &all, &bytes));
    vic_status status = VIC_OK;
    if (vic_group_rank(group) == 0)
        status = summarize(all, t->n, vic_group_size(group), summary);
    vic_release(&all);
    return vic_group_agree_on_status(group, status);
}
