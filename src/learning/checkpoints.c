/* Writing the checkpoints of a run. A thread of its own writes a rank's file from a copy of its state; it
 * calls no MPI. */
#include "checkpoint.h"
#include "checkpoint_folder.h"
#include "checkpoint_part.h"
#include "run_folder.h"

#include "base/file.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct vic_checkpoints {
    vic_trainer *trainer;
    vic_inference *inference;
    vic_group *group;
    const char *run, *settings;
    vic_checkpoint_options options;
    double began; /* the last one, or the run */
    bool is_saved;
    vic_position saved; /* of the last whole one */

    /* Of the one that is being written, on this rank. */
    bool pending, has_thread;
    vic_position position;
    char *folder, *file;
    vic_checkpoint_part part;
    pthread_t thread;
    atomic_bool written;
    vic_status status;
    char text[1024]; /* of an error, which threads keep apart */
};

/* The one file of an earlier version is none of these folders. */
static vic_status note_saved(vic_checkpoints *c, const char *from) {
    char *folder;
    if (from == NULL)
        return VIC_OK;
    c->saved = vic_trainer_position(c->trainer);
    VIC_TRY(vic_checkpoint_folder_of(c->run, c->saved, &folder));
    c->is_saved = strcmp(folder, from) == 0;
    vic_release(&folder);
    return VIC_OK;
}

vic_status vic_checkpoints_create(vic_checkpoints **checkpoints, vic_trainer *trainer,
                                  vic_inference *inference, const char *run, const char *from,
                                  const char *settings, vic_checkpoint_options options) {
    VIC_TRY(vic_allocate(1, sizeof **checkpoints, checkpoints));
    vic_checkpoints *c = *checkpoints;
    c->trainer = trainer;
    c->inference = inference;
    c->group = vic_inference_group(inference);
    c->run = run;
    c->settings = settings;
    c->options = options;
    c->began = vic_now();
    return note_saved(c, from);
}

static bool is_within_epochs(vic_checkpoint_options options) {
    return options.steps > 0 || options.minutes > 0;
}

size_t vic_checkpoint_forecast(const vic_network *network, const bool *here, vic_learning_options learning) {
    size_t arrays = 1 + learning.optimizer->n_moments, local = 0, parameters = 0;
    for (int id = 0; id < network->n_populations; id++)
        local += here[id];
    for (int e = 0; e < network->n_edges; e++) {
        parameters += vic_edge_parameters(&network->edges[e]);
        if (here[network->edges[e].from])
            local += arrays * vic_edge_parameters(&network->edges[e]);
    }
    /* At the end of a run every rank lists all weights. */
    return vic_size_product(local > parameters ? local : parameters, VIC_PLANNED_TENSOR);
}

size_t vic_checkpoint_copy_forecast(const vic_network *network, const bool *here,
                                    vic_learning_options learning, vic_checkpoint_options options) {
    size_t arrays = 1 + learning.optimizer->n_moments;
    if (!is_within_epochs(options))
        return 0;
    return vic_size_product(vic_network_parameters_of(network, here),
                            arrays * vic_precision_bytes(network->precision));
}

/* ---- the file of this rank ---- */

static void write_part(vic_checkpoints *c) {
    c->status = vic_checkpoint_part_write(&c->part, c->trainer, c->inference, c->file);
    if (c->status == VIC_OK)
        vic_sync_beside(c->file);
    else
        snprintf(c->text, sizeof c->text, "%s", vic_error_text());
    atomic_store(&c->written, true);
}

static void *write_beside(void *checkpoints) {
    write_part(checkpoints);
    return NULL;
}

/* Signals are for the threads that are there already. */
static bool start_thread(vic_checkpoints *c) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    c->has_thread = pthread_create(&c->thread, NULL, write_beside, c) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c->has_thread;
}

/* Without memory for a copy the file is written before learning goes on. */
static vic_status make_part(vic_checkpoints *c) {
    bool copies = is_within_epochs(c->options);
    vic_status status = vic_checkpoint_part_make(&c->part, c->trainer, c->inference, copies);
    if (status != VIC_NO_MEMORY || !copies)
        return status;
    vic_checkpoint_part_release(&c->part);
    return vic_checkpoint_part_make(&c->part, c->trainer, c->inference, false);
}

static vic_status prepare(vic_checkpoints *c) {
    c->position = vic_trainer_position(c->trainer);
    VIC_TRY(vic_checkpoint_folder_of(c->run, c->position, &c->folder));
    VIC_TRY(vic_checkpoint_file_path(c->folder, (size_t)vic_group_rank(c->group), &c->file));
    VIC_TRY(make_part(c));
    return vic_group_rank(c->group) == 0 ? vic_checkpoint_folder_make(c->folder) : VIC_OK;
}

static void forget(vic_checkpoints *c) {
    vic_checkpoint_part_release(&c->part);
    vic_release(&c->folder);
    vic_release(&c->file);
    c->pending = c->has_thread = false;
}

