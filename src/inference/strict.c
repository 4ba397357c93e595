/* strict (Rosenbaum 2022, algorithm 2): predictions and Jacobians follow the beliefs. In every step
 *     eps_l = f_l(v_{l-1}) - v_l  for l < L,    eps_L = dLoss/df_L(v_{L-1}),
 *     v_l += eta (eps_l - J_{l+1}(v_l)^T eps_{l+1})  for 0 < l < L.
 * Learning uses the errors of the last step at the final beliefs. */
#include "inference.h"

#include <string.h>

static bool needs_belief(vic_inference_options options) {
    (void)options;
    return true;
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

/* Before the first step: beliefs that were given take the place of vhat. */
static void start(vic_inference *x) {
    for (int k = 0; k < x->n_residents; k++) {
        vic_resident *r = &x->residents[k];
        vic_population *p = r->population;
        if (vic_is_hidden(p))
            memcpy(p->belief, r->initial, p->count * x->batch * vic_precision_bytes(x->network->precision));
    }
}

static vic_status predict(vic_inference *x, int i) {
    for (int k = 0; k < x->n_residents; k++) {
        vic_population *p = x->residents[k].population;
        if (vic_is_hidden(p))
            VIC_TRY(vic_say_predictions(x, p, p->belief, i));
    }
    return VIC_OK;
}

static vic_status err(vic_inference *x, int i) {
    for (int k = 0; k < x->n_residents; k++) {
        vic_resident *r = &x->residents[k];
        vic_population *p = r->population;
        VIC_TRY(vic_hear_predictions(x, r, i));
        if (vic_is_hidden(p)) {
            x->arithmetic->subtract(p->count * x->batch, p->prediction, p->belief, p->error);
            vic_record_error(x, r, i);
        } else if (vic_is_output(p)) {
            vic_face_target(x, r, i);
        }
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
            vic_population_feed_back(p, x->batch);
        if (p->has_feedback)
            x->arithmetic->relax(p->count * x->batch, x->options.eta, p->error, p->feedback, p->belief);
    }
    return VIC_OK;
}

static vic_status step(vic_inference *x, int i) {
    if (i == 1 && x->options.initial_beliefs)
        start(x);
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
        for (int j = 0; vic_is_hidden(p) && j < p->n_out; j++) {
            vic_projection *out = &p->out[j];
            void *prediction;
            vic_channel *channel = vic_wiring_speaker(x->wiring, out->edge_index, VIC_PREDICTION);
            VIC_TRY(vic_channel_compose(channel, &prediction));
            vic_projection_predict(out, x->batch, p->belief, prediction);
        }
    }
    return VIC_OK;
}

/* The output has no belief of its own: what the sweep predicted stands for it. */
static void final_belief(const vic_inference *x, const vic_resident *r, void *belief) {
    const vic_population *p = r->population;
    const void *from = vic_is_output(p) ? r->recorded_prediction : p->belief;
    memcpy(belief, from, p->count * x->batch * vic_precision_bytes(x->network->precision));
}

const vic_algorithm vic_strict = {
    .name = "strict",
    .predicts_from_beliefs = true,
    .needs_belief = needs_belief,
    .speaks = speaks,
    .step = step,
    .settle = settle,
    .final_belief = final_belief,
};
