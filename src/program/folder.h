/* The folder of a training run: one run at a time, and no results but its own. */
#ifndef VIC_PROGRAM_FOLDER_H
#define VIC_PROGRAM_FOLDER_H

#include "program.h"

/* On the rank that prints, before anything is read: makes the folder where it is missing, and locks it until
 * the process ends. Errors: VIC_BAD_FILE, when another run is in it, when --keep finds a run there, and when
 * data of the config lie where the run will write. */
vic_status vic_folder_enter(const char *folder, const vic_command_line *line, const vic_config *config);

/* On the rank that prints: a checkpoint is passed over. */
void vic_say_damaged(const char *problem);

#endif
