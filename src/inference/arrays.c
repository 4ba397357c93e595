/* Arithmetic on a population's own arrays, and the account of it. */
#include "inference.h"

#include <string.h>

static size_t numbers_of(const vic_inference *x, const vic_population *p) {
    return p->count * x->batch;
}

static size_t bytes_of(const vic_inference *x, const vic_population *p) {
    return numbers_of(x, p) * vic_precision_bytes(x->network->precision);
}

void *vic_copy(const vic_inference *x, const vic_population *p, const void *from, void *to) {
    if (!vic_population_count_cost(p, VIC_TASK_COPY, x->batch))
        x->arithmetic->mix(numbers_of(x, p), 0, 1, from, to);
    return to;
}

void vic_clear(const vic_inference *x, const vic_population *p, void *array) {
    if (!vic_population_count_cost(p, VIC_TASK_CLEAR, x->batch))
        memset(array, 0, bytes_of(x, p));
}

void vic_add(const vic_inference *x, const vic_population *p, const void *a, const void *b, void *out) {
    if (!vic_population_count_cost(p, VIC_TASK_ADD, x->batch))
        x->arithmetic->add(numbers_of(x, p), a, b, out);
}

void vic_subtract(const vic_inference *x, const vic_population *p, const void *a, const void *b, void *out) {
    if (!vic_population_count_cost(p, VIC_TASK_SUBTRACT, x->batch))
        x->arithmetic->subtract(numbers_of(x, p), a, b, out);
}

void vic_mix(const vic_inference *x, const vic_population *p, double keep, double take, const void *from,
             void *to) {
    if (!vic_population_count_cost(p, VIC_TASK_MIX, x->batch))
        x->arithmetic->mix(numbers_of(x, p), keep, take, from, to);
}

void vic_relax(const vic_inference *x, const vic_population *p, const void *error, const void *feedback,
               void *belief) {
    if (!vic_population_count_cost(p, VIC_TASK_RELAX, x->batch))
        x->arithmetic->relax(numbers_of(x, p), x->options.eta, error, feedback, belief);
}
