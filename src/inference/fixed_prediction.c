/* fixed-prediction (Rosenbaum 2022, algorithm 3): Jacobians stay at the sweep's vhat. All populations at
 * once, in error coordinates: eps_l <- (1 - eta) eps_l + eta J_{l+1}^T eps_{l+1}, from eps_l = 0, or in
 * belief coordinates, where rounding shows: eps_l = vhat_l - v_l, v_l += eta (eps_l - J_{l+1}^T eps_{l+1}).
 * The errors that drive learning are those of the last step, after n-1 updates. */
#include "inference.h"

static bool in_beliefs(vic_inference_options options) {
    return options.coordinates == VIC_COORDINATES_BELIEF;
}

static vic_status allocate(vic_inference_options options, vic_population *p) {
    return in_beliefs(options) ? vic_population_make_belief(p) : VIC_OK;
}

/* The output's error never changes. At eta = 1 an error becomes what came from above and keeps nothing, so it
 * changes only in the steps in which a changed message arrives: one in a chain. In belief coordinates
 * rounding goes on changing it. The input population needs an error only to learn. */
static bool is_sent(const vic_schedule *s, const vic_edge *edge, vic_message_kind kind, int step) {
    int first = s->shortest[edge->to] + 1, last = s->longest[edge->to] + 1;
    if (kind == VIC_PREDICTION)
        return false;
    if (edge->from == 0)
        return step == s->steps && (s->options.always || step >= first);
    if (s->options.always)
        return true;
    bool changes_once = edge->to == vic_network_output(s->network);
    bool keeps_nothing = s->keeps_nothing && !in_beliefs(s->options);
    return step >= first && (step <= last || !(changes_once || keeps_nothing));
}

static void form_hidden_error(vic_inference *x, vic_local_population *r, int step) {
    vic_population *p = r->population;
    bool unchanged =
        x->schedule->keeps_nothing && !in_beliefs(x->options) && step > x->schedule->longest[p->id] + 1;
    if (in_beliefs(x->options)) {
        vic_set_current_population(x, p);
        vic_subtract(x, p, p->vhat, p->belief, p->error);
        vic_weigh(x, p, p->error);
    }
    if (unchanged || !p->has_feedback)
        vic_record_again(r, step);
    else
        vic_record_error(x, r, step, in_beliefs(x->options) ? p->belief : p->error);
}

static void form_error(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    (void)arrived;
    if (vic_is_hidden(r->population))
        form_hidden_error(x, r, step);
    else if (vic_is_output(r->population))
        vic_record_again(r, step);
}

static void move(vic_inference *x, vic_population *p, bool arrived) {
    if (!p->has_feedback)
        return;
    vic_set_current_population(x, p);
    if (in_beliefs(x->options))
        vic_relax(x, p, p->error, p->feedback, p->belief);
    else if (!x->schedule->keeps_nothing || arrived)
        vic_mix_weighted(x, p, x->options.eta, p->feedback, p->error);
}

/* The last update moves beliefs; in error coordinates only a record needs it, see belief_after. */
static void relax(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    vic_population *p = r->population;
    bool last = step == x->schedule->steps;
    if (!vic_is_hidden(p) || (last && !x->options.record))
        return;
    if (arrived)
        vic_population_feedback(p, x->microbatch, p->feedback);
    if (!last || in_beliefs(x->options))
        move(x, p, arrived);
}

static const vic_local_rule error_rules[] = {
    {.coordinates = VIC_RULE_IN_BELIEFS,
     .formula = "eps_{p} = vhat_{p} - v_{p}",
     .name = "eps",
     .numbers = "({prediction0} - {belief-}){weight}",
     .result = VIC_QUANTITY_ERROR},
};

static const vic_local_rule relax_rules[] = {
    {.coordinates = VIC_RULE_IN_BELIEFS,
     .needs_error = true,
     .formula = "v_{p} <- v_{p} + eta (eps_{p} - J_{q}^T eps_{q})",
     .name = "v",
     .numbers = "{belief-} + {eta} * ({error} - {feedback})",
     .result = VIC_QUANTITY_BELIEF},
    {.coordinates = VIC_RULE_IN_ERRORS,
     .needs_error = true,
     .last_steps = 1,
     .formula = "eps_{p} <- (1 - eta) eps_{p} + eta J_{q}^T eps_{q}",
     .name = "eps",
     .numbers = "(1 - {eta}{weight}) * {error} + {eta}{weight} * {feedback}",
     .result = VIC_QUANTITY_ERROR,
     .result_step = 1,
     .belief = "vhat_{p} - {unweighted}eps_{p}",
     .otherwise = "eps_{p} as it is: it was the last step, and errors drive learning as they were said"},
};

static const vic_phase phases[] = {
    {.name = "form error",
     .receives = VIC_NO_MESSAGE,
     .sends = VIC_ERROR,
     .act = form_error,
     VIC_RULES(error_rules)},
    {.name = "relax", .receives = VIC_ERROR, .sends = VIC_NO_MESSAGE, .act = relax, VIC_RULES(relax_rules)},
};

/* In error coordinates v_l = vhat_l - eps_l, and the n-th update is made here, on a copy. */
static void belief_after(const vic_inference *x, const vic_local_population *r, int step, void *belief) {
    const vic_population *p = r->population;
    if (vic_is_output(p)) {
        vic_copy(x, p, p->vhat, belief);
        return;
    }
    if (in_beliefs(x->options)) {
        vic_copy(x, p, p->belief, belief);
        return;
    }
    vic_copy(x, p, p->error, belief);
    if (p->has_feedback && step == x->schedule->steps)
        vic_mix_weighted(x, p, x->options.eta, p->feedback, belief);
    vic_unweigh(x, p, belief);
    vic_subtract(x, p, p->vhat, belief, belief);
}

const vic_algorithm vic_fixed_prediction = {
    .name = "fixed-prediction",
    .help = "errors relax towards what comes back from above; Jacobians stay at those of the sweep",
    .traits = {.takes_error_weights = true, .follows_law = true, .n_baselines = 2, .baseline_eta = {1, 0.1}},
    .allocate = allocate,
    .is_sent = is_sent,
    .phases = VIC_PHASES(phases),
    .belief_after = belief_after,
};
