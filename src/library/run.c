/* What a model does with a batch, and what is known of it then. */
#include "model.h"

#include <math.h>
#include <string.h>

static vic_status check_set(size_t set, size_t samples, const char *what) {
    if (set == samples)
        return VIC_OK;
    return VIC_FAIL_WRONG_USE("a batch of %zu samples, but %s of %zu are set", samples, what, set);
}

static vic_status check_batch(const vic_model *m, size_t samples, bool needs_targets) {
    size_t capacity = vic_inference_capacity(m->inference);
    if (samples < 1 || samples > capacity)
        return VIC_FAIL_WRONG_USE("a batch of %zu samples: the model has a capacity of 1 to %zu", samples,
                                  capacity);
    VIC_TRY(check_set(m->n_inputs, samples, "inputs"));
    return needs_targets ? check_set(m->n_targets, samples, "targets") : VIC_OK;
}

/* Collective. Before any message of a batch is sent. */
static vic_status begin(vic_model *m, vic_call call, size_t samples, vic_status mine) {
    VIC_TRY(vic_agreement_begin(&m->agreement, call, samples, mine));
    m->state = VIC_MODEL_FRESH;
    m->samples = samples;
    m->is_running = true;
    return VIC_OK;
}

static int64_t count_correct(const vic_model *m) {
    bool knows = m->has_classes && m->n_targets == m->samples && vic_inference_target(m->inference);
    return knows ? (int64_t)vic_inference_correct(m->inference, m->classes) : -1;
}

/* Collective. After all messages of a batch. *found becomes whether numbers of any rank were not finite. */
static vic_status end(vic_model *m, vic_status mine, const vic_fault *fault, bool *found) {
    vic_outcome outcome = {.found_fault = fault->found, .loss = NAN, .correct = -1};
    m->is_running = false;
    vic_subscriptions_bury(m);
    if (mine == VIC_OK) {
        outcome.loss = vic_inference_loss(m->inference);
        outcome.correct = count_correct(m);
    }
    VIC_TRY(vic_agreement_end(&m->agreement, mine, &outcome));
    m->loss = outcome.loss;
    m->correct = outcome.correct;
    *found = outcome.found_fault;
    return VIC_OK;
}

static vic_status predict(vic_model *m, size_t samples) {
    bool found;
    VIC_TRY(vic_model_check_free(m));
    VIC_TRY(begin(m, VIC_CALL_PREDICT, samples, check_batch(m, samples, false)));
    vic_status mine = vic_inference_sweep(m->inference, samples);
    VIC_TRY(end(m, mine, vic_inference_fault(m->inference), &found));
    if (found)
        VIC_TRY(vic_fault_report(m->inference, vic_inference_fault(m->inference)));
    m->state = VIC_MODEL_PREDICTED;
    return VIC_OK;
}

vic_result vic_model_predict(vic_model *model, size_t samples) {
    return vic_result_of(predict(model, samples));
}

/* Where steps learn there is no inference that leaves the synapses alone. */
static vic_status check_infer(const vic_model *m, size_t samples) {
    const vic_algorithm *algorithm = vic_inference_get_options(m->inference).algorithm;
    if (vic_algorithm_traits_of(algorithm)->learns_in_steps)
        return VIC_FAIL_WRONG_USE("%s learns in every step of an inference: call vic_model_learn",
                                  vic_algorithm_name(algorithm));
    return check_batch(m, samples, true);
}

static vic_status infer(vic_model *m, size_t samples) {
    bool found;
    VIC_TRY(vic_model_check_free(m));
    VIC_TRY(begin(m, VIC_CALL_INFER, samples, check_infer(m, samples)));
    vic_status mine = vic_inference_run(m->inference, samples);
    VIC_TRY(end(m, mine, vic_inference_fault(m->inference), &found));
    VIC_TRY(vic_inference_check(m->inference));
    m->state = VIC_MODEL_INFERRED;
    return VIC_OK;
}

vic_result vic_model_infer(vic_model *model, size_t samples) {
    return vic_result_of(infer(model, samples));
}

static vic_status check_learning(const vic_model *m, size_t samples) {
    if (!(m->flags & VIC_MODEL_LEARNS))
        return VIC_FAIL_WRONG_USE("the model was created without VIC_MODEL_LEARNS");
    if (m->trainer == NULL)
        return VIC_FAIL_WRONG_USE("the design has no optimizer: set learning.optimizer");
    return check_batch(m, samples, true);
}

