#include "score.h"

void vic_score_add(vic_inference *x, const int64_t *classes, size_t n, double sums[VIC_SCORE_SUMS]) {
    const vic_network *network = vic_inference_network(x);
    int output = vic_network_output(network);
    if (vic_inference_rank_of(x)[output] != vic_group_rank(vic_inference_group(x)))
        return;
    double weight = network->reduction == VIC_MEAN ? (double)n : 1;
    sums[VIC_SCORE_LOSS] += weight * vic_inference_loss(x);
    sums[VIC_SCORE_CORRECT] += (double)vic_inference_correct(x, classes);
}

vic_status vic_score_collect(vic_inference *x, const double sums[VIC_SCORE_SUMS], size_t samples,
                             vic_score *score) {
    const vic_network *network = vic_inference_network(x);
    double all[VIC_SCORE_SUMS] = {sums[VIC_SCORE_LOSS], sums[VIC_SCORE_CORRECT]};
    VIC_TRY(vic_group_report(vic_inference_group(x), vic_inference_rank_of(x), vic_network_output(network),
                             VIC_SCORE_SUMS, all));
    double share = samples ? 1 / (double)samples : 0;
    score->samples = samples;
    score->loss = all[VIC_SCORE_LOSS] * (network->reduction == VIC_MEAN ? share : 1);
    score->accuracy = all[VIC_SCORE_CORRECT] * share;
    return VIC_OK;
}
