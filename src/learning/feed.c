/* The way of a batch into the network: inputs to population 0, labels to the output population. */
#include "feeder.h"

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

/* ---- inputs ---- */

/* A task is a tile of some features of some samples, which is transposed while it is in the cache. It takes
 * some microseconds: a thread that feeds ahead is not to be late for a function's tasks. */
enum { STRIP = 16, TILE = 256 };

static size_t strips_of(size_t n) {
    return (n + STRIP - 1) / STRIP;
}

static size_t tiles_of(const vic_feeding *f) {
    return strips_of(f->n) * ((f->features + TILE - 1) / TILE);
}

static void feed_tile(void *context, size_t i) {
    const vic_feeding *f = context;
    union {
        float f32[STRIP * TILE];
        double f64[STRIP * TILE];
    } rows;
    size_t first = i % strips_of(f->n) * STRIP, feature = i / strips_of(f->n) * TILE;
    size_t samples = f->n - first < STRIP ? f->n - first : STRIP;
    size_t features = f->features - feature < TILE ? f->features - feature : TILE;
    char *input = f->input + (feature * f->n + first) * vic_precision_bytes(f->precision);
    f->data->inputs(f->data->context, f->order + first, samples, feature, features, &rows);
    vic_arithmetic_of(f->precision)->samples_inward(features, samples, &rows, f->n, input);
}

static vic_feeding feeding_of(const vic_feeder *f, const size_t *order, size_t n, void *input) {
    const vic_network *network = vic_inference_network(f->inference);
    return (vic_feeding){f->data, order, network->precision, n, vic_shape_count(network->shapes[0]), input};
}

/* How many there are, up to the first one that is not. */
static size_t count_samples(const vic_source *data, const size_t *order, size_t n) {
    size_t i = 0;
    while (i < n && order[i] < data->count)
        i++;
    return i;
}

static vic_status check_order(const vic_source *data, const size_t *order, size_t n) {
    size_t there = count_samples(data, order, n);
    if (there == n)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "there is no sample %zu among %zu", order[there], data->count);
}

static void feed_inputs(const vic_feeder *f, const size_t *order, size_t n) {
    vic_feeding feeding = feeding_of(f, order, n, vic_inference_input(f->inference));
    vic_pool_run(tiles_of(&feeding), feed_tile, &feeding);
}

/* ---- a batch ---- */

static vic_status feed_batch(vic_feeder *f, const size_t *order, size_t n, int64_t *classes) {
    VIC_TRY(vic_inference_check_batch(f->inference, n));
    VIC_TRY(check_order(f->data, order, n));
    if (f->ahead.n > 0) {
        vic_pool_await();
        vic_inference_swap_input(f->inference, &f->spare);
        f->ahead.n = 0;
    } else if (vic_inference_input(f->inference))
        feed_inputs(f, order, n);
    if (vic_inference_target(f->inference) == NULL)
        return VIC_OK;
    f->data->classes(f->data->context, order, n, classes);
    return vic_feed_classes(f->inference, classes, n);
}

vic_status vic_feed(vic_inference *inference, const vic_source *data, const size_t *order, size_t n,
                    int64_t *classes) {
    vic_feeder feeder = {.inference = inference, .data = data};
    return feed_batch(&feeder, order, n, classes);
}

/* ---- batch after batch ---- */

/* Threads have to be there that would otherwise wait. */
static bool feeds_ahead(void) {
    return vic_pool_threads() > 1;
}

size_t vic_feed_forecast(const vic_network *network, const bool *here, size_t n) {
    if (!here[0] || !feeds_ahead())
        return 0;
    return vic_size_product(vic_size_product(n, vic_shape_count(network->shapes[0])),
                            vic_precision_bytes(network->precision));
}

vic_status vic_feeder_open(vic_feeder *f, vic_inference *inference, const vic_source *data) {
    const vic_network *network = vic_inference_network(inference);
    *f = (vic_feeder){.inference = inference, .data = data};
    if (vic_inference_input(inference) == NULL || !feeds_ahead())
        return VIC_OK;
    return vic_allocate(vic_shape_count(network->shapes[0]) * vic_inference_capacity(inference),
                        vic_precision_bytes(network->precision), &f->spare);
}

vic_status vic_feeder_feed(vic_feeder *f, const size_t *order, size_t n, size_t next, int64_t *classes) {
    VIC_TRY(feed_batch(f, order, n, classes));
    if (f->spare == NULL || count_samples(f->data, order + n, next) < next)
        return VIC_OK; /* what is wrong with the next batch is an error when that comes */
    f->ahead = feeding_of(f, order + n, next, f->spare);
    vic_pool_begin(tiles_of(&f->ahead), feed_tile, &f->ahead);
    return VIC_OK;
}

void vic_feeder_close(vic_feeder *f) {
    if (f->ahead.n > 0)
        vic_pool_await();
    vic_release(&f->spare);
    f->ahead.n = 0;
}
