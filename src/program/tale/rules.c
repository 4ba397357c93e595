/* Each algorithm with the rule that its populations apply, neuron by neuron. */
#include "rules.h"

#include "speech.h"

#include <stdarg.h>

bool vic_tale_is_hidden(const vic_tale *t, int p) {
    return p > 0 && p < vic_network_output(t->network);
}

typedef void tell_neuron(const vic_tale *t, int p, int step, size_t i);

static vic_number_text state(const vic_tale *t, int p, vic_quantity quantity, int step, size_t i) {
    return vic_number(t, vic_tale_state(t, p, quantity, step)[i]);
}

/* "NAME_p[i] <- ... = result" for each neuron. */
static void tell_rule(const vic_tale *t, const char *name, int p, int step, vic_quantity quantity, int after,
                      tell_neuron *tell) {
    size_t n = vic_tale_neurons(t, p);
    for (size_t i = 0; i < vic_shown(n); i++) {
        printf("      %s_%d[%zu] <- ", name, p, i + 1);
        tell(t, p, step, i);
        printf(" = %s\n", state(t, p, quantity, after, i).text);
    }
    vic_tell_rest(n);
}

/* "" or " * 2": what the errors of a hidden population weigh. */
static vic_number_text weight(const vic_tale *t, int p, size_t i) {
    const vic_error_precision *all = t->options.precision_weights;
    vic_number_text text = {""};
    if (all && all[p].count > 0)
        snprintf(text.text, sizeof text.text, " * %.9g", all[p].values[all[p].count == 1 ? 0 : i]);
    return text;
}

void vic_tell_applies(const vic_tale *t, const char *format, ...) {
    va_list words;
    va_start(words, format);
    printf("  %s ", vic_voice(t, "applies", "I apply"));
    vprintf(format, words);
    printf("\n");
    va_end(words);
}

/* What an error from above means here, written out when it has just come. */
static vic_status tell_feedback(const vic_tale *t, int p, int step, int seen) {
    vic_view view;
    if (!vic_tale_hears(t, p, VIC_ERROR, step))
        return VIC_OK;
    printf("  %s it back through %s own synapses, J_%d^T eps_%d:\n", vic_voice(t, "takes", "I take"),
           vic_voice(t, "its", "my"), p + 1, p + 1);
    vic_status status = vic_view_open(&view, t, p, seen);
    if (status == VIC_OK)
        status = vic_view_pull_back(&view, step);
    if (status == VIC_OK)
        vic_tell_feedback(&view);
    vic_view_close(&view);
    return status;
}

static void tell_no_feedback(const vic_tale *t, int p) {
    if (!t->quiet)
        printf("  %s no error from population %d yet: nothing changes\n",
               vic_voice(t, "has heard", "I have heard"), p + 1);
}

/* What follows for the belief; `difference` is how the rule holds it. */
static void tell_belief(const vic_tale *t, int p, int step, const char *difference) {
    printf("  %s v_%d = vhat_%d %s_%d = ", vic_voice(t, "believes now", "I believe now"), p, p, difference,
           p);
    vic_tell_vector(t, vic_tale_state(t, p, VIC_QUANTITY_BELIEF, step), vic_tale_neurons(t, p));
    printf("\n");
}

/* `say` in a step: the layer's sums, then the message. */
vic_status vic_tell_predicting(const vic_tale *t, int p, int seen, int step) {
    vic_view view;
    if (!vic_tale_says(t, p, VIC_PREDICTION, step))
        return VIC_OK;
    bool change = step > 0 && vic_tale_traits(t)->predicts_in_steps && !vic_tale_in_beliefs(t);
    vic_tell_applies(
        t, change ? "the change of mu_%d = f_%d(vhat_%d + d_%d) - f_%d(vhat_%d)" : "mu_%d = f_%d(v_%d)",
        p + 1, p + 1, p, p, p + 1, p);
    vic_status status = vic_view_open(&view, t, p, seen);
    if (status == VIC_OK && change)
        vic_tell_change(&view);
    else if (status == VIC_OK)
        vic_tell_prediction(&view);
    vic_view_close(&view);
    if (status == VIC_OK)
        vic_tell_saying(t, p, VIC_PREDICTION, step);
    return status;
}

