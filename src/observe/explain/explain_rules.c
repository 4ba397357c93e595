/* What populations apply: the texts of their algorithm's rules, with the numbers of each neuron in them. */
#include "explain_rules.h"
#include "explain_messages.h"

#include <stdarg.h>
#include <string.h>

bool vic_explanation_is_hidden(const vic_explanation *t, int p) {
    return p > 0 && p < vic_network_output(t->network);
}

void vic_print_applies(const vic_explanation *t, const char *format, ...) {
    va_list words;
    va_start(words, format);
    printf("  %s ", vic_point_of_view(t, "applies", "I apply"));
    vprintf(format, words);
    printf("\n");
    va_end(words);
}

/* ---- texts with places for numbers ---- */

/* Where a text is printed: neuron `i` of a population in a step. */
typedef struct place {
    const vic_explanation *explanation;
    int population, step;
    size_t i;
} place;

/* " * 2": what the errors of a hidden population weigh. */
static void print_weight(const place *at) {
    const vic_error_weight *all = at->explanation->options.error_weights;
    const vic_error_weight *own = all ? &all[at->population] : NULL;
    if (own && own->count > 0)
        printf(" * %.9g", own->values[own->count == 1 ? 0 : at->i]);
}

/* What moves, and is printed of algorithms that predict in steps. */
static vic_quantity place_of(const vic_explanation *t) {
    return vic_explanation_in_beliefs(t) ? VIC_QUANTITY_BELIEF : VIC_QUANTITY_DISPLACEMENT;
}

static const char *place_name(const vic_explanation *t) {
    return vic_explanation_in_beliefs(t) ? "v" : "d";
}

static void print_value(const place *at, vic_quantity quantity, int step) {
    const double *values = vic_explanation_state(at->explanation, at->population, quantity, step);
    printf("%s", vic_number(at->explanation, values[at->i]).text);
}

static bool is_word(const char *word, size_t length, const char *known) {
    return strlen(known) == length && strncmp(word, known, length) == 0;
}

static void print_quantity(const place *at, const char *word, size_t length) {
    char last = word[length - 1];
    int step = last == '0' ? 0 : last == '-' ? at->step - 1 : at->step;
    size_t name = last == '0' || last == '-' ? length - 1 : length;
    if (is_word(word, name, "place"))
        print_value(at, place_of(at->explanation), step);
    for (int q = 0; q < VIC_QUANTITIES; q++)
        if (is_word(word, name, vic_quantity_name((vic_quantity)q)))
            print_value(at, (vic_quantity)q, step);
}

static void print_where(int p, bool beliefs) {
    if (!beliefs)
        printf(", where d_%d = v_%d - vhat_%d", p, p, p);
}

/* Words that depend on what moves; false: it is none of them. */
static bool print_moving(const place *at, const char *word, size_t length) {
    bool beliefs = vic_explanation_in_beliefs(at->explanation);
    int p = at->population;
    if (is_word(word, length, "v"))
        printf("%s_%d", place_name(at->explanation), p);
    else if (is_word(word, length, "mu"))
        printf(beliefs ? "mu_%d" : "the change of mu_%d", p);
    else if (is_word(word, length, "where"))
        print_where(p, beliefs);
    else
        return false;
    return true;
}

static void print_place(const place *at, const char *word, size_t length) {
    const vic_inference_options *o = &at->explanation->options;
    if (is_word(word, length, "p"))
        printf("%d", at->population);
    else if (is_word(word, length, "q"))
        printf("%d", at->population + 1);
    else if (is_word(word, length, "eta"))
        printf("%s", vic_number(at->explanation, o->eta).text);
    else if (is_word(word, length, "penalty"))
        printf("%s", vic_number(at->explanation, o->penalty).text);
    else if (is_word(word, length, "dual_rate"))
        printf("%s", vic_number(at->explanation, o->dual_rate).text);
    else if (is_word(word, length, "optimizer"))
        printf("%s", vic_trainer_options(at->explanation->learner)->optimizer->name);
    else if (is_word(word, length, "weight"))
        print_weight(at);
    else if (is_word(word, length, "unweighted"))
        printf("%s", o->error_weights ? "the unweighted " : "");
    else if (!print_moving(at, word, length))
        print_quantity(at, word, length);
}

