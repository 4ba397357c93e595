/* One inference, told step by step: what each population knew, heard, worked out and said. All of it is told
 * on rank 0, of numbers that were collected there when the inference was over; here a value is a double that
 * is equal to the number computed, in either precision. */
#ifndef VIC_OBSERVE_TALE_TALE_H
#define VIC_OBSERVE_TALE_TALE_H

#include "inference/infer.h"
#include "learning/learning.h"
#include "observe/recording.h"
#include "verify/verify.h"

#include <stdio.h>

typedef struct vic_tale {
    const char *name;         /* of the config */
    vic_inference *inference; /* that is run */
    vic_trainer *learner;     /* where its steps learn, with sums of gradients, undone after each; or NULL */
    const vic_network *network; /* a chain: edge l-1 leads to population l */
    vic_inference_options options;
    size_t batch, sample; /* all samples are known, one is told */
    int steps;
    int population; /* told from its inside; -1: from above, of all */
    bool quiet;     /* silence is not told */
    vic_recording *recording;
    double ***theta, ***update, ***exact; /* per edge and parameter */
    /* Where steps learn, per step 0..n: the parameters after it, and its own gradients. Else NULL. */
    double ****learned, ****gradient;
    double *values;          /* the target of the told sample, as values; NULL under classes */
    int64_t class;           /* its class, counted from 0 */
    vic_layer_check *checks; /* per edge */
} vic_tale;

/* Collective. Runs the inference on the batch that has been fed, and exact beside it; what they came to is
 * with rank 0 then. tale->inference, options, batch, sample are set. Release on every rank, after a failure
 * too. */
vic_status vic_tale_gather(vic_tale *tale);
void vic_tale_release(vic_tale *tale);

/* Local, on rank 0: on stdout. */
vic_status vic_tale_print(const vic_tale *tale);

/* ---- what was recorded of the told sample ---- */

const double *vic_tale_state(const vic_tale *tale, int population, vic_quantity quantity, int step);
const double *vic_tale_message(const vic_tale *tale, int edge, vic_message_kind kind, int step);
size_t vic_tale_neurons(const vic_tale *tale, int population);
const vic_algorithm_traits *vic_tale_traits(const vic_tale *tale);
/* How its error is written: "eps". */
const char *vic_tale_error(const vic_tale *tale);
bool vic_tale_in_beliefs(const vic_tale *tale);

/* ---- words ---- */

/* At most so many neurons of a population, and terms of a sum, are written out; "..." stands for more. */
enum { VIC_TALE_MOST = 8 };

/* The shortest decimal that reads back as the number, in the precision of the run. */
typedef struct vic_number_text {
    char text[32];
} vic_number_text;
vic_number_text vic_number(const vic_tale *tale, double value);

/* Whichever fits: told from above, or from the inside. */
const char *vic_voice(const vic_tale *tale, const char *above, const char *inside);

/* Is population `population` among those that are told of? */
bool vic_is_told(const vic_tale *tale, int population);

/* How many of n are written out; a line that says so closes the list where that is not all. */
size_t vic_shown(size_t n);
void vic_tell_rest(size_t n);

/* "(1, 0.5)" */
void vic_tell_vector(const vic_tale *tale, const double *values, size_t n);

/* A sum of n products a[i * a_stride] * b[i * b_stride], without a line's end. */
void vic_tell_products(const vic_tale *tale, size_t n, const double *a, size_t a_stride, const double *b,
                       size_t b_stride);

/* ---- what the functions of a layer did, number by number ---- */

/* Arrays are (batch, features) per boundary: of the input of function k, or of the prediction. */
typedef struct vic_view {
    const vic_tale *tale;
    const vic_edge *edge;
    double *const *theta;  /* per parameter of the edge */
    double *const *update; /* likewise, what the tale comes to */
    double **home;         /* at the sweep's vhat, or at beliefs, as the algorithm has it */
    double **change;       /* how far `moved` is from home, where displacements are carried; else NULL */
    double **moved;
    double **present; /* where Jacobians are taken: home or moved */
    double **error;   /* at the boundaries, NULL before vic_view_pull_back */
} vic_view;

/* Does every step of its algorithm learn? */
bool vic_tale_learns_in_steps(const vic_tale *tale);

/* The rows of a population's parameters: "weight[1] = (...)". */
void vic_tell_parameters(const vic_tale *tale, int edge, double *const *values);

/* What the layer of `edge` looked like at the beliefs and parameters after `step`, worked out again from the
 * recorded beliefs by the same functions. Close it after a failure too. */
vic_status vic_view_open(vic_view *view, const vic_tale *tale, int edge, int step);
/* Errors at all boundaries, from that of the population above in `step`. */
vic_status vic_view_pull_back(vic_view *view, int step);
void vic_view_close(vic_view *view);
/* Boundary k of the told sample. */
const double *vic_view_of(const vic_view *view, double *const *boundaries, size_t k);

/* The sums, written out: from the belief to the prediction, from a displacement to its change, from the error
 * above to what it means here, and from error and belief to the update. */
void vic_tell_prediction(const vic_view *view);
void vic_tell_change(const vic_view *view);
void vic_tell_feedback(const vic_view *view);
void vic_tell_update(const vic_view *view);

/* ---- parts of the tale ---- */

/* The loss at a prediction of the output population, and its slope there. */
void vic_tell_loss(const vic_tale *tale, int step, const double *prediction);

/* What happens in step 0 and in steps 1..n. */
vic_status vic_tell_sweep(const vic_tale *tale);
vic_status vic_tell_steps(const vic_tale *tale);

/* What is learned, and how it compares with exact. */
vic_status vic_tell_learning(const vic_tale *tale);
void vic_tell_comparison(const vic_tale *tale);

#endif
