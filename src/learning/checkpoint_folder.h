/* Where the checkpoints of a run folder are: checkpoints/epoch-E-step-S, each with a manifest when it is
 * whole. Nothing here is collective. Private to the room. */
#ifndef VIC_LEARNING_CHECKPOINT_FOLDER_H
#define VIC_LEARNING_CHECKPOINT_FOLDER_H

#include "learning.h"

/* The folder of the checkpoint at this position; freed by the caller with vic_release. */
vic_status vic_checkpoint_folder_of(const char *run, vic_position position, char **path);

/* *paths become the folders with a manifest, the latest position first; *n of them, each and the array freed
 * with vic_release. */
vic_status vic_checkpoint_folder_list(const char *run, char ***paths, size_t *n);
void vic_checkpoint_folder_list_release(char ***paths, size_t n);

/* Makes the folder anew: what an earlier attempt has left there goes. Errors: VIC_BAD_FILE. */
vic_status vic_checkpoint_folder_make(const char *path);
/* Removes a checkpoint, its manifest first. Other files in the folder stay, and so does the folder then. */
void vic_checkpoint_folder_remove(const char *path);

/* After a checkpoint at `position` is whole: removes those beyond it, those without a manifest, and all but
 * `keep` of the others, it included. */
void vic_checkpoint_folder_prune(const char *run, vic_position position, size_t keep);

#endif
