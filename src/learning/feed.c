/* The way of a batch into the network: inputs to population 0, labels to the output population. */
#include "learning.h"

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

/* A few samples at a time, which are still in the cache when they are transposed. */
static vic_status feed_inputs(vic_inference *inference, const vic_source *data, const size_t *order,
                              size_t n) {
    const vic_network *network = vic_inference_network(inference);
    size_t features = vic_shape_count(network->shapes[0]), bytes = vic_precision_bytes(network->precision);
    char *input = vic_inference_input(inference);
    void *rows;
    VIC_TRY(vic_allocate(features * (n < STRIP ? n : STRIP), bytes, &rows));
    for (size_t first = 0; first < n; first += STRIP) {
        size_t samples = n - first < STRIP ? n - first : STRIP;
        data->inputs(data->context, order + first, samples, rows);
        vic_arithmetic_of(network->precision)
            ->samples_inward(features, samples, rows, n, input + first * bytes);
    }
    vic_release(&rows);
    return VIC_OK;
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
