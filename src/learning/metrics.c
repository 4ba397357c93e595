#include "metrics.h"

void vic_metrics_add(vic_inference *x, const int64_t *classes, size_t n, double sums[VIC_METRICS_SUMS]) {
    const vic_network *network = vic_inference_network(x);
    int output = vic_network_output(network);
    if (vic_inference_rank_of(x)[output] != vic_group_rank(vic_inference_group(x)))
        return;
    double weight = network->reduction == VIC_MEAN ? (double)n : 1;
    sums[VIC_METRICS_LOSS] += weight * vic_inference_loss(x);
    sums[VIC_METRICS_CORRECT] += (double)vic_inference_correct(x, classes);
}

vic_status vic_metrics_gather(vic_inference *x, const double sums[VIC_METRICS_SUMS], size_t samples,
                              vic_metrics *metrics) {
    const vic_network *network = vic_inference_network(x);
    double all[VIC_METRICS_SUMS] = {sums[VIC_METRICS_LOSS], sums[VIC_METRICS_CORRECT]};
    VIC_TRY(vic_group_fetch(vic_inference_group(x), vic_inference_rank_of(x), vic_network_output(network),
                            VIC_METRICS_SUMS, all));
    double share = samples ? 1 / (double)samples : 0;
    metrics->samples = samples;
    metrics->loss = all[VIC_METRICS_LOSS] * (network->reduction == VIC_MEAN ? share : 1);
    metrics->accuracy = all[VIC_METRICS_CORRECT] * share;
    return VIC_OK;
}
