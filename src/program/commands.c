/* A new command is one file and one line here. */
#include "program.h"

const vic_command *const vic_commands[] = {
    &vic_command_train, &vic_command_evaluate, &vic_command_infer,  &vic_command_verify, &vic_command_comm,
    &vic_command_plan,  &vic_command_explain,  &vic_command_report, &vic_command_export, NULL,
};

static const vic_command_option option_audit = {
    "audit", NULL,
    "watch every MPI call and what shared memory is mapped, and fail on any that locality forbids", false};

static const vic_command_option option_level = {
    "level", "LEVEL",
    "compute at this instruction level (default: the highest that every rank's processor can run)", false};

static const vic_command_option option_threads = {
    "threads", "T", "threads of each rank (default: the cores that it has for itself); results are the same",
    false};

static const vic_command_option option_transport = {
    "transport", "KIND",
    "how messages go from rank to rank: mpi, auto (within a node through shared memory, where it can be "
    "had; the default), or shared (fails where there is no room for it; between machines, MPI)",
    false};

const vic_command_option *const vic_common_options[] = {&option_audit, &option_level, &option_threads,
                                                        &option_transport, NULL};

const vic_command_option vic_option_out_folder = {
    "out", "DIR", "the run folder, made when missing (default: runs/NAME)", false};
const vic_command_option vic_option_out_file = {"out", "F", "the safetensors file to write", true};
const vic_command_option vic_option_resume = {
    "resume", NULL, "go on from the latest whole checkpoint in the run folder", false};
const vic_command_option vic_option_keep = {
    "keep", NULL, "refuse a run folder that holds a run already, which is replaced otherwise", false};
const vic_command_option vic_option_set = {
    "set", "KEY=VALUE", "override a key of the config, for example inference.eta=0.1 (repeatable)", false};
const vic_command_option vic_option_json = {"json", NULL, "the result as JSON on stdout", false};
const vic_command_option vic_option_weights = {
    "weights", "F", "parameters, a safetensors file (default: drawn from the seed)", false};
const vic_command_option vic_option_weights_required = {"weights", "F", "parameters, a safetensors file",
                                                        true};
const vic_command_option vic_option_rename = {
    "rename", "OLD=NEW",
    "names of weights that begin with OLD begin with NEW here, for example --rename fc1.=0.0. "
    "(repeatable; the longest OLD that fits counts)",
    false};
const vic_command_option vic_option_batch = {"batch", "F",
                                             "tensors `input` and `target` in a safetensors file, or the "
                                             "input as .npy (default: the first training batch)",
                                             false};
const vic_command_option vic_option_batch_required = {
    "batch", "F",
    "tensors `input`, optional `target` and, where the algorithm starts from given beliefs, `initial.l`, "
    "in a safetensors file, or the input as .npy",
    true};
const vic_command_option vic_option_target = {
    "target", "F", "the target of --batch, as .npy or `target` in a safetensors file", false};
const vic_command_option vic_option_weights_only = {"weights-only", NULL, "compare weights alone, no biases",
                                                    false};
const vic_command_option vic_option_trajectory = {
    "trajectory", NULL, "compare after n steps for every n up to inference.steps, out of one inference",
    false};
const vic_command_option vic_option_csv = {"csv", "F", "the comparison as a CSV file too", false};
const vic_command_option vic_option_against = {
    "against", "KEY=VALUE",
    "compare with the config so changed, not with exact: precision=float64 shows what rounding costs "
    "(repeatable)",
    false};
const vic_command_option vic_option_detect_anomalies = {
    "detect-anomalies", NULL,
    "end where a function, the loss or an update first makes a number that is not finite out of finite ones, "
    "and name "
    "it; takes time",
    false};
const vic_command_option vic_option_trace = {
    "trace", "F", "what each population did when, and every message, for Perfetto or chrome://tracing",
    false};
const vic_command_option vic_option_sweep = {"sweep", "KEY=A,B,...",
                                             "every combination of such settings, each a row: batch, "
                                             "width, depth, eta, steps, microbatches, precision, "
                                             "ranks, or a key of the config (repeatable)",
                                             false};
const vic_command_option vic_option_alone = {"alone", NULL,
                                             "the configured algorithm alone, nothing beside it", false};
