#include "moving.h"

bool vic_in_beliefs(vic_inference_options options) {
    return options.coordinates == VIC_COORDINATES_BELIEF;
}

vic_status vic_moving_allocate(vic_inference_options options, vic_population *p) {
    return vic_in_beliefs(options) ? vic_population_make_belief(p) : vic_population_make_displacement(p);
}

void *vic_moving_place(const vic_inference *x, const vic_population *p) {
    return vic_in_beliefs(x->options) ? p->belief : p->displacement;
}

/* The input is clamped: its prediction never changes after the sweep, and it needs an error only to learn. */
bool vic_moving_is_sent(const vic_schedule *s, const vic_edge *edge, vic_message_kind kind, int step) {
    bool unconditional = s->options.always || s->options.initial_beliefs;
    if (kind == VIC_PREDICTION)
        return edge->from != 0 && (unconditional || step > s->first_move[edge->from]);
    if (edge->from == 0 && step != s->steps)
        return false;
    return unconditional || step >= s->first_error[edge->to];
}

void vic_moving_begin(vic_inference *x, vic_local_population *r) {
    vic_population *p = r->population;
    bool given = x->options.initial_beliefs && vic_is_hidden(p);
    if (vic_is_input(p))
        return;
    vic_set_current_population(x, p);
    if (vic_in_beliefs(x->options)) {
        if (given)
            vic_copy(x, p, r->initial, p->belief);
        return;
    }
    vic_clear_predictions(x, r);
    if (given)
        vic_subtract(x, p, r->initial, p->vhat, p->displacement);
    else
        vic_clear(x, p, p->displacement);
}

vic_prediction_source vic_moving_source(const vic_inference *x, const vic_population *p) {
    if (vic_in_beliefs(x->options))
        return (vic_prediction_source){vic_projection_predict, p->belief};
    return (vic_prediction_source){vic_projection_change, p->displacement};
}

void vic_moving_difference(vic_inference *x, vic_population *p) {
    vic_set_current_population(x, p);
    if (vic_in_beliefs(x->options))
        vic_subtract(x, p, p->prediction, p->belief, p->error);
    else if (p->prediction)
        vic_subtract(x, p, p->prediction, p->displacement, p->error);
    else
        vic_mix(x, p, 0, -1, p->displacement, p->error);
}

void vic_moving_output_error(vic_inference *x, vic_local_population *r, int step) {
    vic_population *p = r->population;
    const void *change = p->prediction;
    vic_set_current_population(x, p);
    if (!vic_in_beliefs(x->options)) {
        if (change)
            vic_add(x, p, p->vhat, change, p->displacement);
        else
            vic_copy(x, p, p->vhat, p->displacement);
        p->prediction = p->displacement;
    }
    vic_form_output_error(x, r, step);
    p->prediction = change;
}

void vic_moving_form_error(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    vic_population *p = r->population;
    (void)arrived;
    if (vic_is_output(p))
        vic_moving_output_error(x, r, step);
    if (!vic_is_hidden(p))
        return;
    vic_moving_difference(x, p);
    vic_weigh(x, p, p->error);
    vic_record_error(x, r, step, vic_moving_place(x, p));
}

void vic_moving_relax(vic_inference *x, vic_population *p, int step, bool last) {
    void *place = vic_moving_place(x, p);
    vic_set_current_population(x, p);
    if (p->has_feedback)
        vic_relax(x, p, p->error, p->feedback, place);
    else if (step >= x->schedule->first_move[p->id])
        vic_mix(x, p, 1, x->options.eta, p->error, place);
    if (last) /* errors of later steps would show it */
        vic_inspect(x, p, step, "belief", place);
}

/* The output has no belief of its own: the prediction of the sweep takes its place. */
void vic_moving_belief_after(const vic_inference *x, const vic_local_population *r, int step, void *belief) {
    const vic_population *p = r->population;
    bool beliefs = vic_in_beliefs(x->options) && !vic_is_output(p);
    (void)step;
    if (!vic_in_beliefs(x->options) && !vic_is_output(p))
        vic_add(x, p, r->recorded_prediction, p->displacement, belief);
    else
        vic_copy(x, p, beliefs ? p->belief : r->recorded_prediction, belief);
}
