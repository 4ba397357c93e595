/* The files that a command line has written: none of them may be one that is read, nor another of them. */
#include "program.h"

#include <string.h>
#include <sys/stat.h>

typedef struct output {
    const char *option, *path;
} output;

enum { OUTPUTS = 5 };

typedef struct outputs {
    output of[OUTPUTS];
} outputs;

static outputs list(const vic_command_line *line) {
    return (outputs){{{"out", line->out},
                      {"csv", line->csv},
                      {"svg", line->svg},
                      {"trace", line->trace},
                      {"calibrate", line->calibrate}}};
}

vic_status vic_output_spares(const char *option, const char *written, const char *what, const char *input) {
    if (written == NULL || input == NULL || !vic_is_same_file(written, input))
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "--%s %s: would replace %s, which %s: name another file", option, written,
                    input, what);
}

static vic_status spare_inputs(const vic_command_line *line, output out) {
    VIC_TRY(vic_output_spares(out.option, out.path, "is the config", line->config));
    VIC_TRY(vic_output_spares(out.option, out.path, "--weights names", line->weights));
    VIC_TRY(vic_output_spares(out.option, out.path, "--batch names", line->batch));
    VIC_TRY(vic_output_spares(out.option, out.path, "--target names", line->target));
    return vic_output_spares(out.option, out.path, "--machine names", line->machine);
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Whether both paths have one last part, in one folder; there need not be such a file yet. */
static vic_status is_same_place(const char *a, const char *b, bool *same) {
    struct stat one, other;
    char *folder = NULL, *other_folder = NULL;
    *same = false;
    if (strcmp(last_part(a), last_part(b)) != 0)
        return VIC_OK;
    vic_status status = vic_format(&folder, "%.*s.", (int)(last_part(a) - a), a);
    if (status == VIC_OK)
        status = vic_format(&other_folder, "%.*s.", (int)(last_part(b) - b), b);
    *same = status == VIC_OK && stat(folder, &one) == 0 && stat(other_folder, &other) == 0 &&
            one.st_dev == other.st_dev && one.st_ino == other.st_ino;
    vic_release(&folder);
    vic_release(&other_folder);
    return status;
}

/* Devices and pipes take what comes. */
static bool is_device(const char *path) {
    struct stat there;
    return stat(path, &there) == 0 && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode);
}

static vic_status spare_each_other(output a, output b) {
    bool same;
    if (a.path == NULL || b.path == NULL || is_device(a.path))
        return VIC_OK;
    VIC_TRY(is_same_place(a.path, b.path, &same));
    if (same || strcmp(a.path, b.path) == 0 || vic_is_same_file(a.path, b.path))
        return vic_fail(VIC_BAD_CONFIG, "--%s %s and --%s %s are one file: give each its own", a.option,
                        a.path, b.option, b.path);
    return VIC_OK;
}

/* --out may be a folder, and belongs to its command. */
vic_status vic_outputs_try(const vic_command_line *line) {
    const outputs all = list(line);
    for (int i = 0; i < OUTPUTS; i++)
        for (int j = i + 1; j < OUTPUTS; j++)
            VIC_TRY(spare_each_other(all.of[i], all.of[j]));
    for (int i = 0; i < OUTPUTS; i++) {
        VIC_TRY(spare_inputs(line, all.of[i]));
        if (all.of[i].path && all.of[i].path != line->out)
            VIC_TRY(vic_try_file(all.of[i].path));
    }
    return VIC_OK;
}

static vic_status spare_files(output out, vic_file_list files) {
    for (size_t i = 0; i < files.n; i++)
        VIC_TRY(vic_output_spares(out.option, out.path, "is a data file of the config", files.paths[i]));
    return VIC_OK;
}

vic_status vic_outputs_spare_data(const vic_command_line *line, const vic_data_options *data) {
    const outputs all = list(line);
    for (int i = 0; i < OUTPUTS; i++) {
        VIC_TRY(spare_files(all.of[i], data->train_inputs));
        VIC_TRY(spare_files(all.of[i], data->train_labels));
        VIC_TRY(spare_files(all.of[i], data->test_inputs));
        VIC_TRY(spare_files(all.of[i], data->test_labels));
    }
    return VIC_OK;
}
