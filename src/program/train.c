#include "comparison.h"
#include "folder.h"
#include "memory_use.h"
#include "resume.h"
#include "timing.h"

#include "base/pool.h"
#include "base/table.h"
#include "functions/level.h"
#include "learning/checkpoint.h"
#include "learning/run_folder.h"
#include "observe/audit/audit.h"

#include <math.h>
#include <string.h>

/* A training run and its folder. */
typedef struct training {
    vic_session *session;
    const vic_command_line *line;
    vic_dataset *train, *test; /* test may be NULL */
    vic_trainer *trainer;
    vic_checkpoints *checkpoints;
    char *folder, *weights;
    char *from; /* the checkpoint that the run goes on from, or NULL */
    vic_identity *identity;
    char *settings;                   /* the identity as text */
    char *changes;                    /* on resume */
    vic_table *metrics, *energies;    /* on the rank that prints */
    vic_comparison *comparison;       /* NULL where the config asks for none */
    vic_step_timing *timing;          /* NULL without --timing */
    vic_memory_use memory, *memories; /* of this rank; of all, where it is printed */
    double *energy;
    vic_progress progress;
    vic_metrics tested;
    double started;
} training;

static bool prints(const training *t) {
    return vic_session_prints(t->session);
}

static vic_status name_files(training *t) {
    const vic_config *config = t->session->config;
    if (t->line->out)
        VIC_TRY(vic_format(&t->folder, "%s", t->line->out));
    else
        VIC_TRY(vic_format(&t->folder, "runs/%s", config->name));
    return vic_format(&t->weights, "%s/weights.safetensors", t->folder);
}

/* With what the bits of the results depend on besides. */
static vic_status write_config(const training *t) {
    char *path = NULL, *text = NULL, *whole = NULL;
    vic_status status = vic_config_resolved(t->session->config, &text);
    if (status == VIC_OK)
        status = vic_format(&path, "%s/config.yaml", t->folder);
    if (status == VIC_OK)
        status = vic_format(&whole, "%s# instruction level %s, OpenBLAS kernel %s\n", text,
                            vic_level_name(vic_level()), vic_blas_kernel());
    if (status == VIC_OK)
        status = vic_write_file(path, whole, strlen(whole));
    vic_release(&path);
    vic_release(&text);
    vic_release(&whole);
    return status;
}

/* Rows up to `last` stay, which counts what the first column counts. */
static vic_status open_table(const training *t, const char *name, const char *header, uint64_t last,
                             vic_table **table) {
    char *path;
    VIC_TRY(vic_format(&path, "%s/%s", t->folder, name));
    vic_status status = vic_table_open(table, path, header, last);
    vic_release(&path);
    return status;
}

static vic_status announce_audit(const training *t) {
    char *path;
    VIC_TRY(vic_format(&path, "%s/audit.json", t->folder));
    vic_audit_keep(path);
    vic_release(&path);
    return VIC_OK;
}

/* Rank 0 alone writes these files; a failure is agreed on. All inputs have been read by now, which may be
 * results of the run that is replaced. */
static vic_status open_folder(training *t) {
    uint64_t epoch = vic_trainer_position(t->trainer).epoch;
    if (!prints(t))
        return VIC_OK;
    VIC_TRY(vic_resume_note_weights(t->line->weights, &t->changes));
    VIC_TRY(vic_run_folder_clear(t->folder, t->line->resume));
    VIC_TRY(write_config(t));
    VIC_TRY(vic_resume_record(t->folder, vic_trainer_position(t->trainer), t->changes));
    VIC_TRY(announce_audit(t));
    VIC_TRY(open_table(t, "metrics.csv", "epoch,updates,train_loss,train_accuracy,test_loss,test_accuracy",
                       epoch, &t->metrics));
    return open_table(t, "free_energy.csv", "epoch,inference_step,free_energy", epoch, &t->energies);
}

/* Local, the same on every rank. */
static vic_status go_on_from(training *t, const char *checkpoint) {
    size_t samples = vic_dataset_source(t->train)->count;
    VIC_TRY(vic_resume_check(t->session, t->identity, t->folder, checkpoint, &t->changes));
    VIC_TRY(vic_checkpoint_read(t->trainer, t->session->inference, checkpoint));
    VIC_TRY(vic_resume_check_position(t->session, t->trainer, samples, checkpoint));
    vic_position position = vic_trainer_position(t->trainer);
    if (prints(t))
        fprintf(stderr, "going on after epoch %llu, step %llu\n", (unsigned long long)position.epoch,
                (unsigned long long)position.step);
    return VIC_OK;
}

