#include "learner.h"

#include "together.h"

#include <stdlib.h>
#include <string.h>

typedef struct learner {
    vic_subscriber subscriber;
    vic_trainer *trainer;
} learner;

static void leave(void *context, const vic_event *event) {
    learner *l = context;
    (void)event;
    vic_trainer_destroy(&l->trainer);
    vic_unsubscribe(&l->subscriber);
    free(l);
}

static vic_learning_options options_of(const vic_inference *x, const char *optimizer, bool undoes) {
    vic_precision precision = vic_inference_network(x)->precision;
    vic_learning_options options = {.optimizer = vic_optimizer_find(precision, optimizer),
                                    .batch = vic_inference_capacity(x),
                                    .sums_gradients = undoes,
                                    .undoes = undoes};
    ck_assert_ptr_nonnull(options.optimizer);
    for (size_t i = 0; i < options.optimizer->n_settings; i++)
        options.settings[i] = options.optimizer->settings[i].fallback;
    options.settings[0] = strcmp(optimizer, "adam") == 0 ? 0.01 : 0.1;
    return options;
}

/* The subscriber comes before the one of the trainer that it destroys. */
vic_trainer *learner_attach(vic_inference *x, const char *optimizer, bool undoes) {
    learner *l = calloc(1, sizeof *l);
    ck_assert_ptr_nonnull(l);
    l->subscriber =
        (vic_subscriber){.context = l, .kinds = VIC_EVENT_BIT(VIC_EVENT_LEAVE), .only = x, .receive = leave};
    vic_subscribe(&l->subscriber);
    together_assert_ok(vic_trainer_create(&l->trainer, x, options_of(x, optimizer, undoes), 1));
    return l->trainer;
}
