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
static void start(vic_inference *x, vic_resident *r) {
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

static vic_status predict(vic_inference *x, int i) {
    for (int k = 0; k < x->n_residents; k++) {
        vic_population *p = x->residents[k].population;
        if (!vic_is_hidden(p))
            continue;
        if (in_beliefs(x->options))
            VIC_TRY(vic_say_predictions(x, p, vic_projection_predict, p->belief, i));
        else
            VIC_TRY(vic_say_predictions(x, p, vic_projection_change, p->displacement, i));
    }
    return VIC_OK;
}

static void form_error(vic_inference *x, vic_resident *r, int i) {
    vic_population *p = r->population;
    vic_attend(x, p);
    if (in_beliefs(x->options))
        vic_subtract(x, p, p->prediction, p->belief, p->error);
    else if (p->prediction)
        vic_subtract(x, p, p->prediction, p->displacement, p->error);
    else
        vic_mix(x, p, 0, -1, p->displacement, p->error);
    vic_weigh(x, p, p->error);
    vic_record_error(x, r, i, place_of(x, p));
}

static void form_output_error(vic_inference *x, vic_resident *r, int i) {
    vic_population *p = r->population;
    const void *change = p->prediction;
    vic_attend(x, p);
    if (!in_beliefs(x->options)) {
        vic_copy(x, p, p->vhat, p->displacement);
        if (change)
            vic_add(x, p, change, p->displacement);
        p->prediction = p->displacement;
    }
    vic_face_target(x, r, i);
    p->prediction = change;
}

static vic_status err(vic_inference *x, int i) {
    for (int k = 0; k < x->n_residents; k++) {
        vic_resident *r = &x->residents[k];
        VIC_TRY(vic_hear_predictions(x, r, i));
        if (vic_is_hidden(r->population))
            form_error(x, r, i);
        else if (vic_is_output(r->population))
            form_output_error(x, r, i);
        VIC_TRY(vic_say_error(x, r, i));
    }
    return VIC_OK;
}

static vic_status relax(vic_inference *x, int i) {
    for (int k = 0; k < x->n_residents; k++) {
        vic_population *p = x->residents[k].population;
        bool news;
        VIC_TRY(vic_hear_errors(x, p, i, &news));
        if (!vic_is_hidden(p))
            continue;
        if (news)
            vic_population_feed_back(p, x->part, p->feedback);
        vic_attend(x, p);
        void *place = place_of(x, p);
        if (p->has_feedback)
            vic_relax(x, p, p->error, p->feedback, place);
        else if (i >= x->schedule->strict_move[p->id])
            vic_mix(x, p, 1, x->options.eta, p->error, place);
        if (i == x->schedule->steps) /* errors of later steps would tell */
            vic_inspect(x, p, i, "belief", place);
    }
    return VIC_OK;
}

static vic_status step(vic_inference *x, int i) {
    for (int k = 0; i == 1 && k < x->n_residents; k++)
        start(x, &x->residents[k]);
    VIC_TRY(vic_listen(x, VIC_PREDICTION, i));
    VIC_TRY(vic_listen(x, VIC_ERROR, i));
    VIC_TRY(predict(x, i));
    VIC_TRY(err(x, i));
    return relax(x, i);
}

/* The gradients are taken at the final beliefs; the last predictions were made before the last move. Nobody
 * hears these: they are written where the last message was composed, and not sent. */
static vic_status settle(vic_inference *x) {
    for (int k = 0; k < x->n_residents; k++) {
        vic_population *p = x->residents[k].population;
        vic_attend(x, p);
        for (int j = 0; vic_is_hidden(p) && j < p->n_out; j++) {
            void *prediction;
            vic_channel *channel = vic_wiring_speaker(x->wiring, p->out[j].edge_index, VIC_PREDICTION);
            VIC_TRY(vic_channel_compose(channel, &prediction));
            if (in_beliefs(x->options))
                vic_projection_predict(&p->out[j], x->part, p->belief, prediction);
            else
                vic_projection_change(&p->out[j], x->part, p->displacement, prediction);
        }
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
    .forms_every_error = true,
    .predicts_from_beliefs = in_beliefs,
    .furnish = furnish,
    .speaks = speaks,
    .step = step,
    .settle = settle,
    .belief_after = belief_after,
};
