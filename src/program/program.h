/* The program's own rooms: its command line, what commands have in common, and the commands. */
#ifndef VIC_PROGRAM_PROGRAM_H
#define VIC_PROGRAM_PROGRAM_H

#include "config/config.h"
#include "data/dataset.h"
#include "observe/trace.h"
#include "tensors/batch.h"
#include "tensors/weights.h"

#include <stdio.h>

/* ---- the command line ---- */

typedef struct vic_command vic_command;

typedef struct vic_command_line {
    const vic_command *command; /* NULL: the program itself was asked for help or its version */
    const char *help_key;       /* with help_config: the key, or NULL for all */
    bool help, help_config, help_completion, version, json, resume, keep, weights_only, trajectory, learn,
        alone, audit, quiet_steps, timing, state, detect_anomalies;
    /* NULL where left out */
    const char *config, *out, *weights, *batch, *target, *csv, *svg, *repeat, *trace, *population, *sample,
        *calibrate, *machine, *level, *threads, *transport;
    int n_threads; /* 0: as many as a rank has cores */
    const char **overrides, **against, **sweeps, **ranks;
    vic_rename *renames;
    size_t n_overrides, n_against, n_sweeps, n_ranks, n_renames;
} vic_command_line;

/* What a command takes, besides --help. */
typedef struct vic_command_option {
    const char *name;     /* without dashes */
    const char *argument; /* NULL: a switch */
    const char *help;
    bool required;
} vic_command_option;

struct vic_command {
    const char *name;
    const char *operand, *operand_is; /* what it works on; NULL: CONFIG, a config */
    const char *summary;
    const char *description;
    const char *example;
    const vic_command_option *const *options; /* NULL-terminated */
    /* Collective. */
    vic_status (*run)(const vic_command_line *line, vic_group *group);
};

extern const vic_command vic_command_train, vic_command_evaluate, vic_command_infer, vic_command_verify,
    vic_command_comm, vic_command_plan, vic_command_explain, vic_command_report, vic_command_export;
/* Options of every command, NULL-terminated. */
extern const vic_command_option *const vic_common_options[];

extern const vic_command_option vic_option_out_folder, vic_option_out_file, vic_option_resume,
    vic_option_keep, vic_option_set, vic_option_json, vic_option_weights, vic_option_weights_required,
    vic_option_rename, vic_option_batch, vic_option_batch_required, vic_option_target,
    vic_option_weights_only, vic_option_trajectory, vic_option_csv, vic_option_against, vic_option_sweep,
    vic_option_alone, vic_option_trace, vic_option_detect_anomalies;

/* The commands, NULL-terminated. */
extern const vic_command *const vic_commands[];

/* Errors: VIC_BAD_CONFIG, with a hint. Free with vic_command_line_release. */
vic_status vic_command_line_read(vic_command_line *line, int argc, char **argv);
void vic_command_line_release(vic_command_line *line);
/* Errors: VIC_BAD_CONFIG where --transport has another value than those that there are. */
vic_status vic_set_transport(vic_group *group, const vic_command_line *line);

/* *value becomes the whole number that `text`, the value of an option, is, from `least` to `most`; it stays
 * where `text` is NULL. Errors: VIC_BAD_CONFIG. */
vic_status vic_option_number(const char *option, const char *text, long least, long most, long *value);

/* Local, on the rank that prints, before anything is done: a long run should not end with a file that cannot
 * be written, or that replaces what it was made from. Errors: VIC_BAD_CONFIG when an output is a file that
 * the line names as input, or as another output, VIC_BAD_FILE. */
vic_status vic_outputs_try(const vic_command_line *line);
/* The same of the data files of the config. Errors: VIC_BAD_CONFIG. */
vic_status vic_outputs_spare_data(const vic_command_line *line, const vic_data_options *data);
/* Errors: VIC_BAD_CONFIG when an option's output is the same file as an input, which `what` describes. Either
 * may be NULL. */
vic_status vic_output_spares(const char *option, const char *output, const char *what, const char *input);

/* Collective. Around a command: with --trace, the inferences of all sessions are recorded between them. The
 * end returns `status`, or what kept the trace from being written. Errors: VIC_BAD_FILE. */
vic_status vic_tracing_begin(vic_trace **trace, const vic_command_line *line, vic_group *group);
vic_status vic_tracing_end(vic_trace **trace, const vic_command_line *line, vic_group *group,
                           vic_status status);

void vic_print_help(FILE *to, const vic_command *command);
/* The version, and what this process would compute with alone. */
void vic_print_version(FILE *to);
/* A script for bash that completes commands, their options, and the keys of configs. */
void vic_print_completion(FILE *to);

/* ---- what the commands share ---- */

/* A config, its network on this group's ranks, and an inference over them. */
typedef struct vic_session {
    vic_group *group;
    vic_config *config;
    int *rank_of;
    vic_inference *inference;
    vic_trainer *learner; /* where its steps learn, and the command has no trainer of its own; or NULL */
    vic_renames renames;  /* of weights; belongs to the command line */
} vic_session;

/* Collective. Reads and checks the config on rank 0 and shares its text. */
vic_status vic_session_open(vic_session *session, vic_group *group, const vic_command_line *line);

