/* Errors weighted by the precision of their population: w = P eps is what error arrays hold. */
#include "inference.h"

#include <math.h>

static const vic_error_weight *weight_of(const vic_inference *x, const vic_population *p) {
    const vic_error_weight *all = x->options.error_weights;
    return all && all[p->id].count > 0 && vic_is_hidden(p) ? &all[p->id] : NULL;
}

double vic_scalar_error_weight(const vic_inference_options *options, int population) {
    const vic_error_weight *all = options->error_weights;
    if (all == NULL || all[population].count == 0)
        return 1;
    return all[population].count == 1 ? all[population].values[0] : NAN;
}

/* Rows of an array that share one P: all of them, or one each. */
typedef struct rows {
    size_t n, length; /* rows, numbers in a row */
    const double *values;
} rows;

static rows rows_of(const vic_inference *x, const vic_population *p, size_t samples) {
    static const double one = 1;
    const vic_error_weight *precision = weight_of(x, p);
    if (precision == NULL)
        return (rows){1, p->count * samples, &one};
    return (rows){precision->count, p->count * samples / precision->count, precision->values};
}

static char *row(const vic_inference *x, rows r, size_t i, const void *array) {
    return (char *)array + i * r.length * vic_precision_bytes(x->network->precision);
}

void vic_mix_weighted(const vic_inference *x, const vic_population *p, double eta, const void *from,
                      void *to) {
    rows r = rows_of(x, p, x->batch);
    if (vic_population_count_cost(p, VIC_TASK_MIX, x->batch))
        return;
    for (size_t i = 0; i < r.n; i++) {
        double rate = eta * r.values[i];
        x->arithmetic->mix(r.length, 1 - rate, rate, row(x, r, i, from), row(x, r, i, to));
    }
}

static void scale(const vic_inference *x, const vic_population *p, bool by_inverse, void *array) {
    rows r = rows_of(x, p, x->batch);
    if (weight_of(x, p) == NULL || vic_population_count_cost(p, VIC_TASK_MIX, x->batch))
        return;
    for (size_t i = 0; i < r.n; i++)
        x->arithmetic->mix(r.length, by_inverse ? 1 / r.values[i] : r.values[i], 0, row(x, r, i, array),
                           row(x, r, i, array));
}

void vic_weigh(const vic_inference *x, const vic_population *p, void *errors) {
    scale(x, p, false, errors);
}

void vic_unweigh(const vic_inference *x, const vic_population *p, void *errors) {
    scale(x, p, true, errors);
}

/* 1/2 eps^T P eps = 1/2 w^T P^-1 w */
static double energy_of(const vic_inference *x, const vic_population *p, vic_sample_range microbatch) {
    const void *errors = vic_microbatch_at(x->network->precision, p->count, p->error, microbatch);
    rows r = rows_of(x, p, microbatch.samples);
    double energy = 0;
    if (vic_population_count_cost(p, VIC_TASK_SUM, microbatch.samples))
        return 0;
    for (size_t i = 0; i < r.n; i++)
        energy += 0.5 * x->arithmetic->sum_of_squares(r.length, row(x, r, i, errors)) / r.values[i];
    return energy;
}

double vic_weighted_energy(const vic_inference *x, const vic_population *p) {
    double energy = 0;
    for (int k = 0; k < x->n_microbatches; k++)
        energy += energy_of(x, p, vic_nth_microbatch(x->batch, x->n_microbatches, k));
    return energy;
}