static void print_text(const place *at, const char *text) {
    for (const char *open; (open = strchr(text, '{')) != NULL; text = strchr(open, '}') + 1) {
        printf("%.*s", (int)(open - text), text);
        print_place(at, open + 1, (size_t)(strchr(open, '}') - open - 1));
    }
    printf("%s", text);
}

/* ---- one rule ---- */

static bool is_of(const vic_explanation *t, const vic_local_rule *rule, int p) {
    bool beliefs = vic_explanation_in_beliefs(t), who = p == vic_network_output(t->network);
    if (rule->output != who || (p == 0 && !rule->learns))
        return false;
    return rule->coordinates == VIC_RULE_ANY || (rule->coordinates == VIC_RULE_IN_BELIEFS) == beliefs;
}

static bool is_over(const vic_explanation *t, const vic_local_rule *rule, int step) {
    return step > t->steps - rule->last_steps;
}

/* Is the rule printed for population p in this step? */
static bool is_explained(const vic_explanation *t, const vic_local_rule *rule, int p, int step) {
    return is_of(t, rule, p) && step >= rule->first_step && (!is_over(t, rule, step) || rule->otherwise);
}

static void print_neurons(const vic_explanation *t, const vic_local_rule *rule, int p, int step) {
    place at = {t, p, step, 0};
    vic_quantity what = rule->moves ? place_of(t) : rule->result;
    const double *result = vic_explanation_state(t, p, what, step + rule->result_step);
    size_t n = vic_explanation_neurons(t, p);
    for (at.i = 0; at.i < vic_shown(n); at.i++) {
        printf("      %s_%d[%zu] <- ", rule->moves ? place_name(t) : rule->name, p, at.i + 1);
        print_text(&at, rule->numbers);
        printf(" = %s\n", vic_number(t, result[at.i]).text);
    }
    vic_print_rest(n);
}

static void print_belief(const vic_explanation *t, const vic_local_rule *rule, int p, int step) {
    printf("  %s v_%d = ", vic_point_of_view(t, "believes now", "I believe now"), p);
    print_text(&(place){t, p, step, 0}, rule->moves ? "vhat_{p} + d_{p}" : rule->belief);
    printf(" = ");
    vic_print_vector(t, vic_explanation_state(t, p, VIC_QUANTITY_BELIEF, step),
                     vic_explanation_neurons(t, p));
    printf("\n");
}

static void print_no_error(const vic_explanation *t, int p) {
    if (!t->quiet)
        printf("  %s no error from population %d yet: nothing changes\n",
               vic_point_of_view(t, "has heard", "I have heard"), p + 1);
}

/* The gradients of a step, and what the parameters become. */
static vic_status print_update(const vic_explanation *t, int p, int step) {
    vic_view view;
    if (vic_edge_parameters(&t->network->edges[p]) == 0)
        return VIC_OK;
    if (!vic_explanation_has_received_error(t, p, step)) {
        printf("  %s no error yet: the gradient is 0\n", vic_point_of_view(t, "has heard", "I have heard"));
        return VIC_OK;
    }
    vic_status status = vic_view_open(&view, t, p, step - 1);
    if (status == VIC_OK)
        status = vic_view_vjp(&view, step);
    if (status == VIC_OK)
        vic_print_update(&view);
    vic_view_close(&view);
    printf("  %s now\n", vic_point_of_view(t, "owns", "I own"));
    vic_print_parameters(t, p, t->learned[step][p]);
    return status;
}

static vic_status print_rule(const vic_explanation *t, const vic_local_rule *rule, int p, int step) {
    const place at = {t, p, step, 0};
    if (rule->learns && vic_edge_parameters(&t->network->edges[p]) == 0)
        return VIC_OK;
    if (rule->needs_error && !vic_explanation_has_received_error(t, p, step)) {
        print_no_error(t, p);
        return VIC_OK;
    }
    if (rule->formula || rule->otherwise) {
        bool over = is_over(t, rule, step);
        printf("  %s ",
               over ? vic_point_of_view(t, "leaves", "I leave") : vic_point_of_view(t, "applies", "I apply"));
        print_text(&at, over ? rule->otherwise : rule->formula);
        printf("\n");
        if (over)
            return VIC_OK;
    }
    if (rule->numbers)
        print_neurons(t, rule, p, step);
    if (rule->belief || (rule->moves && !vic_explanation_in_beliefs(t)))
        print_belief(t, rule, p, step);
    if (rule->is_loss)
        vic_print_loss(t, step, vic_explanation_state(t, p, rule->result, step));
    return rule->learns ? print_update(t, p, step) : VIC_OK;
}

