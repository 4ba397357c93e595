#include "infer.h"

#include <string.h>

static vic_status check_classes(const vic_network *network, const int64_t *classes, size_t n) {
    size_t outputs = vic_shape_count(network->shapes[vic_network_output(network)]);
    for (size_t b = 0; b < n; b++)
        if (classes[b] < 0 || (uint64_t)classes[b] >= outputs)
            return vic_fail(VIC_BAD_FILE, "sample %zu is of class %lld, the network has classes 0 to %zu", b,
                            (long long)classes[b], outputs - 1);
    return VIC_OK;
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
    VIC_TRY(vic_inference_check_batch(inference, n));
    if (target == NULL)
        return vic_fail(VIC_BAD_CONFIG, "the output population is on another rank");
    VIC_TRY(check_classes(network, classes, n));
    if (network->loss->target_type == VIC_TARGET_VALUES)
        return one_hot(network, classes, n, target);
    memcpy(target, classes, n * sizeof *classes);
    return VIC_OK;
}