static vic_status resume(training *t) {
    if (!t->line->resume)
        return VIC_OK;
    VIC_TRY(vic_checkpoint_find(t->session->group, t->folder, vic_say_damaged, &t->from));
    return vic_group_agree_on_status(t->session->group, go_on_from(t, t->from));
}

/* ---- what a run needs, in this order: a folder that cannot be had is found before memory is ---- */

static vic_status take_folder(training *t) {
    vic_group *group = t->session->group;
    VIC_TRY(vic_group_agree_on_status(group, name_files(t)));
    return vic_group_agree_on_status(
        group, prints(t) ? vic_folder_enter(t->folder, t->line, t->session->config) : VIC_OK);
}

static vic_status make_network(training *t) {
    const vic_config *config = t->session->config;
    vic_demand demand = {
        .capacity = config->learning.batch,
        .learns = true,
        .trains = true,
        .compares = config->compare.every > 0,
        .training_data = true,
        .test_data = config->data.test_inputs.n > 0,
        .options = config->inference,
    };
    vic_memory_use_begin(&t->memory);
    VIC_TRY(vic_session_assemble(t->session, &demand, t->line->weights));
    return vic_group_agree_on_status(t->session->group,
                                     vic_memory_use_forecast(&t->memory, t->session, &demand));
}

static vic_status open_data(training *t) {
    VIC_TRY(vic_session_open_data(t->session, true, &t->train));
    if (t->session->config->data.test_inputs.n == 0)
        return VIC_OK;
    VIC_TRY(vic_session_open_data(t->session, false, &t->test));
    return vic_group_agree_on_status(t->session->group, vic_dataset_check_alike(t->train, t->test));
}

/* At its beginning, or where the run that is resumed has stopped. */
static vic_status make_trainer(training *t) {
    vic_session *session = t->session;
    VIC_TRY(vic_trainer_create(&t->trainer, session->inference, vic_training_options(session->config),
                               session->config->seed));
    vic_audit_add_trainer(t->trainer, session->inference);
    VIC_TRY(vic_run_identity(session, t->train, t->test, &t->identity));
    VIC_TRY(vic_group_agree_on_status(session->group, vic_identity_text(t->identity, &t->settings)));
    return resume(t);
}

static vic_status open_results(training *t) {
    vic_session *session = t->session;
    size_t steps = (size_t)vic_inference_steps(session->inference);
    vic_status status = vic_allocate(steps + 1, sizeof *t->energy, &t->energy);
    VIC_TRY(vic_group_agree_on_status(session->group, status));
    VIC_TRY(vic_group_agree_on_status(session->group, open_folder(t)));
    status = vic_checkpoints_create(&t->checkpoints, t->trainer, session->inference, t->folder, t->from,
                                    t->settings, session->config->checkpoint);
    VIC_TRY(vic_group_agree_on_status(session->group, status));
    if (session->config->compare.every == 0)
        return VIC_OK;
    return vic_comparison_open(&t->comparison, session, t->folder, vic_trainer_position(t->trainer));
}

static vic_status prepare(training *t) {
    VIC_TRY(take_folder(t));
    VIC_TRY(make_network(t));
    VIC_TRY(open_data(t));
    VIC_TRY(make_trainer(t));
    return open_results(t);
}

static vic_status record_epoch(training *t, const vic_metrics *learned) {
    vic_position position = vic_trainer_position(t->trainer);
    unsigned long long epoch = position.epoch + 1, updates = position.updates;
    const vic_metrics *tested = t->test ? &t->tested : NULL;
    vic_progress_epoch(&t->progress, epoch, *learned, tested);
    if (tested)
        VIC_TRY(vic_table_add(t->metrics, "%llu,%llu,%.9g,%.9g,%.9g,%.9g", epoch, updates, learned->loss,
                              learned->accuracy, tested->loss, tested->accuracy));
    else
        VIC_TRY(vic_table_add(t->metrics, "%llu,%llu,%.9g,%.9g,,", epoch, updates, learned->loss,
                              learned->accuracy));
    for (int i = 1; i <= vic_inference_steps(t->session->inference); i++)
        VIC_TRY(vic_table_add(t->energies, "%llu,%d,%.9g", epoch, i, t->energy[i]));
    return VIC_OK;
}

static void show_progress(void *context, vic_position position, uint64_t steps, vic_metrics so_far) {
    training *t = context;
    vic_progress_step(&t->progress, position, steps, so_far);
}

static vic_status save(training *t) {
    VIC_TRY(vic_checkpoints_begin(t->checkpoints));
    return vic_checkpoints_finish(t->checkpoints);
}

static vic_status follow(void *context, bool synchronized) {
    return vic_checkpoints_follow(((training *)context)->checkpoints, synchronized);
}

