/* The sweep, and the steps with what happens in each. */
#include "tale_rules.h"
#include "tale_speech.h"

static void tell_population(const vic_tale *t, int p) {
    if (t->population < 0)
        printf("\npopulation %d%s\n", p,
               p == 0 ? ", the input" : (p == vic_network_output(t->network) ? ", the output" : ""));
}

/* ---- step 0 ---- */

static void tell_own(const vic_tale *t, int p) {
    const vic_edge *edge = &t->network->edges[p];
    printf("  %s the synapses theta_%d of layer %d, from here to population %d:",
           vic_voice(t, "owns", "I own"), p + 1, p + 1, p + 1);
    for (size_t i = 0; i < edge->n_functions; i++)
        printf("%s %s", i > 0 ? "," : "", edge->functions[i].kind->name);
    printf("\n");
    vic_tell_parameters(t, p, t->theta[p]);
}

static vic_status tell_population_sweep(const vic_tale *t, int p) {
    int output = vic_network_output(t->network);
    bool begun = t->options.initial_beliefs && vic_tale_is_hidden(t, p);
    tell_population(t, p);
    if (p == 0) {
        printf("  %s the data: v_0 = ", vic_voice(t, "knows", "I know"));
        vic_tell_vector(t, vic_tale_state(t, 0, VIC_QUANTITY_BELIEF, 0), vic_tale_neurons(t, 0));
        printf("\n");
    }
    if (p < output)
        tell_own(t, p);
    vic_tell_hearing(t, p, VIC_PREDICTION, 0);
    if (p > 0 && !begun)
        printf("  %s it: v_%d = vhat_%d = mu_%d, and no error yet\n", vic_voice(t, "believes", "I believe"),
               p, p, p);
    vic_status status = vic_tell_predicting(t, p, 0, 0);
    if (begun) {
        printf("  then %s the belief it was given: v_%d = ", vic_voice(t, "takes", "I take"), p);
        vic_tell_vector(t, vic_tale_state(t, p, VIC_QUANTITY_BELIEF, 0), vic_tale_neurons(t, p));
        printf("\n");
    }
    if (p == output)
        vic_tell_loss(t, 0, vic_tale_state(t, p, VIC_QUANTITY_PREDICTION, 0));
    return status;
}

vic_status vic_tell_sweep(const vic_tale *t) {
    printf("\n=== step 0: the sweep, predictions from the input to the output ===\n");
    for (int p = 0; p < t->network->n_populations; p++)
        if (vic_is_told(t, p))
            VIC_TRY(tell_population_sweep(t, p));
    return VIC_OK;
}

/* ---- the steps ---- */

static bool is_quiet_step(const vic_tale *t, int step) {
    for (int p = 0; p < t->network->n_populations; p++)
        if (vic_is_told(t, p) && !vic_tale_is_quiet(t, p, step))
            return false;
    return true;
}

/* Nobody in the network knows this sum. */
static void tell_free_energy(const vic_tale *t, int step) {
    printf("\nfree energy, the sum of 1/2 |eps|^2 of the hidden populations and the loss:\n      F = ");
    for (int p = 1; p < t->network->n_populations; p++)
        printf("%s%.17g", p > 1 ? " + " : "", vic_recording_energy(t->recording, p, step));
    printf(" = %.17g\n", vic_recording_free_energy(t->recording, step));
}

/* Where errors pass down within a step, populations are told from the output on. */
static vic_status tell_one_step(const vic_tale *t, int step) {
    int n = t->network->n_populations;
    bool down = vic_algorithm_passes_down(t->options.algorithm);
    printf("\n=== step %d%s ===\n", step, down ? ": errors from the output to the input" : "");
    for (int i = 0; i < n; i++) {
        int p = down ? n - 1 - i : i;
        if (!vic_is_told(t, p) || (t->quiet && vic_tale_is_quiet(t, p, step)))
            continue;
        tell_population(t, p);
        if (vic_tale_is_quiet(t, p, step) && p == 0)
            printf("  %s clamped to the data, and %s nothing\n", vic_voice(t, "is", "I am"),
                   vic_voice(t, "hears", "hear"));
        VIC_TRY(vic_tell_applying(t, p, step));
    }
    if (t->population < 0)
        tell_free_energy(t, step);
    return VIC_OK;
}

vic_status vic_tell_steps(const vic_tale *t) {
    for (int step = 1; step <= t->steps; step++) {
        int first = step;
        while (t->quiet && step <= t->steps && is_quiet_step(t, step))
            step++;
        if (step > first)
            printf("\n(%s silent in step%s %d", vic_voice(t, "all are", "I and my neighbours are"),
                   step - 1 > first ? "s" : "", first);
        if (step - 1 > first)
            printf(" to %d", step - 1);
        if (step > first)
            printf("; the rule is applied to what was heard before)\n");
        if (step <= t->steps)
            VIC_TRY(tell_one_step(t, step));
    }
    return VIC_OK;
}
