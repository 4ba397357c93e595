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

/* Zero bits are 0 in either precision. */
static void one_hot(const vic_network *network, const int64_t *classes, size_t n, void *target) {
    size_t outputs = vic_shape_count(network->shapes[vic_network_output(network)]);
    size_t bytes = vic_precision_bytes(network->precision);
    const double one = 1;
    memset(target, 0, outputs * n * bytes);
    for (size_t b = 0; b < n; b++)
        vic_arithmetic_of(network->precision)
            ->from_float64(1, &one, (char *)target + ((size_t)classes[b] * n + b) * bytes);
}

vic_status vic_feed_classes(vic_inference *inference, const int64_t *classes, size_t n) {
    const vic_network *network = vic_inference_network(inference);
    void *target = vic_inference_target(inference);
    VIC_TRY(vic_inference_check_batch(inference, n));
    if (target == NULL)
        return vic_fail(VIC_BAD_CONFIG, "the output population is on another rank");
    VIC_TRY(check_classes(network, classes, n));
    if (network->loss->target_type == VIC_TARGET_VALUES)
        one_hot(network, classes, n, target);
    else
        memcpy(target, classes, n * sizeof *classes);
    return VIC_OK;
}
