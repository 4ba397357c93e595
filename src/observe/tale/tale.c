#include "tale.h"

static const char *coordinates(const vic_tale *t) {
    if (vic_tale_traits(t)->single_step)
        return "";
    return vic_tale_in_beliefs(t) ? " in belief coordinates" : " in error coordinates";
}

static bool is_cut(const vic_tale *t) {
    for (int p = 0; p < t->network->n_populations; p++)
        if (vic_tale_neurons(t, p) > VIC_TALE_MOST)
            return true;
    return t->batch > VIC_TALE_MOST;
}

static void tell_wiring(const vic_tale *t) {
    int output = vic_network_output(t->network);
    printf("Populations and their neurons: ");
    for (int p = 0; p <= output; p++)
        printf("%s%d%s: %zu", p > 0 ? "  --  " : "", p,
               p == 0 ? " (input)" : (p == output ? " (output)" : ""), vic_tale_neurons(t, p));
    printf("\nEach is wired to its neighbours alone: predictions go up, errors go down.\n");
}

/* "sgd with rate 0.1, momentum 0" */
static void tell_optimizer(const vic_tale *t) {
    const vic_learning_options *learning = vic_trainer_options(t->learner);
    printf(", %s with ", learning->optimizer->name);
    for (size_t i = 0; i < learning->optimizer->n_settings; i++)
        printf("%s%s %g", i > 0 ? ", " : "", learning->optimizer->settings[i].name, learning->settings[i]);
}

static void tell_beginning(const vic_tale *t) {
    printf("One inference of %s, step by step: %s%s", t->name, vic_algorithm_name(t->options.algorithm),
           coordinates(t));
    char settings[VIC_SETTINGS];
    if (!vic_tale_traits(t)->single_step)
        printf(", %s",
               vic_settings_text(&t->options, t->steps - vic_tale_traits(t)->closing_steps, settings));
    if (vic_tale_learns_in_steps(t))
        tell_optimizer(t);
    printf(", %s.\n", vic_precision_name(t->network->precision));
    tell_wiring(t);
    if (t->batch > 1)
        printf("The batch has %zu samples; sample %zu is told.\n", t->batch, t->sample + 1);
    if (t->options.precision_weights)
        printf("Errors are weighted by the precision of their population.\n");
    printf("Numbers are those computed, in as few digits as read back the same%s.\n",
           is_cut(t) ? "; \"...\" stands for what is left out" : "");
    if (t->population >= 0)
        printf("\nI am population %d.\n", t->population);
}

vic_status vic_tale_print(const vic_tale *t) {
    tell_beginning(t);
    VIC_TRY(vic_tell_sweep(t));
    VIC_TRY(vic_tell_steps(t));
    VIC_TRY(vic_tell_learning(t));
    vic_tell_comparison(t);
    return VIC_OK;
}
