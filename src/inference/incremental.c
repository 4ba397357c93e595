/* incremental (iPC, arXiv 2212.00720): strict whose synapses learn in every step. In step i = 1..n, with
 * eps_l and eps_L as strict forms them, v_l += eta (eps_l - J_{l+1}(v_l)^T eps_{l+1})  for 0 < l < L,
 *     theta_{l+1} <- one step of the optimiser with eps_{l+1} . df_{l+1}/dtheta at v_l  for 0 <= l < L,
 * where everything on the right is of before either moves; then predictions are sent with the new theta.
 *
 * A displacement from the sweep's prediction would have to carry (W - W_0) vhat + (b - b_0) as well, a
 * difference of nearly equal numbers: beliefs are its only coordinates. */
#include "moving.h"

static vic_prediction_source source(const vic_inference *x, const vic_population *p) {
    (void)x;
    return (vic_prediction_source){vic_projection_predict, vic_is_input(p) ? p->vhat : p->belief};
}

/* Synapses along an edge first change in the step in which the error above it is first not 0, and in the
 * first step where the optimiser carries on what earlier batches have left it. The input learns in every
 * step. */
static bool is_sent(const vic_schedule *s, const vic_edge *edge, vic_message_kind kind, int step) {
    if (s->options.always || s->options.initial_beliefs)
        return true;
    if (kind == VIC_ERROR)
        return step >= s->first_error[edge->to];
    if (s->options.learning.moves_on)
        return step > 1;
    return step > (edge->from == 0 ? s->first_error[edge->to] : s->first_move[edge->from]);
}

static void relax_and_learn(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    vic_population *p = r->population;
    bool hidden = vic_is_hidden(p);
    if (hidden && arrived)
        vic_population_feedback(p, x->microbatch, p->feedback);
    vic_form_gradients_of(x, p);
    if (hidden)
        vic_moving_relax(x, p, step, step == x->schedule->steps);
    if (p->n_out > 0)
        vic_learn(x, p, step);
}

static const vic_local_rule error_rules[] = {VIC_MOVING_HIDDEN_RULE, VIC_MOVING_OUTPUT_RULES};

static const vic_local_rule relax_rules[] = {
    {.formula = "{v} <- {v} + eta (eps_{p} - J_{q}^T eps_{q})", VIC_MOVING_RELAX_RULE},
    {.learns = true, .formula = "theta_{q} <- {optimizer}(theta_{q}, eps_{q} . df_{q}/dtheta_{q} at v_{p})"},
};

static const vic_phase phases[] = {
    {.name = "predict", .receives = VIC_NO_MESSAGE, .sends = VIC_PREDICTION, .source = source},
    {.name = "form error",
     .receives = VIC_PREDICTION,
     .sends = VIC_ERROR,
     .act = vic_moving_form_error,
     VIC_RULES(error_rules)},
    {.name = "relax and learn",
     .receives = VIC_ERROR,
     .sends = VIC_NO_MESSAGE,
     .act = relax_and_learn,
     VIC_RULES(relax_rules)},
};

const vic_algorithm vic_incremental = {
    .name = "incremental",
    .help = "as strict, and every step updates the synapses, too",
    .traits = {.takes_initial_beliefs = true,
               .takes_error_weights = true,
               .predicts_in_steps = true,
               .takes_euler_steps = true,
               .learns_in_steps = true,
               .in_beliefs_alone = true},
    .forms_every_error = true,
    .predicts_from_beliefs = vic_in_beliefs,
    .allocate = vic_moving_allocate,
    .is_sent = is_sent,
    .begin = vic_moving_begin,
    .phases = VIC_PHASES(phases),
    .belief_after = vic_moving_belief_after,
};