/* ---- the manifest ---- */

static vic_status write_manifest(const vic_checkpoints *c, vic_checkpoint_file *files) {
    const int *rank_of = vic_inference_rank_of(c->inference);
    vic_checkpoint_manifest manifest = {
        .position = c->position,
        .n_files = (size_t)vic_group_size(c->group),
        .files = files,
        .n_populations = (size_t)vic_inference_network(c->inference)->n_populations,
    };
    vic_status status = vic_format(&manifest.settings, "%s", c->settings);
    if (status == VIC_OK)
        status = vic_allocate(manifest.n_populations, sizeof *manifest.file_of, &manifest.file_of);
    for (size_t id = 0; status == VIC_OK && id < manifest.n_populations; id++)
        manifest.file_of[id] = (size_t)rank_of[id];
    if (status == VIC_OK)
        status = vic_checkpoint_manifest_write(&manifest, c->folder);
    vic_release(&manifest.settings);
    vic_release(&manifest.file_of);
    return status;
}

/* The one file of an earlier version is older than any that this run writes. */
static void remove_older(const vic_checkpoints *c) {
    char *path;
    vic_checkpoint_folder_prune(c->run, c->position, c->options.keep);
    if (vic_format(&path, "%s/%s", c->run, VIC_SINGLE_CHECKPOINT) != VIC_OK)
        return;
    unlink(path);
    vic_release(&path);
}

static vic_status complete(vic_checkpoints *c, vic_checkpoint_file *files) {
    VIC_TRY(write_manifest(c, files));
    remove_older(c);
    return VIC_OK;
}

vic_status vic_checkpoints_finish(vic_checkpoints *c) {
    vic_checkpoint_file mine, *files = NULL;
    size_t size;
    if (!c->pending)
        return VIC_OK;
    if (c->has_thread)
        pthread_join(c->thread, NULL);
    mine = vic_checkpoint_part_summary(&c->part);
    vic_status status = vic_group_agree_on_status(
        c->group, c->status == VIC_OK ? VIC_OK : vic_fail(c->status, "%s", c->text));
    if (status == VIC_OK)
        status = vic_group_gather(c->group, &mine, sizeof mine, &files, &size);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(c->group, files ? complete(c, files) : VIC_OK);
    if (status != VIC_OK && vic_group_rank(c->group) == 0)
        vic_checkpoint_folder_remove(c->folder);
    c->is_saved = c->is_saved || status == VIC_OK;
    c->saved = status == VIC_OK ? c->position : c->saved;
    vic_release(&files);
    forget(c);
    return status;
}

/* ---- when ---- */

static bool is_saved_here(const vic_checkpoints *c) {
    vic_position here = vic_trainer_position(c->trainer);
    return c->is_saved && c->saved.epoch == here.epoch && c->saved.step == here.step;
}

/* What a rank alone knows of a fault yet must be known to all: checkpoints from before it stay. */
vic_status vic_checkpoints_begin(vic_checkpoints *c) {
    VIC_TRY(vic_checkpoints_finish(c));
    if (is_saved_here(c))
        return VIC_OK;
    VIC_TRY(vic_trainer_report_fault(c->trainer));
    vic_status status = vic_group_agree_on_status(c->group, prepare(c));
    if (status != VIC_OK) {
        if (vic_group_rank(c->group) == 0 && c->folder)
            vic_checkpoint_folder_remove(c->folder);
        forget(c);
        return status;
    }
    c->began = vic_now();
    c->pending = true;
    atomic_store(&c->written, false);
    if (!c->part.data || !start_thread(c))
        write_part(c);
    return is_within_epochs(c->options) ? VIC_OK : vic_checkpoints_finish(c);
}

vic_status vic_checkpoints_follow(vic_checkpoints *c, bool synchronized) {
    bool due = c->options.steps > 0 && vic_trainer_position(c->trainer).updates % c->options.steps == 0;
    if (synchronized && (c->pending || c->options.minutes > 0)) {
        bool late = c->options.minutes > 0 && vic_now() - c->began >= 60 * c->options.minutes;
        int64_t mine[2] = {c->pending && !atomic_load(&c->written), late && vic_group_rank(c->group) == 0};
        int64_t all[2];
        VIC_TRY(vic_group_allreduce_max(c->group, 2, mine, all));
        if (!all[0])
            VIC_TRY(vic_checkpoints_finish(c));
        due = due || all[1];
    }
    return due ? vic_checkpoints_begin(c) : VIC_OK;
}

void vic_checkpoints_destroy(vic_checkpoints **checkpoints) {
    vic_checkpoints *c = *checkpoints;
    if (c == NULL)
        return;
    if (c->has_thread)
        pthread_join(c->thread, NULL);
    if (c->pending && vic_group_rank(c->group) == 0)
        vic_checkpoint_folder_remove(c->folder);
    forget(c);
    vic_release(checkpoints);
}
