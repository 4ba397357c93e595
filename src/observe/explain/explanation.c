#include "explanation.h"

static const char *coordinates(const vic_explanation *t) {
    if (vic_explanation_traits(t)->single_step)
        return "";
    return vic_explanation_in_beliefs(t) ? " in belief coordinates" : " in error coordinates";
}

static bool is_cut(const vic_explanation *t) {
    for (int p = 0; p < t->network->n_populations; p++)
        if (vic_explanation_neurons(t, p) > VIC_EXPLANATION_MOST)
            return true;
    return t->batch > VIC_EXPLANATION_MOST;
}

static void print_wiring(const vic_explanation *t) {
    int output = vic_network_output(t->network);
    printf("Populations and their neurons: ");
    for (int p = 0; p <= output; p++)
        printf("%s%d%s: %zu", p > 0 ? "  --  " : "", p,
               p == 0 ? " (input)" : (p == output ? " (output)" : ""), vic_explanation_neurons(t, p));
    printf("\nEach is wired to its neighbours alone: predictions go up, errors go down.\n");
}

/* "sgd with rate 0.1, momentum 0" */
static void print_optimizer(const vic_explanation *t) {
    const vic_learning_options *learning = vic_trainer_options(t->learner);
    printf(", %s with ", learning->optimizer->name);
    for (size_t i = 0; i < learning->optimizer->n_settings; i++)
        printf("%s%s %g", i > 0 ? ", " : "", learning->optimizer->settings[i].name, learning->settings[i]);
}

static void print_beginning(const vic_explanation *t) {
    printf("One inference of %s, step by step: %s%s", t->name, vic_algorithm_name(t->options.algorithm),
           coordinates(t));
    char settings[VIC_SETTINGS];
    if (!vic_explanation_traits(t)->single_step)
        printf(", %s",
               vic_settings_text(&t->options, t->steps - vic_explanation_traits(t)->closing_steps, settings));
    if (vic_explanation_learns_in_steps(t))
        print_optimizer(t);
    printf(", %s.\n", vic_precision_name(t->network->precision));
    print_wiring(t);
    if (t->batch > 1)
        printf("The batch has %zu samples; sample %zu is told.\n", t->batch, t->sample + 1);
    if (t->options.error_weights)
        printf("Errors are weighted by the precision of their population.\n");
    printf("Numbers are those computed, in as few digits as read back the same%s.\n",
           is_cut(t) ? "; \"...\" stands for what is left out" : "");
    if (t->population >= 0)
        printf("\nI am population %d.\n", t->population);
}

vic_status vic_explanation_print(const vic_explanation *t) {
    print_beginning(t);
    VIC_TRY(vic_print_sweep(t));
    VIC_TRY(vic_print_steps(t));
    VIC_TRY(vic_print_learning(t));
    vic_print_comparison(t);
    return VIC_OK;
}