/* ---- a phase ---- */

/* The belief of which step predictions are made of, and errors taken back to: the one before, or the sweep's.
 */
static int seen_in(const vic_explanation *t, int step) {
    return vic_explanation_traits(t)->predicts_in_steps ? step - 1 : 0;
}

/* What an error from above means here, written out when it has just come. */
static vic_status print_feedback(const vic_explanation *t, int p, int step) {
    vic_view view;
    const char *error = vic_explanation_error(t);
    if (!vic_explanation_is_hidden(t, p) || !vic_explanation_receives(t, p, VIC_ERROR, step))
        return VIC_OK;
    printf("  %s it back through %s own synapses, J_%d^T %s_%d:\n", vic_point_of_view(t, "takes", "I take"),
           vic_point_of_view(t, "its", "my"), p + 1, error, p + 1);
    vic_status status = vic_view_open(&view, t, p, seen_in(t, step));
    if (status == VIC_OK)
        status = vic_view_vjp(&view, step);
    if (status == VIC_OK)
        vic_print_feedback(&view);
    vic_view_close(&view);
    return status;
}

/* Errors that come are taken back before a rule that uses them. */
static vic_status print_rules(const vic_explanation *t, const vic_phase_text *phase, int p, int step) {
    bool has_come = phase->receives == VIC_ERROR;
    for (int i = 0; i < phase->n_rules; i++) {
        const vic_local_rule *rule = &phase->rules[i];
        if (!is_explained(t, rule, p, step))
            continue;
        if (has_come && !rule->is_feedback)
            VIC_TRY(print_feedback(t, p, step));
        VIC_TRY(print_rule(t, rule, p, step));
        if (has_come && rule->is_feedback)
            VIC_TRY(print_feedback(t, p, step));
        has_come = false;
    }
    return VIC_OK;
}

vic_status vic_print_prediction_rule(const vic_explanation *t, int p, int seen, int step) {
    vic_view view;
    if (!vic_explanation_sends(t, p, VIC_PREDICTION, step))
        return VIC_OK;
    bool change = step > 0 && vic_explanation_traits(t)->predicts_in_steps && !vic_explanation_in_beliefs(t);
    vic_print_applies(
        t, change ? "the change of mu_%d = f_%d(vhat_%d + d_%d) - f_%d(vhat_%d)" : "mu_%d = f_%d(v_%d)",
        p + 1, p + 1, p, p, p + 1, p);
    vic_status status = vic_view_open(&view, t, p, seen);
    if (status == VIC_OK && change)
        vic_print_change(&view);
    else if (status == VIC_OK)
        vic_print_prediction(&view);
    vic_view_close(&view);
    if (status == VIC_OK)
        vic_print_sent(t, p, VIC_PREDICTION, step);
    return status;
}

static vic_status print_phase(const vic_explanation *t, const vic_phase_text *phase, int p, int step) {
    if (phase->receives >= 0)
        vic_print_received(t, p, (vic_message_kind)phase->receives, step);
    VIC_TRY(print_rules(t, phase, p, step));
    if (phase->sends == VIC_PREDICTION)
        return vic_print_prediction_rule(t, p, seen_in(t, step), step);
    if (phase->sends >= 0)
        vic_print_sent(t, p, (vic_message_kind)phase->sends, step);
    return VIC_OK;
}

vic_status vic_print_applied_rules(const vic_explanation *t, int p, int step) {
    for (int i = 0; i < vic_algorithm_phases(t->options.algorithm); i++) {
        vic_phase_text phase = vic_algorithm_phase(t->options.algorithm, i);
        VIC_TRY(print_phase(t, &phase, p, step));
    }
    return VIC_OK;
}
