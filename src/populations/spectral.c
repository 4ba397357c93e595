/* The spectral norm of a population's projections at given beliefs, by power iteration on J^T J. It is done
 * in a population of its own, so that nothing that an inference keeps is overwritten. */
#include "projection.h"

#include <math.h>
#include <string.h>

/* The directions have length SMALL, so that a change is J times the direction up to rounding. */
static const double SMALL = 0x1p-30;
/* It ends where a step adds less than TOLERANCE of the square. */
static const double TOLERANCE = 1e-7;
enum { MOST_STEPS = 1000, SEED = 1 };

typedef struct iteration {
    vic_population *p;     /* a copy of the population */
    const double *weights; /* per projection */
    vic_sample_range batch;
    void *message; /* of any projection, at first */
    void **errors; /* per projection */
} iteration;

static size_t numbers_of(const vic_projection *out, size_t samples) {
    return vic_shape_count(out->network->shapes[out->edge->to]) * samples;
}

static void copy_parameters(const vic_population *from, vic_population *to) {
    size_t bytes = vic_precision_bytes(from->network->precision);
    for (int k = 0; k < from->n_out; k++)
        for (size_t i = 0; i < from->out[k].n_parameters; i++)
            memcpy(to->out[k].theta[i], from->out[k].theta[i],
                   bytes * vic_parameter_slot_at(from->network, from->out[k].edge_index, i).parameter->count);
}

static vic_status allocate(iteration *it, const vic_population *like, size_t samples) {
    size_t bytes = vic_precision_bytes(like->network->precision), most = 0;
    VIC_TRY(
        vic_population_create(&it->p, like->network, like->id, (vic_population_needs){.capacity = samples}));
    VIC_TRY(vic_population_make_displacement(it->p));
    VIC_TRY(vic_allocate((size_t)like->n_out, sizeof *it->errors, &it->errors));
    for (int k = 0; k < like->n_out; k++) {
        size_t numbers = numbers_of(&it->p->out[k], samples);
        most = numbers > most ? numbers : most;
        VIC_TRY(vic_allocate(numbers, bytes, &it->errors[k]));
    }
    copy_parameters(like, it->p);
    return vic_allocate(most, bytes, &it->message);
}

static void release(iteration *it) {
    for (int k = 0; it->errors && k < it->p->n_out; k++)
        vic_release(&it->errors[k]);
    vic_release(&it->errors);
    vic_release(&it->message);
    vic_population_destroy(&it->p);
}

static double length_of(const iteration *it, const void *array) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(it->p->network->precision);
    return sqrt(arithmetic->sum_of_squares(it->p->count * it->batch.samples, array));
}

/* The direction becomes `from`, of length SMALL. */
static void set_direction(const iteration *it, double length, const void *from) {
    vic_arithmetic_of(it->p->network->precision)
        ->mix(it->p->count * it->batch.samples, 0, SMALL / length, from, it->p->displacement);
}

/* feedback = J^T W^2 J direction / SMALL; its length is returned. */
static double apply(iteration *it) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(it->p->network->precision);
    for (int k = 0; k < it->p->n_out; k++) {
        vic_projection *out = &it->p->out[k];
        vic_projection_change(out, it->batch, it->p->displacement, it->message);
        arithmetic->mix(numbers_of(out, it->batch.samples), 0, it->weights[k] * it->weights[k] / SMALL,
                        it->message, it->errors[k]);
        vic_projection_set_error(out, it->errors[k]);
    }
    vic_population_feedback(it->p, it->batch, it->p->feedback);
    return length_of(it, it->p->feedback);
}

/* The lengths never fall, but for rounding. */
static double iterate(iteration *it) {
    double square = 0;
    vic_arithmetic_of(it->p->network->precision)
        ->fill_uniform(it->p->count * it->batch.samples, SEED, (uint64_t)it->p->id, 1, it->p->feedback);
    set_direction(it, length_of(it, it->p->feedback), it->p->feedback);
    for (int step = 0; step < MOST_STEPS; step++) {
        double before = square;
        square = apply(it);
        if (!isfinite(square))
            return INFINITY;
        if (square <= before * (1 + TOLERANCE))
            break;
        set_direction(it, square, it->p->feedback);
    }
    return sqrt(square);
}

vic_status vic_population_spectral_norm(const vic_population *p, size_t samples, const void *at,
                                        const double *weights, double *norm) {
    iteration it = {.weights = weights, .batch = {0, samples}};
    vic_status status = allocate(&it, p, samples);
    for (int k = 0; status == VIC_OK && k < p->n_out; k++)
        vic_projection_predict(&it.p->out[k], it.batch, at, it.message);
    if (status == VIC_OK)
        *norm = iterate(&it);
    release(&it);
    return status;
}
