#include "verification.h"

typedef struct trajectory {
    const vic_verification *verification;
    vic_inference_options options;
    vic_layer_check *checks;
} trajectory;

static void note(const trajectory *t, int step) {
    vic_inference_options options = t->options;
    options.steps = step;
    vic_verification_compare(t->verification, options,
                             t->checks + (size_t)(step - 1) * (size_t)t->verification->exact->n_edges);
}

static void receive(void *context, const vic_event *event) {
    if (event->step > 0)
        note(context, event->step);
}

static bool is_bad(vic_status status) {
    return status != VIC_OK && status != VIC_NOT_FINITE;
}

/* With closing steps, what the last step makes of the errors is no stage of a longer inference. */
static vic_status repeat(const vic_verification *v, size_t batch, vic_layer_check *checks) {
    vic_inference_options configured = vic_inference_get_options(v->x), shorter = configured;
    vic_group *group = vic_inference_group(v->x);
    trajectory t = {.verification = v, .options = configured, .checks = checks};
    vic_status worst = VIC_OK;
    for (shorter.steps = 1; shorter.steps <= configured.steps; shorter.steps++) {
        VIC_TRY(vic_group_agree_on_status(group, vic_inference_set_options(v->x, shorter)));
        VIC_TRY(vic_inference_run(v->x, batch));
        vic_status status = vic_inference_check(v->x);
        if (is_bad(status))
            return status;
        worst = status == VIC_OK ? worst : status;
        note(&t, shorter.steps);
    }
    VIC_TRY(vic_checks_collect(v->x, (size_t)configured.steps, checks));
    return worst;
}

static vic_status follow(const vic_verification *v, size_t batch, vic_layer_check *checks) {
    vic_inference_options configured = vic_inference_get_options(v->x), gradients_every_step = configured;
    vic_group *group = vic_inference_group(v->x);
    trajectory t = {.verification = v, .options = configured, .checks = checks};
    if (vic_algorithm_traits_of(configured.algorithm)->closing_steps > 0)
        return repeat(v, batch, checks);
    gradients_every_step.gradients_every_step = true;
    VIC_TRY(vic_group_agree_on_status(group, vic_inference_set_options(v->x, gradients_every_step)));
    vic_subscriber subscriber = {
        .context = &t, .kinds = VIC_EVENT_BIT(VIC_EVENT_STEP_END), .only = v->x, .receive = receive};
    vic_subscribe(&subscriber);
    vic_status status = vic_inference_run(v->x, batch);
    vic_unsubscribe(&subscriber);
    VIC_TRY(status);
    status = vic_inference_check(v->x);
    if (is_bad(status))
        return status;
    size_t steps = (size_t)vic_inference_steps(v->x);
    VIC_TRY(vic_group_agree_on_status(group, vic_inference_set_options(v->x, configured)));
    VIC_TRY(vic_checks_collect(v->x, steps, checks));
    return status;
}

vic_status vic_trajectory(vic_inference *x, size_t batch, vic_scope scope, vic_layer_check *checks) {
    vic_verification v;
    vic_status status = vic_verification_begin_judging(&v, x, batch, scope);
    if (status == VIC_OK)
        status = follow(&v, batch, checks);
    vic_verification_end(&v);
    return status;
}
