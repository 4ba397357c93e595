/* The feedforward sweep, and what is recorded on the way. */
#include "inference.h"

#include <math.h>
#include <string.h>

/* vhat is the prediction that was heard; an algorithm that moves beliefs starts them there. */
static void take_vhat(vic_inference *x, vic_resident *r) {
    vic_population *p = r->population;
    size_t bytes = p->count * x->batch * vic_precision_bytes(x->network->precision);
    p->vhat = vic_is_input(p) ? x->input : p->prediction;
    if (p->own_vhat)
        p->vhat = memcpy(p->own_vhat, p->vhat, bytes);
    p->has_feedback = false;
    for (int k = 0; k < p->n_out; k++)
        vic_projection_forget(&p->out[k]);
    if (vic_is_input(p))
        return;
    if (!x->options.algorithm->forms_every_error)
        memset(p->error, 0, bytes);
    if (p->belief)
        memcpy(p->belief, p->vhat, bytes);
    if (r->recorded_prediction)
        memcpy(r->recorded_prediction, p->vhat, bytes);
}

vic_status vic_sweep(vic_inference *x) {
    const vic_algorithm *algorithm = x->options.algorithm;
    bool from_beliefs = algorithm->predicts_from_beliefs && algorithm->predicts_from_beliefs(x->options);
    VIC_TRY(vic_listen(x, VIC_PREDICTION, 0));
    for (int i = 0; i < x->n_residents; i++) {
        vic_resident *r = &x->residents[i];
        vic_population *p = r->population;
        VIC_TRY(vic_hear_predictions(x, r, 0));
        take_vhat(x, r);
        bool from_belief = from_beliefs && !vic_is_input(p);
        VIC_TRY(vic_say_predictions(x, p, vic_projection_predict, from_belief ? p->belief : p->vhat, 0));
    }
    return VIC_OK;
}

static void notice(vic_inference *x, const vic_resident *r, int step) {
    if (isfinite(r->energy[step]) || x->faulty_population >= 0)
        return;
    x->faulty_population = r->population->id;
    x->faulty_step = step;
}

void vic_face_target(vic_inference *x, vic_resident *r, int step) {
    vic_population *p = r->population;
    vic_attend(x, p);
    r->energy[step] = x->network->loss->evaluate(p->count, x->batch, x->network->reduction, p->prediction,
                                                 x->target, p->error);
    if (step == 0)
        x->loss = r->energy[0];
    notice(x, r, step);
}

void vic_record_error(vic_inference *x, vic_resident *r, int step) {
    vic_attend(x, r->population);
    r->energy[step] = vic_weighted_energy(x, r->population);
    notice(x, r, step);
}

void vic_record_again(vic_resident *r, int step) {
    r->energy[step] = r->energy[step - 1];
}