/* ---- exact ---- */

static vic_status tell_exact(const vic_tale *t, int p, int step) {
    vic_tell_hearing(t, p, VIC_ERROR, step);
    if (vic_tale_is_hidden(t, p)) {
        vic_tell_applies(t, "eps_%d = J_%d^T eps_%d, which is:", p, p + 1, p + 1);
        VIC_TRY(tell_feedback(t, p, step, 0));
    }
    if (p > 0)
        vic_tell_saying(t, p, VIC_ERROR, step);
    return VIC_OK;
}

/* ---- fixed-prediction ---- */

static void mixed(const vic_tale *t, int p, int step, size_t i) {
    vic_number_text eta = vic_number(t, t->options.eta);
    printf("(1 - %s%s) * %s + %s%s * %s", eta.text, weight(t, p, i).text,
           state(t, p, VIC_QUANTITY_ERROR, step, i).text, eta.text, weight(t, p, i).text,
           state(t, p, VIC_QUANTITY_FEEDBACK, step, i).text);
}

static void tell_mixing(const vic_tale *t, int p, int step) {
    if (step == t->steps) {
        printf("  %s eps_%d as it is: it was the last step, and errors drive learning as they were said\n",
               vic_voice(t, "leaves", "I leave"), p);
        return;
    }
    vic_tell_applies(t, "eps_%d <- (1 - eta) eps_%d + eta J_%d^T eps_%d", p, p, p + 1, p + 1);
    tell_rule(t, "eps", p, step, VIC_QUANTITY_ERROR, step + 1, mixed);
    tell_belief(t, p, step, t->options.precision_weights ? "- the unweighted eps" : "- eps");
}

static void vhat_minus_belief(const vic_tale *t, int p, int step, size_t i) {
    printf("(%s - %s)%s", state(t, p, VIC_QUANTITY_PREDICTION, 0, i).text,
           state(t, p, VIC_QUANTITY_BELIEF, step - 1, i).text, weight(t, p, i).text);
}

static void relaxed_belief(const vic_tale *t, int p, int step, size_t i) {
    printf("%s + %s * (%s - %s)", state(t, p, VIC_QUANTITY_BELIEF, step - 1, i).text,
           vic_number(t, t->options.eta).text, state(t, p, VIC_QUANTITY_ERROR, step, i).text,
           state(t, p, VIC_QUANTITY_FEEDBACK, step, i).text);
}

static void tell_relaxing(const vic_tale *t, int p, int step) {
    vic_tell_applies(t, "v_%d <- v_%d + eta (eps_%d - J_%d^T eps_%d)", p, p, p, p + 1, p + 1);
    tell_rule(t, "v", p, step, VIC_QUANTITY_BELIEF, step, relaxed_belief);
}

static vic_status tell_fixed(const vic_tale *t, int p, int step) {
    bool relaxes = vic_tale_in_beliefs(t), heard = vic_tale_has_heard_error(t, p, step);
    if (relaxes && vic_tale_is_hidden(t, p)) {
        vic_tell_applies(t, "eps_%d = vhat_%d - v_%d", p, p, p);
        tell_rule(t, "eps", p, step, VIC_QUANTITY_ERROR, step, vhat_minus_belief);
    }
    vic_tell_saying(t, p, VIC_ERROR, step);
    vic_tell_hearing(t, p, VIC_ERROR, step);
    if (!vic_tale_is_hidden(t, p))
        return VIC_OK;
    VIC_TRY(tell_feedback(t, p, step, 0));
    if (!heard)
        tell_no_feedback(t, p);
    else if (relaxes)
        tell_relaxing(t, p, step);
    else
        tell_mixing(t, p, step);
    return VIC_OK;
}

/* ---- strict ---- */

static void prediction_minus_belief(const vic_tale *t, int p, int step, size_t i) {
    printf("(%s - %s)%s", state(t, p, VIC_QUANTITY_PREDICTION, step, i).text,
           state(t, p, VIC_QUANTITY_BELIEF, step - 1, i).text, weight(t, p, i).text);
}

