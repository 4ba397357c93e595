/* What a command writes must not take the place of what it reads. */
#include "program.h"

#include <sys/stat.h>

static bool is_same_file(const char *a, const char *b) {
    struct stat x, y;
    return a && b && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static const char *same_of(const char *out, vic_file_list files) {
    for (size_t i = 0; i < files.n; i++)
        if (is_same_file(out, files.paths[i]))
            return files.paths[i];
    return NULL;
}

vic_status vic_check_output(const vic_session *session, const vic_command_line *line) {
    const vic_data_options *data = &session->config->data;
    const char *const named[] = {line->config, line->weights, line->batch, line->target};
    const vic_file_list lists[] = {data->train_inputs, data->train_labels, data->test_inputs,
                                   data->test_labels};
    const char *same = NULL;
    for (size_t i = 0; i < sizeof named / sizeof *named && same == NULL; i++)
        same = is_same_file(line->out, named[i]) ? named[i] : NULL;
    for (size_t i = 0; i < sizeof lists / sizeof *lists && same == NULL; i++)
        same = same_of(line->out, lists[i]);
    if (same == NULL)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "--out %s: is the file %s, which is read: write to another", line->out,
                    same);
}
