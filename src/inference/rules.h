/* The local rules of an algorithm as text, with places for the numbers of an inference that was recorded. */
#ifndef VIC_INFERENCE_RULES_H
#define VIC_INFERENCE_RULES_H

#include "infer.h"

/* What is recorded of a population for step s = 0 (the sweep) .. n, a number for each neuron of a sample. */
typedef enum vic_quantity {
    VIC_QUANTITY_BELIEF,       /* v after the updates of step s; the data at population 0. At s = 0: vhat, or
                                * the beliefs that were given */
    VIC_QUANTITY_DISPLACEMENT, /* likewise, what algorithms that predict in steps carry in error coordinates:
                                * v - vhat of a hidden population, and at the output the prediction, vhat and
                                * its change, that its error was formed at. 0 of other algorithms, and at the
                                * output in step 0 */
    VIC_QUANTITY_PREDICTION,   /* the last one received, added up where edges converge; 0 at population 0.
                                * Where displacements are carried, what is received after the sweep is its
                                * change; 0: none has come */
    VIC_QUANTITY_ERROR,        /* the error of step s: what is sent in it, and what an inference of s steps
                                * would learn from. 0 at population 0; at s = 0 that of the output alone is
                                * not 0. Weighted, where errors have a precision */
    VIC_QUANTITY_FEEDBACK,     /* J^T eps of the populations above, as far as received by the end of step s;
                                * 0 before, and at both ends */
    VIC_QUANTITY_DUAL,         /* the multiplier in the error of step s; 0 where there is none */
} vic_quantity;
enum { VIC_QUANTITIES = 6 };

/* A name of one word: "belief". */
const char *vic_quantity_name(vic_quantity quantity);

typedef enum vic_rule_coordinates {
    VIC_RULE_ANY,
    VIC_RULE_IN_BELIEFS,
    VIC_RULE_IN_ERRORS
} vic_rule_coordinates;

/* One line of a local rule. In texts {p} is the population and {q} the one above it. Where beliefs move in
 * error coordinates, {v} is the displacement "d_1" and {mu} "the change of mu_1", else "v_1" and "mu_1";
 * {where} defines d. `numbers` is what one neuron computes: {eta}, {penalty}, {dual_rate} are the options;
 * {optimizer} is its name; {weight} is " * 2" where its error weighs 2, and nothing where it weighs 1; a
 * quantity, {error}, is the neuron's after the present step, with a minus sign, {belief-}, after the step
 * before, and with a zero, {prediction0}, after the sweep; {place} is the belief or the displacement,
 * whichever moves. */
typedef struct vic_local_rule {
    bool output;                      /* the output applies it; otherwise each hidden population does */
    vic_rule_coordinates coordinates; /* with these alone */
    int first_step;                   /* in which it is applied; 0: from the first on */
    int last_steps;                   /* at the end, in which it is not */
    bool needs_error;                 /* only once an error has been received */
    bool is_feedback;                 /* the sums of the feedback follow: they are the rule */
    bool learns;                      /* the synapses that leave the population are updated: gradients
                                       * follow, and what the parameters become. The input applies it, too */
    bool is_loss;                     /* the loss follows, at `result` */
    bool moves;                       /* the result is what moves, the belief or its displacement */
    const char *formula;              /* NULL: no line of its own */
    const char *name, *numbers;       /* "eps", and its value; NULL: no line for each neuron */
    vic_quantity result;              /* what `numbers` come to, after the present step */
    int result_step;                  /* or so many steps later */
    const char *belief;               /* what the belief is then: "vhat_{p} - eps_{p}"; NULL: not printed */
    const char *otherwise;            /* what happens in the `last_steps`; NULL: nothing is printed */
} vic_local_rule;

/* What a phase of the steps receives and sends, a vic_message_kind or -1, and what it computes meanwhile. */
typedef struct vic_phase_text {
    int receives, sends;
    int n_rules;
    const vic_local_rule *rules;
} vic_phase_text;

/* Local. The phases of a step in their order; they belong to the algorithm. */
int vic_algorithm_phases(const vic_algorithm *algorithm);
vic_phase_text vic_algorithm_phase(const vic_algorithm *algorithm, int phase);

#endif
