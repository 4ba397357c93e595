/* The inside of a trainer, for this room alone. */
#ifndef VIC_LEARNING_TRAINER_H
#define VIC_LEARNING_TRAINER_H

#include "score.h"

/* What a local population needs to learn. */
typedef struct vic_pupil {
    vic_population *population;
    void ****moments; /* [projection][parameter][moment] */
    double *sums;     /* energy of steps 0..steps, then the score sums */
} vic_pupil;

struct vic_trainer {
    vic_inference *inference;
    vic_learning_options options;
    uint64_t seed;
    vic_position position;
    int steps;       /* of one inference */
    vic_fault fault; /* the first one of the present epoch */
    int n_pupils;
    vic_pupil *pupils;
};

/* Keeps a fault of the batch at work unless an earlier one is known. */
void vic_trainer_note(vic_trainer *t, const vic_fault *found);

#endif
