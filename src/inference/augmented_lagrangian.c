/* augmented-lagrangian (PC-ALM, arXiv 2605.31022): strict with a multiplier Lambda_l that stays with its
 * population and starts at 0. In step i = 1..n, with eps_l and eps_L as strict forms them, Lambda_l += alpha
 * eps_l  if i > 1,    s_l = rho eps_l + Lambda_l  for l < L,    s_L = dLoss/dmu_L, v_l += eta (s_l -
 * J_{l+1}(v_l)^T s_{l+1})  for 0 < l < L, and s_l is what is sent. A closing round forms s once more at the
 * final beliefs, with Lambda as it is; learning uses it: s_l . df_l/dtheta. At its fixed point eps = 0 and s
 * is backpropagation's error. */
#include "moving.h"

static vic_status allocate(vic_inference_options options, vic_population *p) {
    VIC_TRY(vic_moving_allocate(options, p));
    return vic_population_make_dual(p);
}

static void begin(vic_inference *x, vic_local_population *r) {
    vic_moving_begin(x, r);
    if (vic_is_hidden(r->population))
        vic_clear(x, r->population, r->population->dual);
}

static bool closes(const vic_inference *x, int step) {
    return step == x->schedule->steps;
}

static void form_hidden_error(vic_inference *x, vic_local_population *r, int step) {
    vic_population *p = r->population;
    vic_moving_difference(x, p);
    vic_record_error(x, r, step, vic_moving_place(x, p));
    if (step > 1 && !closes(x, step))
        vic_mix(x, p, 1, x->options.dual_rate, p->error, p->dual);
    vic_mix(x, p, x->options.penalty, 1, p->dual, p->error);
}

static void form_error(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    (void)arrived;
    if (vic_is_hidden(r->population))
        form_hidden_error(x, r, step);
    else if (vic_is_output(r->population))
        vic_moving_output_error(x, r, step);
}

static void relax(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    vic_population *p = r->population;
    if (!vic_is_hidden(p) || closes(x, step))
        return;
    if (arrived)
        vic_population_feedback(p, x->microbatch, p->feedback);
    vic_moving_relax(x, p, step, step == x->schedule->steps - 1);
}

enum { CLOSING_STEPS = 1 };

static const vic_local_rule error_rules[] = {
    {.first_step = 2,
     .last_steps = CLOSING_STEPS,
     .formula = "Lambda_{p} <- Lambda_{p} + alpha ({mu} - {v}){where}",
     .name = "Lambda",
     .numbers = "{dual-} + {dual_rate} * ({prediction} - {place-})",
     .result = VIC_QUANTITY_DUAL},
    {.formula = "s_{p} = rho ({mu} - {v}) + Lambda_{p}",
     .name = "s",
     .numbers = "{penalty} * ({prediction} - {place-}) + {dual}",
     .result = VIC_QUANTITY_ERROR},
    VIC_MOVING_OUTPUT_RULES,
};

static const vic_local_rule relax_rules[] = {
    {.last_steps = CLOSING_STEPS,
     .formula = "{v} <- {v} + eta (s_{p} - J_{q}^T s_{q})",
     VIC_MOVING_RELAX_RULE},
};

static const vic_phase phases[] = {
    {.name = "predict", .receives = VIC_NO_MESSAGE, .sends = VIC_PREDICTION, .source = vic_moving_source},
    {.name = "form error",
     .receives = VIC_PREDICTION,
     .sends = VIC_ERROR,
     .act = form_error,
     VIC_RULES(error_rules)},
    {.name = "relax", .receives = VIC_ERROR, .sends = VIC_NO_MESSAGE, .act = relax, VIC_RULES(relax_rules)},
};

const vic_algorithm vic_augmented_lagrangian = {
    .name = "augmented-lagrangian",
    .help = "beliefs move under multipliers of their errors; its fixed point is backpropagation's",
    .traits = {.takes_initial_beliefs = true,
               .predicts_in_steps = true,
               .takes_euler_steps = true,
               .closing_steps = CLOSING_STEPS,
               .has_dual = true,
               .error_symbol = "s"},
    .forms_every_error = true,
    .predicts_from_beliefs = vic_in_beliefs,
    .allocate = allocate,
    .is_sent = vic_moving_is_sent,
    .begin = begin,
    .phases = VIC_PHASES(phases),
    .belief_after = vic_moving_belief_after,
};
