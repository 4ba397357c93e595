/* The inside of an inference, for this room alone. */
#ifndef VIC_INFERENCE_INFERENCE_H
#define VIC_INFERENCE_INFERENCE_H

#include "vicinal/inference.h"

typedef struct vic_resident vic_resident;

/* One algorithm. A new one is one file that fills this table, one registry line and one build line. */
struct vic_algorithm {
    const char *name;
    bool single_step;           /* one pass, whatever `steps` says */
    bool predicts_from_beliefs; /* beliefs, not vhat, are what predictions and Jacobians are taken at */
    bool (*needs_belief)(vic_inference_options options);
    bool (*speaks)(const vic_schedule *schedule, const vic_edge *edge, vic_message_kind kind, int step);
    /* One inference step of the local populations. */
    vic_status (*step)(vic_inference *x, int step);
    /* After the last step, before gradients: brings what the populations have seen up to date. */
    vic_status (*settle)(vic_inference *x);
    /* The belief of a population above the input after the last step, into `belief`, for who asks. */
    void (*final_belief)(const vic_inference *x, const vic_resident *r, void *belief);
};

struct vic_schedule {
    const vic_network *network;
    vic_inference_options options;
    int steps;
    int *shortest, *longest; /* heights */
    int *strict_error;       /* the first step in which strict's eps_p can differ from 0 */
    int *strict_move;        /* the first step that can move v_p under strict */
};

/* A population of this rank and what an inference keeps for it. */
struct vic_resident {
    vic_population *population;
    int n_in;
    int *in;            /* the edges that arrive */
    const void **heard; /* the last prediction along each */
    void *initial;      /* beliefs to start from */
    void *recorded_prediction, *recorded_belief;
    double *energy; /* per step 0..steps */
};

struct vic_inference {
    vic_group *group;
    const vic_network *network;
    const int *rank_of;
    const vic_arithmetic *arithmetic;
    size_t capacity, batch;
    bool learns;
    vic_inference_options options;
    vic_schedule *schedule;
    vic_wiring *wiring;
    int n_residents;
    vic_resident *residents; /* in the order of the populations */
    void *input, *target;    /* NULL unless the input, or the output, population lives here */
    double loss;
    int faulty_population, faulty_step; /* the first number that was not finite; population -1: none */
};

static inline bool vic_is_input(const vic_population *p) {
    return p->id == 0;
}

static inline bool vic_is_output(const vic_population *p) {
    return p->id == vic_network_output(p->network);
}

static inline bool vic_is_hidden(const vic_population *p) {
    return !vic_is_input(p) && !vic_is_output(p);
}

/* ---- speech: what populations say and hear during a step ---- */

/* Posts the receives of all messages of this kind that will come to this rank in `step`. */
vic_status vic_listen(vic_inference *x, vic_message_kind kind, int step);
/* Predicts from `belief` along the edges that speak in `step`, and says so. */
vic_status vic_say_predictions(vic_inference *x, vic_population *p, const void *belief, int step);
/* Waits for the predictions that come in `step`; p->prediction is the sum of the last one along each edge. */
vic_status vic_hear_predictions(vic_inference *x, vic_resident *r, int step);
/* Says p->error along the edges from below that hear it in `step`. */
vic_status vic_say_error(vic_inference *x, const vic_resident *r, int step);
/* Waits for the errors that come in `step`; *news tells whether any came. */
vic_status vic_hear_errors(vic_inference *x, vic_population *p, int step, bool *news);

/* ---- shared by the algorithms ---- */

/* Predictions from the input to the output; vhat is known everywhere afterwards. */
vic_status vic_sweep(vic_inference *x);
/* eps_L = dLoss/dprediction at the output population's present prediction; its loss goes to the records. */
void vic_face_target(vic_inference *x, vic_resident *r, int step);
/* Records 1/2 |eps|^2 of a hidden population at `step`. */
void vic_record_error(vic_inference *x, vic_resident *r, int step);
/* The record of `step` is that of the step before: nothing has changed. */
void vic_record_again(vic_resident *r, int step);

#endif
