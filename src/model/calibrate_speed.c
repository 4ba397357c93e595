/* How fast a rank is at the very arithmetic of a network: its products, its elementwise work. */
#include "calibration.h"

#include <math.h>
#include <stdlib.h>

enum { TRIALS = 15 };

typedef struct bench {
    const vic_network *network;
    size_t batch;
    vic_population *population; /* at work */
    void *source, *target;      /* as large as any belief or prediction */
    vic_cost cost;              /* of all that was timed */
    double seconds;
} bench;

static size_t widest(const vic_network *network) {
    size_t most = 0;
    for (int p = 0; p < network->n_populations; p++) {
        size_t count = vic_shape_count(network->shapes[p]);
        most = count > most ? count : most;
    }
    return most;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- elementwise work ---- */

typedef void elementwise(const vic_arithmetic *arithmetic, size_t n, bench *b);

static void do_mix(const vic_arithmetic *arithmetic, size_t n, bench *b) {
    arithmetic->mix(n, 0.5, 0.5, b->source, b->target);
}

static void do_subtract(const vic_arithmetic *arithmetic, size_t n, bench *b) {
    arithmetic->subtract(n, b->source, b->target, b->target);
}

/* Seconds of one pass over n numbers: the median of several, each long enough for the clock. */
static double time_pass(bench *b, elementwise *pass, size_t n) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(b->network->precision);
    double times[TRIALS];
    int rounds = (int)(1 + 200000 / (n + 1));
    for (int i = 0; i < TRIALS; i++) {
        double start = vic_now();
        for (int k = 0; k < rounds; k++)
            pass(arithmetic, n, b);
        times[i] = (vic_now() - start) / rounds;
    }
    qsort(times, TRIALS, sizeof *times, ascending);
    return times[TRIALS / 2];
}

/* Three arrays pass by in either; arrays as large as this network's beliefs, the input's left out. */
static void measure_bandwidth(bench *b, vic_speed *speed) {
    size_t number = vic_precision_bytes(b->network->precision);
    double bytes = 0, seconds = 0;
    speed->call = (time_pass(b, do_mix, 1) + time_pass(b, do_subtract, 1)) / 2;
    for (int p = 1; p < b->network->n_populations; p++) {
        size_t n = vic_shape_count(b->network->shapes[p]) * b->batch;
        seconds += time_pass(b, do_mix, n) + time_pass(b, do_subtract, n) - 2 * speed->call;
        bytes += 2.0 * 3 * (double)(n * number);
    }
    speed->bandwidth = bytes / fmax(seconds, 1e-12);
}

/* ---- products ---- */

static vic_sample_range whole_of(const bench *b) {
    return vic_nth_microbatch(b->batch, 1, 0);
}

static void project(bench *b, vic_projection *p, vic_task task) {
    if (task == VIC_TASK_PREDICT)
        vic_projection_predict(p, whole_of(b), b->source, b->target);
    else
        vic_projection_vjp(p, whole_of(b), b->source);
}

static void time_projection(bench *b, vic_projection *p, vic_task task) {
    double times[TRIALS];
    project(b, p, task); /* to warm up */
    for (int i = 0; i < TRIALS; i++) {
        double start = vic_now();
        project(b, p, task);
        times[i] = vic_now() - start;
    }
    qsort(times, TRIALS, sizeof *times, ascending);
    b->seconds += times[TRIALS / 2];
    vic_cost_add(&b->cost, vic_edge_cost(b->network, p->edge_index, task, b->batch));
}

static vic_status time_population(bench *b, int id) {
    vic_population_needs needs = {.capacity = b->batch};
    VIC_TRY(vic_population_create(&b->population, b->network, id, needs));
    vic_population_initialise(b->population, 1);
    for (int k = 0; k < b->population->n_out; k++) {
        vic_projection *p = &b->population->out[k];
        size_t n = vic_shape_count(b->network->shapes[p->edge->to]) * b->batch;
        vic_arithmetic_of(b->network->precision)->fill_uniform(n, 1, 2, 1, b->target);
        time_projection(b, p, VIC_TASK_PREDICT);
        vic_projection_set_error(p, b->target);
        if (id > 0)
            time_projection(b, p, VIC_TASK_VJP);
    }
    vic_population_destroy(&b->population);
    return VIC_OK;
}

/* What is left of the time when the rest has been taken off; never less than half. */
static vic_status measure_products(bench *b, vic_speed *speed) {
    for (int p = 0; p < vic_network_output(b->network); p++)
        VIC_TRY(time_population(b, p));
    double rest = vic_speed_seconds(speed, (vic_cost){.bytes = b->cost.bytes, .tasks = b->cost.tasks});
    speed->products = b->cost.products / fmax(b->seconds - rest, b->seconds / 2);
    if (!(speed->products > 0))
        return vic_fail(VIC_BAD_CONFIG, "the network multiplies nothing: calibrate with layers that learn");
    return VIC_OK;
}

vic_status vic_calibrate_speed(vic_speed *speed, const vic_network *network, size_t batch) {
    *speed = (vic_speed){.products = INFINITY};
    bench b = {.network = network, .batch = batch};
    const vic_arithmetic *arithmetic = vic_arithmetic_of(network->precision);
    size_t n = widest(network) * batch;
    vic_status status = vic_allocate(n, vic_precision_bytes(network->precision), &b.source);
    if (status == VIC_OK)
        status = vic_allocate(n, vic_precision_bytes(network->precision), &b.target);
    if (status == VIC_OK) {
        arithmetic->fill_uniform(n, 1, 0, 1, b.source);
        arithmetic->fill_uniform(n, 1, 1, 1, b.target);
        measure_bandwidth(&b, speed);
        arithmetic->fill_uniform(n, 1, 0, 1, b.source);
        status = measure_products(&b, speed);
    }
    vic_population_destroy(&b.population);
    vic_release(&b.source);
    vic_release(&b.target);
    return status;
}
