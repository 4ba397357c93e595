/* When all ranks meet between batches: after as many as take a second on the slowest of them, so that neither
 * a long epoch nor a slow batch keeps a signal waiting. For this room alone. */
#ifndef VIC_LEARNING_ROUNDS_H
#define VIC_LEARNING_ROUNDS_H

#include "learning.h"

typedef struct vic_rounds {
    vic_group *group;
    uint64_t longest; /* batches from one meeting to the next, at most */
    uint64_t last, next;
    double began;
} vic_rounds;

/* Local, the same on every rank. `batch` is the first; the ranks meet first behind it. */
vic_rounds vic_rounds_begin(vic_group *group, uint64_t batch, uint64_t longest);

/* Collective, at the end of a meeting before `batch`: decides when the next one is. Every rank leaves when
 * all have come, so that what one of them did in the meeting delays no message. */
vic_status vic_rounds_go_on(vic_rounds *rounds, uint64_t batch);

/* Collective. VIC_INTERRUPTED on every rank when one is asked to stop, and the error of the lowest rank whose
 * `mine` is one. `watcher` may be NULL. */
vic_status vic_rounds_check(const vic_rounds *rounds, const vic_watcher *watcher, vic_status mine);

#endif
