/* The way of a batch into the network: inputs to population 0, labels to the output population. */
#include "learning.h"

#include "base/pool.h"

void vic_shuffle(size_t count, uint64_t seed, uint64_t epoch, size_t *order) {
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)(vic_random_bits(seed, VIC_RANDOM_SHUFFLE, epoch, i) % i);
        size_t other = order[j];
        order[j] = order[i - 1];
        order[i - 1] = other;
    }
}

enum { STRIP = 16 };

/* Strips of a few samples, which are still in the cache when they are transposed. Each task takes every
 * n_tasks-th of them. */
typedef struct feeding {
    const vic_source *data;
    const size_t *order;
    vic_precision precision;
    size_t n, features, n_tasks;
    char *rows, *input; /* rows: a strip for each task */
} feeding;

/* Pool threads share the strips. */
static size_t tasks_for(size_t n) {
    size_t strips = (n + STRIP - 1) / STRIP, threads = (size_t)vic_pool_threads();
    return strips < threads ? strips : threads;
}

static void feed_strips(void *context, size_t task) {
    const feeding *f = context;
    size_t bytes = vic_precision_bytes(f->precision);
    char *rows = f->rows + task * STRIP * f->features * bytes;
    for (size_t first = task * STRIP; first < f->n; first += f->n_tasks * STRIP) {
        size_t samples = f->n - first < STRIP ? f->n - first : STRIP;
        f->data->inputs(f->data->context, f->order + first, samples, rows);
        vic_arithmetic_of(f->precision)
            ->samples_inward(f->features, samples, rows, f->n, f->input + first * bytes);
    }
}

static vic_status feed_inputs(vic_inference *inference, const vic_source *data, const size_t *order,
                              size_t n) {
    const vic_network *network = vic_inference_network(inference);
    feeding f = {data,
                 order,
                 network->precision,
                 n,
                 vic_shape_count(network->shapes[0]),
                 tasks_for(n),
                 .input = vic_inference_input(inference)};
    VIC_TRY(vic_allocate(f.n_tasks * STRIP * f.features, vic_precision_bytes(f.precision), &f.rows));
    vic_pool_run(f.n_tasks, feed_strips, &f);
    vic_release(&f.rows);
    return VIC_OK;
}

size_t vic_feed_forecast(const vic_network *network, const bool *here, size_t n) {
    size_t samples = tasks_for(n) * STRIP;
    if (!here[0])
        return 0;
    return vic_size_product(vic_size_product(samples, vic_shape_count(network->shapes[0])),
                            vic_precision_bytes(network->precision));
}

vic_status vic_feed(vic_inference *inference, const vic_source *data, const size_t *order, size_t n,
                    int64_t *classes) {
    VIC_TRY(vic_inference_check_batch(inference, n));
    for (size_t i = 0; i < n; i++)
        if (order[i] >= data->count)
            return vic_fail(VIC_BAD_CONFIG, "there is no sample %zu among %zu", order[i], data->count);
    if (vic_inference_input(inference))
        VIC_TRY(feed_inputs(inference, data, order, n));
    if (vic_inference_target(inference) == NULL)
        return VIC_OK;
    data->classes(data->context, order, n, classes);
    return vic_feed_classes(inference, classes, n);
}
