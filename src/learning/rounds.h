/* When all ranks synchronize between batches: after as many as take a second on the slowest of them, so that
 * neither a long epoch nor a slow batch delays the reaction to a signal. For this room alone. */
#ifndef VIC_LEARNING_ROUNDS_H
#define VIC_LEARNING_ROUNDS_H

#include "learning.h"

typedef struct vic_rounds {
    vic_group *group;
    uint64_t longest; /* batches from one round to the next, at most */
    uint64_t last, next;
    double began;
} vic_rounds;

/* Local, the same on every rank. `batch` is the first; the ranks first synchronize after it. */
vic_rounds vic_rounds_begin(vic_group *group, uint64_t batch, uint64_t longest);

/* Collective, at the end of a round before `batch`: decides when the next one is. Ends with a barrier, so
 * that what a rank did in the round delays no message. */
vic_status vic_rounds_schedule_next(vic_rounds *rounds, uint64_t batch);

/* Collective. VIC_INTERRUPTED on every rank when should_stop is true on one, and the error of the lowest rank
 * whose `mine` is one. `callbacks` may be NULL. */
vic_status vic_rounds_check(const vic_rounds *rounds, const vic_learning_callbacks *callbacks,
                            vic_status mine);

#endif
