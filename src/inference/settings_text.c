/* The settings of an inference in words. */
#include "infer.h"

#include <stdio.h>

const char *vic_settings_text(const vic_inference_options *options, int steps, char text[VIC_SETTINGS]) {
    const vic_algorithm_traits *traits = vic_algorithm_traits_of(options->algorithm);
    int n = snprintf(text, VIC_SETTINGS, "eta %g, %d step%s", options->eta, steps, steps == 1 ? "" : "s");
    if (traits->closing_steps == 1)
        n += snprintf(text + n, (size_t)(VIC_SETTINGS - n), " and a closing one");
    else if (traits->closing_steps > 1)
        n += snprintf(text + n, (size_t)(VIC_SETTINGS - n), " and %d closing ones", traits->closing_steps);
    if (traits->has_dual)
        snprintf(text + n, (size_t)(VIC_SETTINGS - n), ", rho %g, alpha %g", options->penalty,
                 options->dual_rate);
    return text;
}