static vic_status infer(void *context, vic_position position, const int64_t *classes, size_t batch) {
    training *t = context;
    return vic_comparison_infer(t->comparison, position, classes, batch);
}

static void note_times(void *context, const vic_step_times *times) {
    vic_step_timing_add(((training *)context)->timing, times);
}

static vic_status evaluate(training *t) {
    const vic_learning_callbacks callbacks = {.should_stop = vic_asked_to_stop};
    return t->test ? vic_evaluate(t->session->inference, vic_dataset_source(t->test), &callbacks, &t->tested)
                   : VIC_OK;
}

static vic_status finish(void *context, const vic_metrics *learned) {
    training *t = context;
    VIC_TRY(evaluate(t));
    return vic_group_agree_on_status(t->session->group, prints(t) ? record_epoch(t, learned) : VIC_OK);
}

static vic_status run_epoch(training *t) {
    const vic_learning_callbacks callbacks = {
        .context = t,
        .progress = show_progress,
        .should_stop = vic_asked_to_stop,
        .infer = t->comparison ? infer : NULL,
        .timed = t->timing ? note_times : NULL,
        .finish = finish,
        .followed = follow,
    };
    vic_metrics learned = {0};
    VIC_TRY(vic_trainer_epoch(t->trainer, vic_dataset_source(t->train), &callbacks, &learned, t->energy));
    return vic_checkpoints_begin(t->checkpoints);
}

static vic_status close_tables(training *t) {
    vic_status status = vic_table_close(&t->metrics), second = vic_table_close(&t->energies);
    vic_status third = vic_comparison_close(&t->comparison);
    status = status ? status : second;
    return status ? status : third;
}

/* `timing`: NULL where there is none to print. */
static vic_status print_result(const training *t, const vic_step_summary *timing) {
    vic_position position = vic_trainer_position(t->trainer);
    int ranks = vic_group_size(t->session->group);
    double seconds = vic_now() - t->started, accuracy = t->test ? t->tested.accuracy : NAN;
    if (t->line->json)
        return vic_json_print(json_pack(
            "{s:o, s:o, s:i, s:i, s:I, s:I, s:I, s:f, s:s, s:s, s:s, s:o*, s:o*}", "test_accuracy",
            vic_json_number(accuracy), "test_loss", vic_json_number(t->test ? t->tested.loss : NAN), "ranks",
            ranks, "threads", vic_pool_threads(), "epochs", (json_int_t)position.epoch, "steps",
            (json_int_t)position.updates, "updates", (json_int_t)vic_trainer_optimizer_steps(t->trainer),
            "seconds", seconds, "out", t->folder, "level", vic_level_name(vic_level()), "kernel",
            vic_blas_kernel(), "timing", timing ? vic_timing_json(timing) : NULL, "memory",
            t->memories ? vic_memory_use_json(t->memories, ranks) : NULL));
    if (t->test)
        printf("test accuracy %.2f %%, test loss %.4f", 100 * accuracy, t->tested.loss);
    else
        printf("no test data");
    printf(" (%llu epochs, %llu steps, %d rank%s, %.1f s)\n%s\n", (unsigned long long)position.epoch,
           (unsigned long long)position.updates, ranks, ranks == 1 ? "" : "s", seconds, t->weights);
    if (timing)
        vic_timing_print(timing);
    if (t->memories)
        vic_memory_use_print(t->memories, ranks);
    return VIC_OK;
}

/* A run that had ended already is evaluated again, so that resuming it shows its result. */
static vic_status run_epochs(training *t) {
    size_t epochs = t->session->config->learning.epochs;
    vic_position position = vic_trainer_position(t->trainer);
    vic_progress_start(&t->progress, epochs, position.updates);
    if (position.epoch >= epochs)
        return evaluate(t);
    while (vic_trainer_position(t->trainer).epoch < epochs)
        VIC_TRY(run_epoch(t));
    return vic_checkpoints_finish(t->checkpoints);
}

/* *summary is NULL without --timing, and where memory ran out for times: that costs no result. */
static vic_status sum_up_times(const training *t, vic_step_summary *times, const vic_step_summary **summary) {
    *summary = NULL;
    if (t->timing == NULL)
        return VIC_OK;
    vic_status status = vic_step_timing_summarize(t->timing, t->session->group, times);
    if (status == VIC_OK)
        *summary = times;
    if (status != VIC_NO_MEMORY)
        return status;
    if (prints(t))
        fprintf(stderr, "warning: --timing: there are no times: %s\n", vic_error_text());
    return VIC_OK;
}

