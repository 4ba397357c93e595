#include "folder.h"
#include "json.h"
#include "program.h"

#include "learning/checkpoint.h"
#include "learning/run_folder.h"

#include <string.h>

static vic_status name_file(const vic_command_line *line, char **out) {
    if (line->out)
        return vic_format(out, "%s", line->out);
    return vic_format(out, "%s/%s.safetensors", line->config, line->state ? "state" : "weights");
}

static vic_status print_result(const vic_command_line *line, const char *out, vic_position p) {
    if (line->json)
        return vic_json_print(json_pack("{s:o, s:I, s:I, s:I}", "out", vic_json_text(out, strlen(out)),
                                        "epoch", (json_int_t)p.epoch, "step", (json_int_t)p.step, "updates",
                                        (json_int_t)p.updates));
    printf("%s: %s after epoch %llu, step %llu\n", out, line->state ? "all" : "weights",
           (unsigned long long)p.epoch, (unsigned long long)p.step);
    return VIC_OK;
}

static vic_status export(const vic_command_line *line, vic_group *group, const char *out) {
    char *checkpoint;
    vic_position position;
    VIC_TRY(vic_checkpoint_find(group, line->config, vic_say_damaged, &checkpoint));
    vic_status status = vic_checkpoint_export(group, checkpoint, line->state, out, &position);
    vic_release(&checkpoint);
    if (status == VIC_OK && vic_group_rank(group) == 0)
        status = print_result(line, out, position);
    return vic_group_agree_on_status(group, status);
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    char *out;
    vic_status status = vic_group_agree_on_status(group, name_file(line, &out));
    if (status == VIC_OK)
        status = vic_group_agree_on_status(
            group, vic_run_folder_protect(line->config, "out", out, "weights.safetensors"));
    if (status == VIC_OK)
        status = export(line, group, out);
    vic_release(&out);
    return status;
}

static const vic_command_option option_out = {
    "out", "F", "the safetensors file to write (default: DIR/weights.safetensors)", false};
static const vic_command_option option_state = {
    "state", NULL,
    "all of the checkpoint, with the optimizer's state, into one file (default: DIR/state.safetensors)",
    false};

static const vic_command_option *const options[] = {&option_out, &option_state, &vic_option_json, NULL};

const vic_command vic_command_export = {
    .name = "export",
    .operand = "DIR",
    .operand_is = "run folder",
    .summary = "the latest checkpoint of a run as one safetensors file",
    .description =
        "Makes one file of what every rank has written for itself, from the latest checkpoint that is "
        "whole;\n"
        "damaged ones are named. A run that has ended has left its weights in weights.safetensors already.\n",
    .example = "vicinal export runs/digits --out digits.safetensors",
    .options = options,
    .run = run,
};
