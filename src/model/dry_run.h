/* An inference on a machine that is a table of numbers: the engine without arithmetic, on a virtual clock for
 * each rank. For this room alone. */
#ifndef VIC_MODEL_DRY_RUN_H
#define VIC_MODEL_DRY_RUN_H

#include "machine.h"

#include "observe/critical_path.h"

typedef struct vic_dry_run vic_dry_run;

/* Local, a pure function of its arguments: one inference of `batch` samples that learns nothing. All ranks
 * begin at time 0. With `messages_are_free` they take no time; with `records` spans are kept. The arguments
 * must outlive it. Free with vic_dry_run_destroy. Errors: VIC_BAD_CONFIG, VIC_NO_MEMORY. */
vic_status vic_dry_run_create(vic_dry_run **run, const vic_machine *machine, const vic_network *network,
                              const int *rank_of, size_t batch, vic_inference_options options);
vic_status vic_dry_run_play(vic_dry_run *run, bool messages_are_free, bool records);
void vic_dry_run_destroy(vic_dry_run **run);

int vic_dry_run_ranks(const vic_dry_run *run);
int vic_dry_run_steps(const vic_dry_run *run);
/* When the last rank was done with a step, in seconds; 0: the sweep. */
double vic_dry_run_end(const vic_dry_run *run, int step);
/* Per rank, of the last play that kept them: what a timeline records. They belong to the run. */
const vic_rank_timeline *vic_dry_run_records(const vic_dry_run *run);
/* Of one message. */
size_t vic_dry_run_bytes(const vic_dry_run *run, int edge, vic_message_kind kind, int microbatch_index);

#endif
