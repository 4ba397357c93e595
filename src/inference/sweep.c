/* The feedforward sweep, and what is recorded on the way. */
#include "inference.h"

#include <math.h>
#include <stdio.h>

/* Copies the current micro-batch of the received prediction, or of the data, to vhat. */
static void take_vhat(vic_inference *x, vic_population *p) {
    vic_precision precision = x->network->precision;
    const void *came = vic_is_input(p) ? x->input : p->prediction;
    p->vhat = came;
    if (x->n_microbatches > 1 && !vic_is_hidden(p) &&
        vic_population_count_cost(p, VIC_TASK_COPY, x->microbatch.samples))
        return;
    if (x->n_microbatches > 1 && vic_is_input(p))
        vic_extract_microbatch(precision, p->count, x->batch, came, x->microbatch, p->own_vhat);
    else if (x->n_microbatches > 1 && vic_is_output(p))
        vic_insert_microbatch(precision, p->count, x->batch, came, x->microbatch, p->own_vhat);
    else if (p->own_vhat && x->n_microbatches == 1 && !vic_is_input(p))
        vic_copy(x, p, came, p->own_vhat);
    else
        return;
    p->vhat = p->own_vhat;
}

void vic_join_microbatches(const vic_inference *x, const vic_population *p, const void *microbatches,
                           void *whole) {
    for (int k = 0; k < x->n_microbatches && !p->dry; k++)
        vic_insert_microbatch(x->network->precision, p->count, x->batch, microbatches,
                              vic_nth_microbatch(x->batch, x->n_microbatches, k), whole);
}

static void record_prediction(const vic_inference *x, const vic_local_population *r) {
    const vic_population *p = r->population;
    if (vic_is_split(x, p))
        vic_join_microbatches(x, p, p->vhat, r->recorded_prediction);
    else
        vic_copy(x, p, p->vhat, r->recorded_prediction);
}

/* vhat is complete; an algorithm that moves beliefs starts them there. */
static void finish_sweep(const vic_inference *x, vic_local_population *r) {
    vic_population *p = r->population;
    vic_clear_errors(x, p);
    if (vic_is_input(p))
        return;
    if (vic_is_output(p))
        p->prediction = p->vhat;
    if (!x->options.algorithm->forms_every_error)
        vic_clear(x, p, p->error);
    if (p->belief)
        vic_copy(x, p, p->vhat, p->belief);
    if (r->recorded_prediction)
        record_prediction(x, r);
}

static bool is_last_microbatch(const vic_inference *x) {
    return x->microbatch_index == x->n_microbatches - 1;
}

static void take_prediction(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    (void)step, (void)arrived;
    take_vhat(x, r->population);
    if (is_last_microbatch(x))
        finish_sweep(x, r);
}

static vic_prediction_source source(const vic_inference *x, const vic_population *p) {
    const vic_algorithm *algorithm = x->options.algorithm;
    bool from_beliefs = algorithm->predicts_from_beliefs && algorithm->predicts_from_beliefs(x->options);
    return (vic_prediction_source){vic_projection_predict,
                                   from_beliefs && !vic_is_input(p) ? p->belief : p->vhat};
}

static void inspect_prediction(vic_inference *x, vic_local_population *r, int step) {
    if (!vic_is_input(r->population) && is_last_microbatch(x))
        vic_inspect(x, r->population, step, "prediction", r->population->vhat);
}

static void take_loss(vic_inference *x, vic_local_population *r, int step, bool arrived) {
    (void)arrived;
    if (vic_is_output(r->population))
        vic_form_output_error(x, r, step);
}

static const vic_phase phases[] = {
    {.name = "predict",
     .receives = VIC_PREDICTION,
     .sends = VIC_PREDICTION,
     .by_microbatch = true,
     .act = take_prediction,
     .source = source,
     .after = inspect_prediction},
    {.name = "take loss", .receives = VIC_NO_MESSAGE, .sends = VIC_NO_MESSAGE, .act = take_loss},
};

const vic_phases vic_sweep_phases = VIC_PHASES(phases);

/* The loss of the sweep is written in the run's precision, later ones are a share of the free energy. */
static bool is_finite_loss(const vic_inference *x, double loss, int step) {
    double rounded;
    if (step > 0)
        return isfinite(loss);
    x->arithmetic->from_float64(1, &loss, &rounded);
    return x->arithmetic->all_finite(1, &rounded);
}

/* With a loss that is not finite, or an error. */
static void inspect_anomaly(vic_inference *x, const vic_local_population *r, int step) {
    const vic_population *p = r->population;
    const vic_loss_kind *loss = x->network->loss;
    bool made = !is_finite_loss(x, r->energy[step], step) || !vic_is_finite(x, p, p->error);
    bool reads = vic_is_finite(x, p, p->prediction) &&
                 (loss->target_type == VIC_TARGET_CLASSES || vic_is_finite(x, p, x->target));
    char what[120];
    if (!made || !reads)
        return;
    snprintf(what, sizeof what, "%s of population %d makes a number that is not finite out of finite ones",
             loss->name, p->id);
    vic_note_anomaly(x, step, p->id, what);
}

static void inspect_loss(vic_inference *x, const vic_local_population *r, int step) {
    const vic_population *p = r->population;
    if (vic_detects_anomalies())
        inspect_anomaly(x, r, step);
    if (is_finite_loss(x, r->energy[step], step))
        vic_inspect(x, p, step, "error", p->error);
    else
        vic_note_fault(x, step, p->id, vic_is_finite(x, p, p->prediction) ? "loss" : "prediction");
}

void vic_form_output_error(vic_inference *x, vic_local_population *r, int step) {
    vic_population *p = r->population;
    vic_set_current_population(x, p);
    if (!vic_check_classes(x, p, step)) { /* the others wait for messages, whatever is in them */
        vic_clear(x, p, p->error);
        r->energy[step] = 0;
        return;
    }
    if (!vic_population_count_cost(p, VIC_TASK_LOSS, x->batch))
        r->energy[step] = x->network->loss->evaluate(p->count, x->batch, x->network->reduction, p->prediction,
                                                     x->target, p->error);
    if (step == 0)
        x->loss = r->energy[0];
    inspect_loss(x, r, step);
}

/* A number that is not finite shows in the sum of squares. */
void vic_record_error(vic_inference *x, vic_local_population *r, int step, const void *moved) {
    const vic_population *p = r->population;
    vic_set_current_population(x, p);
    r->energy[step] = vic_weighted_energy(x, p);
    if (isfinite(r->energy[step]))
        return;
    if (vic_is_finite(x, p, p->error))
        vic_note_fault(x, step, p->id, "free energy");
    else if (moved && !vic_is_finite(x, p, moved))
        vic_note_fault(x, step - 1, p->id, "belief");
    else
        vic_note_fault(x, step, p->id, "error");
}

void vic_record_again(vic_local_population *r, int step) {
    r->energy[step] = r->energy[step - 1];
}