static void change_minus_displacement(const vic_tale *t, int p, int step, size_t i) {
    printf("(%s - %s)%s", state(t, p, VIC_QUANTITY_PREDICTION, step, i).text,
           state(t, p, VIC_QUANTITY_DISPLACEMENT, step - 1, i).text, weight(t, p, i).text);
}

static void relaxed_displacement(const vic_tale *t, int p, int step, size_t i) {
    printf("%s + %s * (%s - %s)", state(t, p, VIC_QUANTITY_DISPLACEMENT, step - 1, i).text,
           vic_number(t, t->options.eta).text, state(t, p, VIC_QUANTITY_ERROR, step, i).text,
           state(t, p, VIC_QUANTITY_FEEDBACK, step, i).text);
}

static void changed_prediction(const vic_tale *t, int p, int step, size_t i) {
    printf("%s + %s", state(t, p, VIC_QUANTITY_PREDICTION, 0, i).text,
           state(t, p, VIC_QUANTITY_PREDICTION, step, i).text);
}

static void tell_strict_error(const vic_tale *t, int p, int step) {
    if (vic_tale_in_beliefs(t)) {
        vic_tell_applies(t, "eps_%d = mu_%d - v_%d", p, p, p);
        tell_rule(t, "eps", p, step, VIC_QUANTITY_ERROR, step, prediction_minus_belief);
    } else {
        vic_tell_applies(t, "eps_%d = the change of mu_%d - d_%d, where d_%d = v_%d - vhat_%d", p, p, p, p, p,
                         p);
        tell_rule(t, "eps", p, step, VIC_QUANTITY_ERROR, step, change_minus_displacement);
    }
}

static void tell_strict_output(const vic_tale *t, int p, int step) {
    bool displaced = !vic_tale_in_beliefs(t);
    if (displaced) {
        vic_tell_applies(t, "mu_%d = vhat_%d + its change", p, p);
        tell_rule(t, "mu", p, step, VIC_QUANTITY_DISPLACEMENT, step, changed_prediction);
    }
    vic_tell_loss(
        t, step, vic_tale_state(t, p, displaced ? VIC_QUANTITY_DISPLACEMENT : VIC_QUANTITY_PREDICTION, step));
}

static void tell_strict_move(const vic_tale *t, int p, int step) {
    if (vic_tale_in_beliefs(t)) {
        tell_relaxing(t, p, step);
        return;
    }
    vic_tell_applies(t, "d_%d <- d_%d + eta (eps_%d - J_%d^T eps_%d)", p, p, p, p + 1, p + 1);
    tell_rule(t, "d", p, step, VIC_QUANTITY_DISPLACEMENT, step, relaxed_displacement);
    tell_belief(t, p, step, "+ d");
}

/* What it believed after the step before is what it predicts from. */
static vic_status tell_strict(const vic_tale *t, int p, int step) {
    VIC_TRY(vic_tell_predicting(t, p, step - 1, step));
    vic_tell_hearing(t, p, VIC_PREDICTION, step);
    if (vic_tale_is_hidden(t, p))
        tell_strict_error(t, p, step);
    else if (p > 0)
        tell_strict_output(t, p, step);
    vic_tell_saying(t, p, VIC_ERROR, step);
    vic_tell_hearing(t, p, VIC_ERROR, step);
    if (!vic_tale_is_hidden(t, p))
        return VIC_OK;
    VIC_TRY(tell_feedback(t, p, step, step - 1));
    tell_strict_move(t, p, step);
    return VIC_OK;
}

/* ---- any other algorithm ---- */

static vic_status tell_any(const vic_tale *t, int p, int step) {
    for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++) {
        vic_tell_hearing(t, p, (vic_message_kind)kind, step);
        vic_tell_saying(t, p, (vic_message_kind)kind, step);
    }
    return VIC_OK;
}

/* ---- which rule ---- */

typedef vic_status tell_step(const vic_tale *t, int p, int step);

static tell_step *teller_of(const vic_tale *t) {
    return vic_tale_uses(t, "exact")              ? tell_exact
           : vic_tale_uses(t, "fixed-prediction") ? tell_fixed
           : vic_tale_uses(t, "strict")           ? tell_strict
                                                  : tell_any;
}

vic_status vic_tell_applying(const vic_tale *t, int p, int step) {
    return teller_of(t)(t, p, step);
}
