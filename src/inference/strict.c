/* strict (Rosenbaum 2022, algorithm 2): predictions and Jacobians follow the beliefs. In every step
 *     eps_l = f_l(v_{l-1}) - v_l  for l < L,    eps_L = dLoss/df_L(v_{L-1}),
 *     v_l += eta (eps_l - J_{l+1}(v_l)^T eps_{l+1})  for 0 < l < L.
 * Learning uses the errors of the last step at the final beliefs.
 *
 * The first line subtracts nearly equal numbers. Error coordinates avoid that: a population carries its
 * displacement d_l = v_l - vhat_l, predictions after the sweep are the changes f_l(vhat + d) - f_l(vhat), and
 *     eps_l = change_l - d_l,    d_l += eta (eps_l - J_{l+1}^T eps_{l+1}).
 * Where the errors of a population have a precision P, w = P eps takes the place of eps in its messages, in
 * its move and in learning. */
#include "moving.h"

static void relax(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    vic_population *p = r->population;
    if (!vic_is_hidden(p))
        return;
    if (arrived)
        vic_population_feedback(p, x->microbatch, p->feedback);
    vic_moving_relax(x, p, step, step == x->schedule->steps);
}

static const vic_local_rule error_rules[] = {VIC_MOVING_HIDDEN_RULE, VIC_MOVING_OUTPUT_RULES};

static const vic_local_rule relax_rules[] = {
    {.formula = "{v} <- {v} + eta (eps_{p} - J_{q}^T eps_{q})", VIC_MOVING_RELAX_RULE},
};

static const vic_phase phases[] = {
    {.name = "predict", .receives = VIC_NO_MESSAGE, .sends = VIC_PREDICTION, .source = vic_moving_source},
    {.name = "form error",
     .receives = VIC_PREDICTION,
     .sends = VIC_ERROR,
     .act = vic_moving_form_error,
     VIC_RULES(error_rules)},
    {.name = "relax", .receives = VIC_ERROR, .sends = VIC_NO_MESSAGE, .act = relax, VIC_RULES(relax_rules)},
};

/* The gradients are taken at the final beliefs; the last predictions were made before the last move. These
 * are written where the last message was composed, and not sent. */
static vic_status finish(vic_inference *x, vic_population *p) {
    vic_set_current_population(x, p);
    for (int j = 0; vic_is_hidden(p) && j < p->n_out; j++) {
        void *prediction;
        vic_prediction_source s = vic_moving_source(x, p);
        vic_channel *channel = vic_wiring_sender(x->wiring, p->out[j].edge_index, VIC_PREDICTION);
        VIC_TRY(vic_channel_compose(channel, &prediction));
        s.rule(&p->out[j], x->microbatch, s.from, prediction);
    }
    return VIC_OK;
}

const vic_algorithm vic_strict = {
    .name = "strict",
    .help = "beliefs move to where errors are small; predictions and Jacobians follow them",
    .traits = {.takes_initial_beliefs = true,
               .takes_error_weights = true,
               .predicts_in_steps = true,
               .takes_euler_steps = true,
               .n_baselines = 1,
               .baseline_eta = {0.1}},
    .forms_every_error = true,
    .predicts_from_beliefs = vic_in_beliefs,
    .allocate = vic_moving_allocate,
    .is_sent = vic_moving_is_sent,
    .begin = vic_moving_begin,
    .phases = VIC_PHASES(phases),
    .finish = finish,
    .belief_after = vic_moving_belief_after,
};
