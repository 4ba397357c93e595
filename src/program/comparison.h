/* learning.compare: in some batches each layer's update beside the exact one, into compare.csv. */
#ifndef VIC_PROGRAM_COMPARISON_H
#define VIC_PROGRAM_COMPARISON_H

#include "program.h"

typedef struct vic_comparison vic_comparison;

/* Collective. Rows of compare.csv that lie after `position` are dropped. `session` outlives the comparison.
 * Errors: VIC_BAD_FILE. */
vic_status vic_comparison_open(vic_comparison **comparison, vic_session *session, const char *folder,
                               vic_position position);
/* Local. Errors: VIC_BAD_FILE when the last rows could not be written. */
vic_status vic_comparison_close(vic_comparison **comparison);

/* Collective where the batch is compared. What vic_learning_callbacks.infer has to be. Errors:
 * VIC_NOT_FINITE, VIC_BAD_FILE. */
vic_status vic_comparison_infer(vic_comparison *comparison, vic_position position, const int64_t *classes,
                                size_t batch);

#endif
