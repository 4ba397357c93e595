/* The inside of a trainer, for this room alone. */
#ifndef VIC_LEARNING_TRAINER_H
#define VIC_LEARNING_TRAINER_H

#include "metrics.h"

/* The state of learning of a local population. */
typedef struct vic_parameter_state {
    vic_population *population;
    /* [projection][parameter][array]: the optimiser's moments, then what the options ask to keep */
    void ****moments;
    double *sums; /* energy of steps 0..steps, then the sums of metrics */
} vic_parameter_state;

struct vic_trainer {
    vic_inference *inference;
    vic_learning_options options;
    uint64_t seed;
    vic_position position;
    int steps;                /* of one inference */
    uint64_t optimizer_steps; /* before the present batch */
    vic_fault fault;          /* the first one of the present epoch */
    bool is_summing;
    vic_subscriber subscriber; /* to the beginning and the end of inferences, where they are undone */
    char found[160];           /* what of an update in a step was not finite */
    int n_parameter_states;
    vic_parameter_state *parameter_states;
};

/* Keeps a fault of the current batch unless there is an earlier one. */
void vic_trainer_keep_fault(vic_trainer *t, const vic_fault *found);

/* The local populations are in the order of their numbers; NULL: it is not local. */
vic_parameter_state *vic_trainer_find(vic_trainer *t, int population);

/* Which of the arrays of each parameter are the sum of the gradients, and the parameters of before. */
size_t vic_trainer_sum_place(const vic_learning_options *options);
size_t vic_trainer_before_place(const vic_learning_options *options);

/* Steps of the optimiser in one batch. */
uint64_t vic_trainer_steps_a_batch(const vic_trainer *t);

/* Does the inference learn in its steps? */
bool vic_trainer_is_in_steps(const vic_trainer *t);

/* The update with these factors (of the optimiser's `prepare`) of the i-th parameter of a local projection.
 * Returns NULL, or what of it is not finite then; *updated: the gradient was. */
const char *vic_update_parameter(const vic_trainer *t, const vic_projection *out, void **moments, size_t i,
                                 const double *factors, bool *updated);

/* The trainer becomes the learner of its inference, and undoes what that learns where it is to. */
void vic_trainer_attach(vic_trainer *t);
void vic_trainer_detach(vic_trainer *t);

#endif
