/* The run folder, written by one rank. Nothing here is collective. */
#ifndef VIC_LEARNING_RUN_FOLDER_H
#define VIC_LEARNING_RUN_FOLDER_H

#include "base/file.h"

/* The first line of a config that a run writes. */
#define VIC_RESOLVED_HEADING "# A config of vicinal with every default spelled out; it can be run as it is."

/* The file whose lock keeps a second run out of a folder. */
#define VIC_RUN_LOCK ".vicinal.lock"

/* The folder of a run's checkpoints, and the one checkpoint of runs of earlier versions. */
#define VIC_CHECKPOINTS       "checkpoints"
#define VIC_SINGLE_CHECKPOINT "checkpoint.safetensors"

/* Local. Makes this process the folder's only run until it closes the descriptor *lock, or ends. *lock is -1
 * where the file system cannot lock. A process locks a folder once. Errors: VIC_BAD_FILE, also when another
 * process has it; the text names that. */
vic_status vic_run_folder_lock(const char *folder, int *lock);
/* Local. Errors: VIC_BAD_FILE when the folder holds any file that a run writes, other than the file
 * `config`. */
vic_status vic_run_folder_keep(const char *folder, const char *config);
/* Local. Errors: VIC_BAD_FILE when the folder holds no run, and a file that a run would replace. */
vic_status vic_run_folder_check(const char *folder);
/* Local. Errors: VIC_BAD_CONFIG when `path`, which the option names, is or would be one of the files that a
 * run writes in this folder, other than the one called `own`. Both may be NULL: none. */
vic_status vic_run_folder_protect(const char *folder, const char *option, const char *path, const char *own);
/* Local. Errors: VIC_BAD_FILE when `input` is one of the files that a run writes in this folder. */
vic_status vic_run_folder_spare(const char *folder, const char *input);
/* Local, by the owner of the folder. Removes what an earlier run left in it, but for its config: all files
 * that a run writes, or, where the run goes on, those that belong to its end; and the temporary files of runs
 * that were killed. Other files stay. Errors: VIC_BAD_FILE, when a folder has the name of such a file before
 * anything is removed. */
vic_status vic_run_folder_clear(const char *folder, bool goes_on);

/* Local, by the owner of the folder. Removes the checkpoints of an earlier run, or where the run goes on,
 * those that never became whole. */
vic_status vic_run_checkpoints_clear(const char *folder, bool goes_on);

#endif