/* Local. The random numbers of wires are those of the number of updates. */
static vic_status learn_from_batch(vic_model *m, size_t samples, vic_fault *fault) {
    vic_position position = vic_trainer_position(m->trainer);
    vic_inference_set_batch_index(m->inference, position.updates);
    vic_status status = vic_inference_run(m->inference, samples);
    if (status == VIC_OK)
        vic_trainer_update(m->trainer);
    position = vic_trainer_position(m->trainer);
    position.step = position.updates;
    vic_trainer_set_position(m->trainer, position);
    *fault = vic_trainer_take_fault(m->trainer);
    vic_fault_keep(fault, vic_inference_fault(m->inference));
    return status;
}

static vic_status learn(vic_model *m, size_t samples) {
    bool found;
    vic_fault fault = {0};
    VIC_TRY(vic_model_check_free(m));
    VIC_TRY(begin(m, VIC_CALL_LEARN, samples, check_learning(m, samples)));
    vic_status mine = learn_from_batch(m, samples, &fault);
    VIC_TRY(end(m, mine, &fault, &found));
    if (found)
        VIC_TRY(vic_fault_report(m->inference, &fault));
    m->state = VIC_MODEL_INFERRED;
    return VIC_OK;
}

vic_result vic_model_learn(vic_model *model, size_t samples) {
    return vic_result_of(learn(model, samples));
}

/* ---- what is known then ---- */

static vic_status find_loss(const vic_model *m, double *loss) {
    VIC_TRY(vic_model_check(m));
    VIC_TRY(vic_check_pointer(loss, "loss"));
    if (m->state != VIC_MODEL_INFERRED)
        return VIC_FAIL_WRONG_USE("there was no inference that the loss could be of");
    *loss = m->loss;
    return VIC_OK;
}

vic_result vic_model_loss(const vic_model *model, double *loss) {
    return vic_result_of(find_loss(model, loss));
}

static vic_status find_correct(const vic_model *m, size_t *correct) {
    VIC_TRY(vic_model_check(m));
    VIC_TRY(vic_check_pointer(correct, "correct"));
    if (m->state == VIC_MODEL_FRESH || m->correct < 0)
        return VIC_FAIL_WRONG_USE("no classes were set for the last batch");
    *correct = (size_t)m->correct;
    return VIC_OK;
}

vic_result vic_model_correct(const vic_model *model, size_t *correct) {
    return vic_result_of(find_correct(model, correct));
}

static vic_status check_energy(const vic_model *m, const double *energy, size_t count) {
    size_t expected = (size_t)vic_inference_steps(m->inference) + 1;
    VIC_TRY(vic_check_pointer(energy, "energy"));
    if (m->state != VIC_MODEL_INFERRED)
        return VIC_FAIL_WRONG_USE("there was no inference that the energy could be of");
    if (count != expected)
        return VIC_FAIL_WRONG_USE("an array of %zu energies, expected %zu", count, expected);
    return VIC_OK;
}

/* Collective. *totals becomes a new array on every rank. */
static vic_status broadcast_energy(vic_model *m, size_t count, double **totals) {
    size_t bytes = count * sizeof **totals;
    *totals = NULL;
    vic_status status = vic_allocate(count, sizeof **totals, totals);
    VIC_TRY(vic_group_agree_on_status(m->group, status));
    VIC_TRY(vic_inference_collect_energy(m->inference, *totals));
    if (vic_group_rank(m->group) != 0)
        vic_release(totals);
    return vic_group_broadcast(m->group, totals, &bytes);
}

static vic_status collect_energy(vic_model *m, double *energy, size_t count) {
    double *totals;
    VIC_TRY(vic_model_check_free(m));
    VIC_TRY(vic_agreement_begin(&m->agreement, VIC_CALL_ENERGY, count, check_energy(m, energy, count)));
    vic_status status = broadcast_energy(m, count, &totals);
    if (status == VIC_OK)
        memcpy(energy, totals, count * sizeof *energy);
    vic_release(&totals);
    return status;
}

vic_result vic_model_energy(vic_model *model, double *energy, size_t count) {
    return vic_result_of(collect_energy(model, energy, count));
}
