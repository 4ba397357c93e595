/* strict (Rosenbaum 2022, algorithm 2): predictions and Jacobians follow the beliefs. In every step
 *     eps_l = f_l(v_{l-1}) - v_l  for l < L,    eps_L = dLoss/df_L(v_{L-1}),
 *     v_l += eta (eps_l - J_{l+1}(v_l)^T eps_{l+1})  for 0 < l < L.
 * Learning uses the errors of the last step at the final beliefs.
 *
 * The first line subtracts nearly equal numbers. Error coordinates avoid that: a population carries its
 * displacement d_l = v_l - vhat_l, predictions after the sweep are the changes f_l(vhat + d) - f_l(vhat), and
 *     eps_l = change_l - d_l,    d_l += eta (eps_l - J_{l+1}^T eps_{l+1}).
 * Where the errors of a population have a precision P, w = P eps takes the place of eps in what it says, in
 * its move and in learning. */
#include "inference.h"

static bool in_beliefs(vic_inference_options options) {
    return options.coordinates == VIC_COORDINATES_BELIEF;
}

static vic_status furnish(vic_inference_options options, vic_population *p) {
    return in_beliefs(options) ? vic_population_make_belief(p) : vic_population_make_displacement(p);
}

/* What moves. */
static void *place_of(const vic_inference *x, const vic_population *p) {
    return in_beliefs(x->options) ? p->belief : p->displacement;
}

/* The input is clamped: its prediction never changes after the sweep, and it needs an error only to learn. */
static bool speaks(const vic_schedule *s, const vic_edge *edge, vic_message_kind kind, int step) {
    bool unconditional = s->options.always || s->options.initial_beliefs;
    if (kind == VIC_PREDICTION)
        return edge->from != 0 && (unconditional || step > s->strict_move[edge->from]);
    if (edge->from == 0 && step != s->steps)
        return false;
    return unconditional || step >= s->strict_error[edge->to];
}

/* Before the first step: at vhat, or at the beliefs that were given. */
static void begin(vic_inference *x, vic_resident *r) {
    vic_population *p = r->population;
    bool given = x->options.initial_beliefs && vic_is_hidden(p);
    if (vic_is_input(p))
        return;
    vic_attend(x, p);
    if (in_beliefs(x->options)) {
        if (given)
            vic_copy(x, p, r->initial, p->belief);
        return;
    }
    vic_forget_predictions(x, r);
    if (given)
        vic_subtract(x, p, r->initial, p->vhat, p->displacement);
    else
        vic_clear(x, p, p->displacement);
}

static vic_prediction_source source(const vic_inference *x, const vic_population *p) {
    if (in_beliefs(x->options))
        return (vic_prediction_source){vic_projection_predict, p->belief};
    return (vic_prediction_source){vic_projection_change, p->displacement};
}

static void form_hidden_error(vic_inference *x, vic_resident *r, int step) {
    vic_population *p = r->population;
    vic_attend(x, p);
    if (in_beliefs(x->options))
        vic_subtract(x, p, p->prediction, p->belief, p->error);
    else if (p->prediction)
        vic_subtract(x, p, p->prediction, p->displacement, p->error);
    else
        vic_mix(x, p, 0, -1, p->displacement, p->error);
    vic_weigh(x, p, p->error);
    vic_record_error(x, r, step, place_of(x, p));
}

static void form_output_error(vic_inference *x, vic_resident *r, int step) {
    vic_population *p = r->population;
    const void *change = p->prediction;
    vic_attend(x, p);
    if (!in_beliefs(x->options)) {
        vic_copy(x, p, p->vhat, p->displacement);
        if (change)
            vic_add(x, p, change, p->displacement);
        p->prediction = p->displacement;
    }
    vic_face_target(x, r, step);
    p->prediction = change;
}

static void form_error(vic_inference *x, vic_resident *r, int step, bool news) {
    (void)news;
    if (vic_is_hidden(r->population))
        form_hidden_error(x, r, step);
    else if (vic_is_output(r->population))
        form_output_error(x, r, step);
}

static void relax(vic_inference *x, vic_resident *r, int step, bool news) {
    vic_population *p = r->population;
    if (!vic_is_hidden(p))
        return;
    if (news)
        vic_population_feed_back(p, x->part, p->feedback);
    vic_attend(x, p);
    void *place = place_of(x, p);
    if (p->has_feedback)
        vic_relax(x, p, p->error, p->feedback, place);
    else if (step >= x->schedule->strict_move[p->id])
        vic_mix(x, p, 1, x->options.eta, p->error, place);
    if (step == x->schedule->steps) /* errors of later steps would tell */
        vic_inspect(x, p, step, "belief", place);
}

static const vic_phase phases[] = {
    {.name = "predict", .receives = VIC_NO_MESSAGE, .sends = VIC_PREDICTION, .source = source},
    {.name = "form error", .receives = VIC_PREDICTION, .sends = VIC_ERROR, .act = form_error},
    {.name = "relax", .receives = VIC_ERROR, .sends = VIC_NO_MESSAGE, .act = relax},
};

/* The gradients are taken at the final beliefs; the last predictions were made before the last move. These
 * are written where the last message was composed, and not sent. */
static vic_status finish(vic_inference *x, vic_population *p) {
    vic_attend(x, p);
    for (int j = 0; vic_is_hidden(p) && j < p->n_out; j++) {
        void *prediction;
        vic_prediction_source s = source(x, p);
        vic_channel *channel = vic_wiring_speaker(x->wiring, p->out[j].edge_index, VIC_PREDICTION);
        VIC_TRY(vic_channel_compose(channel, &prediction));
        s.rule(&p->out[j], x->part, s.from, prediction);
    }
    return VIC_OK;
}

/* The output has no belief of its own: what the sweep predicted stands for it. */
static void belief_after(const vic_inference *x, const vic_resident *r, int step, void *belief) {
    const vic_population *p = r->population;
    bool beliefs = in_beliefs(x->options) && !vic_is_output(p);
    (void)step;
    vic_copy(x, p, beliefs ? p->belief : r->recorded_prediction, belief);
    if (!in_beliefs(x->options) && !vic_is_output(p))
        vic_add(x, p, p->displacement, belief);
}

const vic_algorithm vic_strict = {
    .name = "strict",
    .traits = {.takes_initial_beliefs = true,
               .predicts_in_steps = true,
               .n_baselines = 1,
               .baseline_eta = {0.1}},
    .forms_every_error = true,
    .predicts_from_beliefs = in_beliefs,
    .furnish = furnish,
    .speaks = speaks,
    .begin = begin,
    .phases = VIC_PHASES(phases),
    .finish = finish,
    .belief_after = belief_after,
};
