/* The sweep, and the steps with what happens in each. */
#include "explain_messages.h"
#include "explain_rules.h"

static void print_population(const vic_explanation *t, int p) {
    if (t->population < 0)
        printf("\npopulation %d%s\n", p,
               p == 0 ? ", the input" : (p == vic_network_output(t->network) ? ", the output" : ""));
}

/* ---- step 0 ---- */

static void print_own(const vic_explanation *t, int p) {
    const vic_edge *edge = &t->network->edges[p];
    printf("  %s the synapses theta_%d of layer %d, from here to population %d:",
           vic_point_of_view(t, "owns", "I own"), p + 1, p + 1, p + 1);
    for (size_t i = 0; i < edge->n_functions; i++)
        printf("%s %s", i > 0 ? "," : "", edge->functions[i].kind->name);
    printf("\n");
    vic_print_parameters(t, p, t->theta[p]);
}

static vic_status print_population_sweep(const vic_explanation *t, int p) {
    int output = vic_network_output(t->network);
    bool begun = t->options.initial_beliefs && vic_explanation_is_hidden(t, p);
    print_population(t, p);
    if (p == 0) {
        printf("  %s the data: v_0 = ", vic_point_of_view(t, "knows", "I know"));
        vic_print_vector(t, vic_explanation_state(t, 0, VIC_QUANTITY_BELIEF, 0),
                         vic_explanation_neurons(t, 0));
        printf("\n");
    }
    if (p < output)
        print_own(t, p);
    vic_print_received(t, p, VIC_PREDICTION, 0);
    if (p > 0 && !begun)
        printf("  %s it: v_%d = vhat_%d = mu_%d, and no error yet\n",
               vic_point_of_view(t, "believes", "I believe"), p, p, p);
    vic_status status = vic_print_prediction_rule(t, p, 0, 0);
    if (begun) {
        printf("  then %s the belief it was given: v_%d = ", vic_point_of_view(t, "takes", "I take"), p);
        vic_print_vector(t, vic_explanation_state(t, p, VIC_QUANTITY_BELIEF, 0),
                         vic_explanation_neurons(t, p));
        printf("\n");
    }
    if (p == output)
        vic_print_loss(t, 0, vic_explanation_state(t, p, VIC_QUANTITY_PREDICTION, 0));
    return status;
}

vic_status vic_print_sweep(const vic_explanation *t) {
    printf("\n=== step 0: the sweep, predictions from the input to the output ===\n");
    for (int p = 0; p < t->network->n_populations; p++)
        if (vic_is_explained(t, p))
            VIC_TRY(print_population_sweep(t, p));
    return VIC_OK;
}

/* ---- the steps ---- */

static bool is_quiet_step(const vic_explanation *t, int step) {
    for (int p = 0; p < t->network->n_populations; p++)
        if (vic_is_explained(t, p) && !vic_explanation_is_silent(t, p, step))
            return false;
    return true;
}

/* This sum exists on no rank of the network. */
static void print_free_energy(const vic_explanation *t, int step) {
    printf("\nfree energy, the sum of 1/2 |eps|^2 of the hidden populations and the loss:\n      F = ");
    for (int p = 1; p < t->network->n_populations; p++)
        printf("%s%.17g", p > 1 ? " + " : "", vic_recording_energy(t->recording, p, step));
    printf(" = %.17g\n", vic_recording_free_energy(t->recording, step));
}

/* Where errors pass down within a step, populations are printed from the output on. */
static vic_status print_one_step(const vic_explanation *t, int step) {
    int n = t->network->n_populations;
    bool down = vic_algorithm_passes_down(t->options.algorithm);
    printf("\n=== step %d%s ===\n", step, down ? ": errors from the output to the input" : "");
    for (int i = 0; i < n; i++) {
        int p = down ? n - 1 - i : i;
        if (!vic_is_explained(t, p) || (t->quiet && vic_explanation_is_silent(t, p, step)))
            continue;
        print_population(t, p);
        if (vic_explanation_is_silent(t, p, step) && p == 0)
            printf("  %s clamped to the data, and %s nothing\n", vic_point_of_view(t, "is", "I am"),
                   vic_point_of_view(t, "hears", "hear"));
        VIC_TRY(vic_print_applied_rules(t, p, step));
    }
    if (t->population < 0)
        print_free_energy(t, step);
    return VIC_OK;
}

vic_status vic_print_steps(const vic_explanation *t) {
    for (int step = 1; step <= t->steps; step++) {
        int first = step;
        while (t->quiet && step <= t->steps && is_quiet_step(t, step))
            step++;
        if (step > first)
            printf("\n(%s silent in step%s %d", vic_point_of_view(t, "all are", "I and my neighbours are"),
                   step - 1 > first ? "s" : "", first);
        if (step - 1 > first)
            printf(" to %d", step - 1);
        if (step > first)
            printf("; the rule is applied to what was heard before)\n");
        if (step <= t->steps)
            VIC_TRY(print_one_step(t, step));
    }
    return VIC_OK;
}
