/* One inference, explained step by step: what each population received, computed and sent. It is printed on
 * rank 0, from numbers that were gathered there when the inference was over; a value is a double that is
 * equal to the number computed, in either precision. */
#ifndef VIC_OBSERVE_EXPLAIN_EXPLANATION_H
#define VIC_OBSERVE_EXPLAIN_EXPLANATION_H

#include "inference/infer.h"
#include "learning/learning.h"
#include "observe/recording.h"
#include "verify/verify.h"

#include <stdio.h>

typedef struct vic_explanation {
    const char *name;         /* of the config */
    vic_inference *inference; /* that is run */
    vic_trainer *learner;     /* where its steps learn, with sums of gradients, undone after each; or NULL */
    const vic_network *network; /* a chain: edge l-1 leads to population l */
    vic_inference_options options;
    size_t batch, sample; /* all samples are recorded, one is printed */
    int steps;
    int population; /* the point of view; -1: all populations */
    bool quiet;     /* steps without messages are not printed */
    vic_recording *recording;
    double ***theta, ***update, ***exact; /* per edge and parameter */
    /* Where steps learn, per step 0..n: the parameters after it, and its own gradients. Else NULL. */
    double ****learned, ****gradient;
    double *values;          /* the target of the sample, as values; NULL under classes */
    int64_t class;           /* its class, counted from 0 */
    vic_layer_check *checks; /* per edge */
} vic_explanation;

/* Collective. Runs the inference on the batch that has been fed, and exact beside it; the results are
 * complete on rank 0. The caller has set explanation->inference, options, batch, sample. Release on every
 * rank, after a failure too. */
vic_status vic_explanation_gather(vic_explanation *explanation);
void vic_explanation_release(vic_explanation *explanation);

/* Local, on rank 0: on stdout. */
vic_status vic_explanation_print(const vic_explanation *explanation);

/* ---- what was recorded of the sample ---- */

const double *vic_explanation_state(const vic_explanation *explanation, int population, vic_quantity quantity,
                                    int step);
const double *vic_explanation_message(const vic_explanation *explanation, int edge, vic_message_kind kind,
                                      int step);
size_t vic_explanation_neurons(const vic_explanation *explanation, int population);
const vic_algorithm_traits *vic_explanation_traits(const vic_explanation *explanation);
/* How its error is written: "eps". */
const char *vic_explanation_error(const vic_explanation *explanation);
bool vic_explanation_in_beliefs(const vic_explanation *explanation);

/* ---- words ---- */

/* At most so many neurons of a population, and terms of a sum, are written out; "..." stands for more. */
enum { VIC_EXPLANATION_MOST = 8 };

/* The shortest decimal that reads back as the number, in the precision of the run. */
typedef struct vic_number_text {
    char text[32];
} vic_number_text;
vic_number_text vic_number(const vic_explanation *explanation, double value);

/* `above` where all populations are printed, `inside` from the point of view of one. */
const char *vic_point_of_view(const vic_explanation *explanation, const char *above, const char *inside);

/* Is this population among those that are printed? */
bool vic_is_explained(const vic_explanation *explanation, int population);

/* How many of n are written out; a line that says so closes the list where that is not all. */
size_t vic_shown(size_t n);
void vic_print_rest(size_t n);

/* "(1, 0.5)" */
void vic_print_vector(const vic_explanation *explanation, const double *values, size_t n);

/* A sum of n products a[i * a_stride] * b[i * b_stride], without a line's end. */
void vic_print_products(const vic_explanation *explanation, size_t n, const double *a, size_t a_stride,
                        const double *b, size_t b_stride);

/* ---- what the functions of a layer did, number by number ---- */

/* Arrays are (batch, features) per boundary: of the input of function k, or of the prediction. */
typedef struct vic_view {
    const vic_explanation *explanation;
    const vic_edge *edge;
    double *const *theta;  /* per parameter of the edge */
    double *const *update; /* likewise, what the tale comes to */
    double **home;         /* at the sweep's vhat, or at beliefs, as the algorithm has it */
    double **change;       /* how far `moved` is from home, where displacements are carried; else NULL */
    double **moved;
    double **present; /* where Jacobians are taken: home or moved */
    double **error;   /* at the boundaries, NULL before vic_view_vjp */
} vic_view;

/* Does every step of its algorithm learn? */
bool vic_explanation_learns_in_steps(const vic_explanation *explanation);

/* The rows of a population's parameters: "weight[1] = (...)". */
void vic_print_parameters(const vic_explanation *explanation, int edge, double *const *values);

/* What the layer of `edge` looked like at the beliefs and parameters after `step`, worked out again from the
 * recorded beliefs by the same functions. Close it after a failure too. */
vic_status vic_view_open(vic_view *view, const vic_explanation *explanation, int edge, int step);
/* Errors at all boundaries, from that of the population above in `step`. */
vic_status vic_view_vjp(vic_view *view, int step);
void vic_view_close(vic_view *view);
/* Boundary k of the printed sample. */
const double *vic_view_of(const vic_view *view, double *const *boundaries, size_t k);

/* The sums, written out: from the belief to the prediction, from a displacement to its change, from the error
 * above to what it means here, and from error and belief to the update. */
void vic_print_prediction(const vic_view *view);
void vic_print_change(const vic_view *view);
void vic_print_feedback(const vic_view *view);
void vic_print_update(const vic_view *view);

/* ---- parts of the explanation ---- */

/* The loss at a prediction of the output population, and its slope there. */
void vic_print_loss(const vic_explanation *explanation, int step, const double *prediction);

/* What happens in step 0 and in steps 1..n. */
vic_status vic_print_sweep(const vic_explanation *explanation);
vic_status vic_print_steps(const vic_explanation *explanation);

/* What is learned, and how it compares with exact. */
vic_status vic_print_learning(const vic_explanation *explanation);
void vic_print_comparison(const vic_explanation *explanation);

#endif