static vic_status learn(training *t) {
    vic_status status = run_epochs(t);
    if (status == VIC_INTERRUPTED) {
        VIC_TRY(save(t));
        return vic_fail(VIC_INTERRUPTED, "interrupted and saved: go on with --resume --out %s", t->folder);
    }
    if (status == VIC_NOT_FINITE) { /* all ranks have agreed on that, and what is saved may be whole yet */
        char *problem;
        VIC_TRY(vic_format(&problem, "%s", vic_error_text()));
        vic_checkpoints_finish(t->checkpoints);
        vic_fail(status, "%s", problem);
        vic_release(&problem);
    }
    VIC_TRY(status);
    VIC_TRY(vic_group_agree_on_status(t->session->group, close_tables(t)));
    VIC_TRY(vic_weights_write(t->session->inference, t->weights));
    vic_step_summary times = {0};
    const vic_step_summary *summary;
    VIC_TRY(sum_up_times(t, &times, &summary));
    VIC_TRY(t->timing ? vic_memory_use_gather(t->memory, t->session->group, &t->memories) : VIC_OK);
    status = prints(t) ? print_result(t, summary) : VIC_OK;
    return vic_group_agree_on_status(t->session->group, status);
}

static vic_status train(vic_session *session, const vic_command_line *line) {
    training t = {.session = session, .line = line, .started = vic_now()};
    VIC_TRY(vic_session_need_learning(session, "train"));
    VIC_TRY(vic_session_need_data(session, session->config->data.train_inputs, "train"));
    vic_status status = prepare(&t);
    if (status == VIC_OK && line->timing)
        status = vic_group_agree_on_status(session->group, vic_step_timing_create(&t.timing));
    if (status == VIC_OK)
        status = learn(&t);
    close_tables(&t);
    vic_checkpoints_destroy(&t.checkpoints);
    vic_trainer_destroy(&t.trainer);
    vic_dataset_close(&t.train);
    vic_dataset_close(&t.test);
    vic_release(&t.energy);
    vic_release(&t.folder);
    vic_release(&t.weights);
    vic_release(&t.from);
    vic_release(&t.settings);
    vic_release(&t.changes);
    vic_identity_destroy(&t.identity);
    vic_step_timing_destroy(&t.timing);
    vic_release(&t.memories);
    return status;
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    vic_session session;
    if (line->resume && line->weights)
        return vic_fail(VIC_BAD_CONFIG,
                        "--resume goes on with the checkpoint's weights: leave out --weights, or it");
    if (line->keep && line->resume)
        return vic_fail(VIC_BAD_CONFIG,
                        "--keep refuses a folder that holds a run, and --resume goes on in one: "
                        "leave one of them out");
    vic_catch_signals();
    vic_status status = vic_session_open(&session, group, line);
    if (status == VIC_OK)
        status = train(&session, line);
    vic_session_close(&session);
    return status;
}

static const vic_command_option option_timing = {
    "timing", NULL, "median, quartiles and least of a training step's time, and of its parts; memory", false};

static const vic_command_option *const options[] = {
    &vic_option_out_folder,
    &vic_option_keep,
    &vic_option_resume,
    &vic_option_weights,
    &vic_option_rename,
    &vic_option_set,
    &option_timing,
    &vic_option_trace,
    &vic_option_detect_anomalies,
    &vic_option_json,
    NULL,
};

const vic_command vic_command_train = {
    .name = "train",
    .summary = "learn from the training data",
    .description =
        "Learns for the configured epochs and leaves in the run folder: weights.safetensors, metrics.csv,\n"
        "free_energy.csv (mean per inference step), config.yaml (with every default), checkpoints (at the\n"
        "end of each epoch, and as `vicinal help config learning.checkpoint` says), with --audit "
        "audit.json,\n"
        "and with learning.compare: {every: K} compare.csv: in every K-th batch each layer's update beside\n"
        "exact.\n"
        "A folder that holds a run is cleared of its results first, once all inputs are read and in order; "
        "other files\n"
        "in it stay. A second run in the folder of one that goes on is refused.\n"
        "--weights F is recorded in changes.csv, with the CRC-32 of F: config.yaml alone draws them from "
        "the seed.\n"
        "SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU to any rank, unless it was started with them "
        "ignored (as\n"
        "under nohup), stop the run within a second or a batch, whichever is longer, with everything saved "
        "(exit code 5).\n"
        "SIGUSR1 to mpirun does the same; after SIGINT or SIGTERM mpirun leaves its ranks a second to save, "
        "and ends\n"
        "with its own exit code, 1.\n"
        "--timing: over all steps but the first, of the slowest rank of each; the steps send what they send "
        "without.\n"
        "Where memory runs out for times, a warning takes their place. Memory is the most that a rank has "
        "taken.\n",
    .example = "mpirun -np 5 vicinal train configs/digits.yaml --out runs/digits",
    .options = options,
    .run = run,
};
