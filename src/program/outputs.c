/* The files that a command line has written: none of them may be one that is read. */
#include "program.h"

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

/* --out may be a folder, and belongs to its command. */
vic_status vic_outputs_try(const vic_command_line *line) {
    const outputs all = list(line);
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
