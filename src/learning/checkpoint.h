/* Checkpoints: weights, optimiser state and position, to go on with the same bits. */
#ifndef VIC_LEARNING_CHECKPOINT_H
#define VIC_LEARNING_CHECKPOINT_H

#include "learning.h"

/* Collective. `settings` is the text of the run's identity, kept in the file. */
vic_status vic_checkpoint_write(vic_trainer *trainer, vic_inference *inference, const char *path,
                                const char *settings);
/* Local. The bytes that writing one takes meanwhile, on each rank. */
size_t vic_checkpoint_forecast(const vic_network *network, vic_learning_options options);
/* Local. Errors: VIC_BAD_FILE when the file is no checkpoint of this network and optimiser. */
vic_status vic_checkpoint_read(vic_trainer *trainer, vic_inference *inference, const char *path);
/* Local. *settings becomes what vic_checkpoint_write was given, or where *format becomes 1 the text that such
 * a file has instead; freed by the caller with vic_release. Errors: VIC_BAD_FILE, also for a format that is
 * not known. */
vic_status vic_checkpoint_settings(const char *path, int *format, char **settings);

#endif
