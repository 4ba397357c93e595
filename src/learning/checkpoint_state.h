/* What a checkpoint holds of each population: the one list that writers and readers go by. Private to the
 * room. */
#ifndef VIC_LEARNING_CHECKPOINT_STATE_H
#define VIC_LEARNING_CHECKPOINT_STATE_H

#include "learning.h"

/* A tensor of the state of learning: running sums of the present epoch ("sums.POPULATION"), a parameter under
 * its name, a moment of the optimiser ("NAME.MOMENT"). */
typedef struct vic_state_tensor {
    int population;
    const char *name, *dtype;
    vic_precision precision;
    int rank;
    const size_t *dim;
    size_t count, bytes;
    void *values; /* NULL where the population is on another rank */
} vic_state_tensor;

typedef vic_status vic_state_visit(void *context, const vic_state_tensor *tensor);

/* Visits every tensor of the network, in the same order on every rank, until a visit fails. */
vic_status vic_state_visit_all(vic_trainer *trainer, vic_inference *inference, vic_state_visit *visit,
                               void *context);
/* The same of the populations of this rank alone. */
vic_status vic_state_visit_local(vic_trainer *trainer, vic_inference *inference, vic_state_visit *visit,
                                 void *context);

#endif
