/* Checkpoints: weights, optimiser state and position, to go on with the same bits. */
#ifndef VIC_LEARNING_CHECKPOINT_H
#define VIC_LEARNING_CHECKPOINT_H

#include "learning.h"

/* ---- one file ---- */

/* Collective. Writes all into one file. `settings` is the text of the run's identity, kept in the file. */
vic_status vic_checkpoint_write(vic_trainer *trainer, vic_inference *inference, const char *path,
                                const char *settings);

/* ---- reading one, a file or a folder of a run ---- */

/* Local. Errors: VIC_BAD_FILE when it is no checkpoint of this network and optimiser. */
vic_status vic_checkpoint_read(vic_trainer *trainer, vic_inference *inference, const char *path);
/* Local. *settings becomes what the checkpoint was written with, or where *format becomes 1 the text that
 * such a file has instead; freed by the caller with vic_release. Errors: VIC_BAD_FILE, also for a format that
 * is not known. */
vic_status vic_checkpoint_settings(const char *path, int *format, char **settings);

/* ---- the checkpoints of a run folder ----
 * Every rank writes the state of its populations into a file of its own; a manifest makes them a checkpoint
 * when all are on the disk. */

typedef struct vic_checkpoints vic_checkpoints;

/* Local. Those that this run writes. `run` and `settings` belong to the caller and outlive it. `from`: the
 * checkpoint that the run goes on from, the same on every rank, or NULL. */
vic_status vic_checkpoints_create(vic_checkpoints **checkpoints, vic_trainer *trainer,
                                  vic_inference *inference, const char *run, const char *from,
                                  const char *settings, vic_checkpoint_options options);
/* Local. One that is being written is given up. */
void vic_checkpoints_destroy(vic_checkpoints **checkpoints);
/* Collective. Begins to write one at the present position, unless the last one, or the one that the run goes
 * on from, is of that position: to write it again would take it away meanwhile. Where options.steps or
 * options.minutes ask for checkpoints within epochs, and there is memory for a copy of the state, learning
 * may go on meanwhile; otherwise it is whole when this returns. Errors: VIC_BAD_FILE, VIC_NOT_FINITE; those
 * that are whole stay.
 */
vic_status vic_checkpoints_begin(vic_checkpoints *checkpoints);
/* Collective. Returns when the one that was begun is whole. Errors: VIC_BAD_FILE. */
vic_status vic_checkpoints_finish(vic_checkpoints *checkpoints);
/* Collective, after a batch: begins one where options.steps or options.minutes ask for it. `synchronized`:
 * the ranks meet here anyway, which is when minutes count, and when one that is on the disk becomes whole.
 * Errors: as vic_checkpoints_begin. */
vic_status vic_checkpoints_follow(vic_checkpoints *checkpoints, bool synchronized);
/* Local. The bytes that writing one takes meanwhile on the rank where the populations of `here` are, and
 * those of a copy of its state, which may lie beside all else. */
size_t vic_checkpoint_forecast(const vic_network *network, const bool *here, vic_learning_options learning);
size_t vic_checkpoint_copy_forecast(const vic_network *network, const bool *here,
                                    vic_learning_options learning, vic_checkpoint_options options);

/* Local. Is there anything in a run folder to go on with? Errors: VIC_BAD_FILE. */
vic_status vic_checkpoint_is_there(const char *run);
/* Collective. *path becomes the latest whole checkpoint of a run folder, of which every byte was checked;
 * freed by the caller with vic_release. On rank 0 `damaged` is called with what is wrong with each later one.
 * Errors: VIC_BAD_FILE when there is none. */
typedef void vic_on_damaged(const char *problem);
vic_status vic_checkpoint_find(vic_group *group, const char *run, vic_on_damaged *damaged, char **path);

/* Collective. Makes one file of a checkpoint: its weights, or with `state` all of it, as vic_checkpoint_write
 * does. *position becomes the checkpoint's. Errors: VIC_BAD_FILE. */
vic_status vic_checkpoint_export(vic_group *group, const char *checkpoint, bool state, const char *out,
                                 vic_position *position);

#endif
