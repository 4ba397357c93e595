#include "folder.h"

#include "learning/checkpoint.h"
#include "learning/run_folder.h"

/* Held until the process ends: an audit is written into the folder after the command. */
static int lock = -1;

static vic_status lock_folder(const char *folder) {
    VIC_TRY(vic_run_folder_lock(folder, &lock));
    if (lock < 0)
        fprintf(
            stderr,
            "warning: %s: this file system cannot lock: nothing keeps two runs from writing here at once\n",
            folder);
    return VIC_OK;
}

static vic_status spare(const char *folder, vic_file_list files) {
    for (size_t i = 0; i < files.n; i++)
        VIC_TRY(vic_run_folder_spare(folder, files.paths[i]));
    return VIC_OK;
}

static vic_status spare_data(const char *folder, const vic_data_options *data) {
    VIC_TRY(spare(folder, data->train_inputs));
    VIC_TRY(spare(folder, data->train_labels));
    VIC_TRY(spare(folder, data->test_inputs));
    return spare(folder, data->test_labels);
}

vic_status vic_folder_enter(const char *folder, const vic_command_line *line, const vic_config *config) {
    if (line->resume) /* before anything is made where there is nothing to go on with */
        VIC_TRY(vic_checkpoint_is_there(folder));
    VIC_TRY(vic_make_folder(folder));
    VIC_TRY(lock_folder(folder));
    if (line->keep)
        VIC_TRY(vic_run_folder_keep(folder, line->config));
    if (!line->resume)
        VIC_TRY(vic_run_folder_check(folder));
    if (line->weights)
        VIC_TRY(vic_run_folder_spare(folder, line->weights));
    VIC_TRY(vic_run_folder_protect(folder, "trace", line->trace, NULL));
    return spare_data(folder, &config->data);
}

void vic_say_damaged(const char *problem) {
    fprintf(stderr, "warning: %s: the checkpoint before it is tried\n", problem);
}
