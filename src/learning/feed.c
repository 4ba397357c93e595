/* The way of a batch into the network: inputs to population 0, labels to the output population. */
#include "learning.h"

#include <string.h>

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

static vic_status check_classes(const vic_network *network, const int64_t *classes, size_t n) {
    size_t outputs = vic_shape_count(network->shapes[vic_network_output(network)]);
    for (size_t b = 0; b < n; b++)
        if (classes[b] < 0 || (uint64_t)classes[b] >= outputs)
            return vic_fail(VIC_BAD_FILE, "sample %zu is of class %lld, the network has classes 0 to %zu", b,
                            (long long)classes[b], outputs - 1);
    return VIC_OK;
}

static vic_status check_room(const vic_inference *inference, size_t n) {
    size_t capacity = vic_inference_capacity(inference);
    if (n >= 1 && n <= capacity)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "a batch of %zu samples: the inference has room for 1 to %zu", n,
                    capacity);
}

static vic_status one_hot(const vic_network *network, const int64_t *classes, size_t n, void *target) {
    size_t outputs = vic_shape_count(network->shapes[vic_network_output(network)]);
    double *values;
    VIC_TRY(vic_allocate(outputs * n, sizeof *values, &values));
    for (size_t b = 0; b < n; b++)
        values[(size_t)classes[b] * n + b] = 1;
    vic_arithmetic_of(network->precision)->from_float64(outputs * n, values, target);
    vic_release(&values);
    return VIC_OK;
}

vic_status vic_feed_classes(vic_inference *inference, const int64_t *classes, size_t n) {
    const vic_network *network = vic_inference_network(inference);
    void *target = vic_inference_target(inference);
    VIC_TRY(check_room(inference, n));
    if (target == NULL)
        return vic_fail(VIC_BAD_CONFIG, "the output population is on another rank");
    VIC_TRY(check_classes(network, classes, n));
    if (network->loss->target_type == VIC_TARGET_VALUES)
        return one_hot(network, classes, n, target);
    memcpy(target, classes, n * sizeof *classes);
    return VIC_OK;
}

vic_status vic_feed(vic_inference *inference, const vic_source *data, const size_t *order, size_t n,
                    int64_t *classes) {
    VIC_TRY(check_room(inference, n));
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