/* What a command will allocate. */
typedef struct vic_demand {
    size_t capacity; /* samples in a batch */
    bool learns;     /* gradients */
    bool trains;     /* the optimiser's state */
    bool compares;   /* updates kept aside */
    bool sweeps;     /* no more than feedforward sweeps */
    bool keeps;      /* where steps learn, what they do, from one inference to the next */
    bool records;    /* events of an inference, errors among them */
    bool writes;     /* what every population holds goes to a file */
    bool training_data, test_data;
    vic_inference_options options;
} vic_demand;

/* Are gradients needed, by the command or by the algorithm? */
bool vic_demand_learns(const vic_demand *demand);
/* Errors: VIC_BAD_CONFIG where steps of its inferences learn, and the config does not say how. */
vic_status vic_demand_check(const vic_demand *demand, const vic_config *config);

/* Collective. Places the network, allocates, and reads the weights, or draws them from the seed where
 * `weights` is NULL. Prints beforehand on stderr the memory that each rank will take, later allocations of
 * the command included, and whether ranks stay idle. */
vic_status vic_session_assemble(vic_session *session, const vic_demand *demand, const char *weights);
/* Collective. Its steps, to be called one by one without output: the network on the first `ranks` ranks, and
 * an inference over it. */
vic_status vic_session_place(vic_session *session, int ranks);
vic_status vic_session_populate(vic_session *session, const vic_demand *demand, const char *weights);
/* Collective. Where the algorithm of an inference learns in its steps: *learner becomes the trainer that it
 * learns with outside training, as `demand` says; else it stays. Free with vic_trainer_destroy. Errors: those
 * of vic_demand_check, VIC_NO_MEMORY. */
vic_status vic_session_learn(const vic_config *config, const vic_demand *demand, vic_inference *inference,
                             vic_trainer **learner);
/* The options of `train`: learning.compare compares what the steps of a batch learn together. */
vic_learning_options vic_training_options(const vic_config *config);
/* What that takes, in bytes, on a rank where the populations of `here` are. */
size_t vic_session_learn_forecast(const vic_config *config, const vic_demand *demand, const bool *here);
/* Collective. Takes the inference away. */
void vic_session_depopulate(vic_session *session);
/* Collective. Feeds the first batch of the first epoch: `batch` samples, no more than there are. */
vic_status vic_session_feed(vic_session *session, const vic_source *data, size_t batch);
/* Local, on the rank that prints. Prints the memory that each rank will take: in all, what the processes hold
 * already included, or in addition to an inference that is there. */
void vic_print_forecast(const vic_config *config, const int *rank_of, const vic_demand *demand, bool in_all);
/* Local. bytes[rank] becomes what each rank up to that of the output will take in all, what a process holds
 * already included. Errors: VIC_BAD_CONFIG, VIC_NO_MEMORY. */
vic_status vic_forecast(const vic_config *config, const int *rank_of, const vic_demand *demand,
                        double *bytes);
/* Local. *bytes becomes what the session's populations of this rank will take, and `already`, which the
 * process held before. Errors: those of vic_forecast. */
vic_status vic_forecast_own(const vic_session *session, const vic_demand *demand, double already,
                            double *bytes);
/* Collective. Errors: VIC_NO_MEMORY where a rank, or the ranks of a machine together, will take more than it
 * has. */
vic_status vic_check_memory(const vic_session *session, const vic_demand *demand);
void vic_session_close(vic_session *session);

/* Is this the rank that prints? */
bool vic_session_prints(const vic_session *session);

/* Errors: VIC_BAD_CONFIG, naming the missing section. */
vic_status vic_session_need_data(const vic_session *session, vic_file_list inputs, const char *what);
vic_status vic_session_need_learning(const vic_session *session, const char *command);

/* Collective. The training or the test set of the config. */
vic_status vic_session_open_data(vic_session *session, bool training, vic_dataset **dataset);

/* Local. Fails with `on_error` where a batch has fewer samples than inference.microbatches. The short last
 * batch of an epoch may: it comes sample by sample. */
vic_status vic_session_cut(const vic_session *session, size_t batch, vic_status on_error);

/* Local. The files that --batch and --target name, and the reading options of the config. Errors:
 * VIC_BAD_CONFIG when there is a target without a batch. */
vic_status vic_session_batch_files(const vic_session *session, const vic_command_line *line,
                                   vic_batch_files *files);

/* Samples in one batch of training, or a default where the config does not learn. */
size_t vic_session_batch(const vic_session *session);

/* ---- progress, on stderr ---- */

typedef struct vic_progress {
    bool on_terminal;
    size_t epochs;
    double started, shown;
    uint64_t first_update;
} vic_progress;

void vic_progress_start(vic_progress *progress, size_t epochs, uint64_t first_update);
/* A bar on a terminal; otherwise nothing, since each epoch has a line of its own. */
void vic_progress_step(vic_progress *progress, vic_position position, uint64_t steps, vic_metrics so_far);
void vic_progress_epoch(vic_progress *progress, uint64_t epoch, vic_metrics learned,
                        const vic_metrics *tested);

/* ---- signals ---- */

/* Before MPI_Init: records which signals the process was started with as ignored. The second call does
 * nothing. */
void vic_inherit_signals(void);
/* From now on SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU ask to stop, and end nothing. Those that
 * the process was started with as ignored are ignored. */
void vic_catch_signals(void);
bool vic_asked_to_stop(void *unused);

#endif
