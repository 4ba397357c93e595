#include "rule.h"

#include <float.h>
#include <math.h>

/* Is the rate of every hidden population at most 1? */
static bool has_law(const vic_network *network, vic_inference_options options) {
    for (int p = 1; p < vic_network_output(network); p++)
        if (!(options.eta * vic_scalar_error_weight(&options, p) <= 1))
            return false;
    return options.error_weights || options.eta <= 1;
}

bool vic_verification_judges(const vic_network *network, vic_inference_options options) {
    const vic_algorithm_traits *traits = vic_algorithm_traits_of(options.algorithm);
    if (options.wires)
        return false;
    return traits->is_backpropagation ||
           (traits->follows_law && options.coordinates == VIC_COORDINATES_ERROR && has_law(network, options));
}

/* Are all rates eta P of a chain's populations 1? */
static bool keeps_nothing(const vic_rule *rule, vic_inference_options options) {
    for (int p = 1; p < vic_network_output(rule->network); p++)
        if (!(options.eta * vic_scalar_error_weight(&options, p) == 1))
            return false;
    return true;
}

vic_status vic_rule_create(vic_rule *rule, const vic_network *network) {
    size_t n = (size_t)network->n_populations;
    *rule = (vic_rule){.network = network};
    vic_status status = vic_allocate(n, sizeof *rule->shortest, &rule->shortest);
    if (status == VIC_OK)
        status = vic_allocate(n, sizeof *rule->longest, &rule->longest);
    if (status == VIC_OK)
        status = vic_network_heights(network, rule->shortest, rule->longest);
    if (status != VIC_OK)
        vic_rule_release(rule);
    return status;
}

void vic_rule_release(vic_rule *rule) {
    vic_release(&rule->shortest);
    vic_release(&rule->longest);
}

/* In a chain the populations from `to` up to the output are numbered in their order. NaN where the neurons of
 * one differ in precision, or a rate is above 1. */
static double law_with_error_weights(const vic_rule *rule, vic_inference_options options, int to) {
    int output = vic_network_output(rule->network);
    double law = NAN, *rates;
    if (rule->network->n_edges != output ||
        vic_allocate((size_t)(output - to), sizeof *rates, &rates) != VIC_OK)
        return NAN;
    bool lawful = true;
    for (int p = to; p < output; p++) {
        rates[p - to] = options.eta * vic_scalar_error_weight(&options, p);
        lawful = lawful && rates[p - to] <= 1;
    }
    if (!lawful || vic_law_of_rates(rates, output - to, options.steps, &law) != VIC_OK)
        law = NAN;
    vic_release(&rates);
    return law;
}

/* NaN where the ways from this layer up to the output differ in length, or the algorithm follows no law, as
 * over wires that are not perfect. */
static double law_of(const vic_rule *rule, vic_inference_options options, int edge) {
    int to = rule->network->edges[edge].to;
    const vic_algorithm_traits *traits = vic_algorithm_traits_of(options.algorithm);
    if (options.wires)
        return NAN;
    if (traits->is_backpropagation)
        return 1;
    if (!traits->follows_law || rule->shortest[to] != rule->longest[to])
        return NAN;
    if (options.error_weights)
        return law_with_error_weights(rule, options, to);
    return options.eta > 1 ? NAN : vic_law(options.eta, options.steps, rule->shortest[to]);
}

static bool holds(const vic_pair *pair, const vic_layer_check *check, bool bit_for_bit) {
    bool single = pair->precision == VIC_FLOAT32;
    double tolerance = single ? 1e-4 : 1e-12, smallest = single ? FLT_MIN : DBL_MIN;
    if (bit_for_bit)
        return check->ulp == 0;
    if (check->law == 0)
        return vic_pair_distance(pair, 1, 0) == 0;
    double bound = tolerance * check->law * vic_pair_distance(pair, 0, 1) +
                   smallest * sqrt((double)vic_pair_count(pair));
    return vic_pair_distance(pair, 1, check->law) <= bound;
}

void vic_rule_apply(const vic_rule *rule, vic_inference_options options, const vic_pair *pair,
                    vic_layer_check *check) {
    check->law = law_of(rule, options, pair->edge);
    if (isnan(check->law))
        return;
    double off = vic_pair_distance(pair, 1, check->law);
    /* Micro-batches change the order of summation in gradients, and the widths of matrix products. */
    bool exact = vic_algorithm_traits_of(options.algorithm)->is_backpropagation;
    bool in_microbatches = options.microbatches > 1;
    bool bit_for_bit =
        (exact || keeps_nothing(rule, options)) && !in_microbatches && options.steps >= rule->longest[0];
    check->underflows = vic_pair_underflows(pair, check->law);
    check->law_error = off == 0 ? 0 : off / (check->law * vic_pair_distance(pair, 0, 1));
    check->kept = !check->underflows && holds(pair, check, bit_for_bit);
}
