/* Going on with a run: what it must share with the one that was stopped, and what may have changed. */
#ifndef VIC_PROGRAM_RESUME_H
#define VIC_PROGRAM_RESUME_H

#include "program.h"

/* Collective. *identity becomes every key of the config, the data by what they hold, and the number of ranks;
 * `test` may be NULL. Free with vic_identity_destroy. */
vic_status vic_run_identity(const vic_session *session, const vic_dataset *train, const vic_dataset *test,
                            vic_identity **identity);

/* Local, the same on every rank. Compares the run with the checkpoint in `folder`, `path`. *changes becomes
 * what has changed as rows "key,before,after", empty for nothing; freed by the caller with vic_release. The
 * rank that prints lists each change on stderr. Errors: VIC_BAD_FILE, naming every key that must not have
 * changed, with both values. */
vic_status vic_resume_check(const vic_session *session, const vic_identity *identity, const char *folder,
                            const char *path, char **changes);

/* Local, the same on every rank. Is the position of the trainer, as read from the checkpoint at `path`, one
 * of this many samples, and does the config ask for no fewer epochs? Errors: VIC_BAD_FILE. */
vic_status vic_resume_check_position(const vic_session *session, const vic_trainer *trainer, size_t samples,
                                     const char *path);

/* Local, on one rank. *changes becomes the row of a run that begins with the weights in this file, with the
 * checksum of its bytes; it stays NULL where `weights` is. Freed by the caller with vic_release.
 * Errors: VIC_BAD_FILE. */
vic_status vic_resume_note_weights(const char *weights, char **changes);

/* Local, on one rank. Adds the rows to changes.csv in the folder, with the position at which they begin to
 * hold. */
vic_status vic_resume_record(const char *folder, vic_position position, const char *changes);

#endif
