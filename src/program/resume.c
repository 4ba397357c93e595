#include "resume.h"

#include "config/first_format.h"
#include "learning/checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a run is made of ---- */

static vic_status add_data(vic_identity *identity, vic_group *group, const char *set,
                           const vic_dataset *dataset) {
    char key[32];
    uint32_t inputs, labels;
    VIC_TRY(vic_dataset_checksums(dataset, group, &inputs, &labels));
    snprintf(key, sizeof key, "what data.%s holds", set);
    return vic_identity_add(identity, key, false,
                            "%zu samples, CRC-32 %08" PRIx32 " of inputs, %08" PRIx32 " of labels",
                            vic_dataset_source(dataset)->count, inputs, labels);
}

static vic_status add_ranks(vic_identity *identity, int ranks) {
    return vic_identity_add(identity, "ranks", true, "%d", ranks);
}

vic_status vic_run_identity(const vic_session *session, const vic_dataset *train, const vic_dataset *test,
                            vic_identity **identity) {
    vic_group *group = session->group;
    vic_status status = vic_identity_of(session->config, identity);
    if (status == VIC_OK)
        status = add_ranks(*identity, vic_group_size(group));
    VIC_TRY(vic_group_agree_on_status(group, status));
    status = add_data(*identity, group, "train", train);
    if (status == VIC_OK && test)
        status = add_data(*identity, group, "test", test);
    return vic_group_agree_on_status(group, status);
}

/* ---- comparing ---- */

/* What changes, as rows of a file and in words. */
typedef struct noting {
    FILE *rows, *words;
} noting;

static void write_cell(FILE *to, const char *text) {
    fputs(",\"", to);
    for (; *text != '\0'; text++)
        fprintf(to, *text == '"' ? "\"\"" : "%c", *text);
    fputc('"', to);
}

static void write_row(FILE *to, const char *key, const char *before, const char *now) {
    fputs(key, to);
    write_cell(to, before);
    write_cell(to, now);
    fputc('\n', to);
}

static void note(void *context, const char *key, const char *before, const char *now) {
    const noting *n = context;
    write_row(n->rows, key, before ? before : "unknown", now);
    if (before)
        fprintf(n->words, "%s changes from %s to %s\n", key, before, now);
    else
        fprintf(n->words, "%s is %s from now on: the checkpoint does not record it\n", key, now);
}

/* Format 1 does not hold all settings: those of config.yaml beside it are used, which names the files that
 * were read and not their contents. Neither records the instruction level. */
static vic_status settings_of_folder(const vic_session *session, const char *folder, const char *checkpoint,
                                     vic_identity **before) {
    char *path, *text = NULL;
    size_t size;
    vic_config *config = NULL;
    VIC_TRY(vic_format(&path, "%s/config.yaml", folder));
    vic_status status = vic_read_file(path, VIC_BAD_FILE, &text, &size);
    if (status == VIC_OK)
        status = vic_config_parse(&config, path, text, size, NULL, 0);
    if (status == VIC_OK)
        status = vic_identity_of(config, before);
    else if (status != VIC_NO_MEMORY)
        status =
            vic_fail(VIC_BAD_FILE,
                     "%s: a checkpoint of format 1, whose settings are in config.yaml beside it, and that "
                     "cannot be read; train --weights %s starts from its weights",
                     checkpoint, checkpoint);
    if (status == VIC_OK)
        vic_identity_forget_machine(*before);
    if (status == VIC_OK && vic_session_prints(session))
        fprintf(stderr,
                "warning: %s is of format 1, which does not record the data: whether they are the same is "
                "not checked\n",
                checkpoint);
    vic_config_destroy(&config);
    vic_release(&text);
    vic_release(&path);
    return status;
}

/* Where the checkpoint and config.yaml differ, that file is of another run. */
static vic_status compare_with_folder(const vic_session *session, const char *folder, const char *settings,
                                      const char *path, noting *n) {
    const vic_config *config = session->config;
    vic_identity *before = NULL, *now = NULL;
    vic_status status = settings_of_folder(session, folder, path, &before);
    if (status == VIC_OK)
        status = vic_first_format_take(before, config->precision, settings, path);
    if (status == VIC_OK)
        status = vic_identity_of(config, &now);
    if (status == VIC_OK)
        status = vic_first_format_add(now, config);
    if (status == VIC_OK)
        status = vic_identity_compare(before, now, path, note, n);
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
    return status;
}

static vic_status compare_with_text(const char *settings, const vic_identity *now, const char *path,
                                    noting *n) {
    vic_identity *before;
    VIC_TRY(vic_identity_parse(&before, settings, path));
    vic_status status = vic_identity_compare(before, now, path, note, n);
    vic_identity_destroy(&before);
    return status;
}

static vic_status close_stream(FILE *stream, vic_status status) {
    return stream && fclose(stream) != 0 ? vic_fail(VIC_NO_MEMORY, "out of memory") : status;
}

/* *words and *changes are freed by the caller. */
static vic_status compare(const vic_session *session, const vic_identity *identity, const char *folder,
                          const char *path, char **changes, char **words) {
    char *settings = NULL;
    int format;
    size_t sizes[2];
    VIC_TRY(vic_checkpoint_settings(path, &format, &settings));
    noting n = {open_memstream(changes, &sizes[0]), open_memstream(words, &sizes[1])};
    vic_status status = n.rows && n.words ? VIC_OK : vic_fail(VIC_NO_MEMORY, "out of memory");
    if (status == VIC_OK)
        status = format > 1 ? compare_with_text(settings, identity, path, &n)
                            : compare_with_folder(session, folder, settings, path, &n);
    vic_release(&settings);
    return close_stream(n.words, close_stream(n.rows, status));
}

vic_status vic_resume_check(const vic_session *session, const vic_identity *identity, const char *folder,
                            const char *path, char **changes) {
    char *words = NULL;
    vic_status status = compare(session, identity, folder, path, changes, &words);
    if (status == VIC_OK && vic_session_prints(session))
        fputs(words, stderr);
    vic_release(&words);
    return status;
}

/* ---- the position ---- */

/* Data of another size are refused before, unless the checkpoint is of format 1 or damaged. */
static vic_status check_position(const vic_trainer *trainer, size_t samples, const char *path) {
    vic_position p = vic_trainer_position(trainer);
    uint64_t steps = vic_trainer_steps(trainer, samples);
    if (vic_position_fits(p, steps))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: the checkpoint is damaged, or of other data: it is at epoch %" PRIu64
                    ", step %" PRIu64 " after %" PRIu64
                    " updates, and an epoch of %zu samples here has %" PRIu64 " steps",
                    path, p.epoch, p.step, p.updates, samples, steps);
}

/* A run that has finished more epochs than the config asks for cannot be resumed. */
static vic_status check_epochs(vic_position p, size_t epochs, const char *path) {
    if (p.epoch < epochs || (p.epoch == epochs && p.step == 0))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: learning.epochs is %zu, but this run has learned for %" PRIu64 " epochs%s: set "
                    "learning.epochs to %" PRIu64 " or more, or begin anew without --resume",
                    path, epochs, p.epoch, p.step > 0 ? " and a part of the next" : "",
                    p.epoch + (p.step > 0));
}

vic_status vic_resume_check_position(const vic_session *session, const vic_trainer *trainer, size_t samples,
                                     const char *path) {
    VIC_TRY(check_position(trainer, samples, path));
    return check_epochs(vic_trainer_position(trainer), session->config->learning.epochs, path);
}

/* ---- recording ---- */

/* `rows` with the position before each. */
static void write_rows(FILE *to, vic_position position, const char *rows) {
    while (*rows != '\0') {
        size_t length = strcspn(rows, "\n") + 1;
        fprintf(to, "%" PRIu64 ",%" PRIu64 ",%.*s", position.epoch, position.step, (int)length, rows);
        rows += length;
    }
}

static vic_status write_changes(const char *path, vic_position position, const char *changes) {
    char *before = NULL, *text = NULL;
    size_t size, length;
    if (vic_read_file(path, VIC_BAD_FILE, &before, &size) != VIC_OK)
        before = NULL;
    FILE *to = open_memstream(&text, &length);
    if (to == NULL) {
        vic_release(&before);
        return vic_fail(VIC_NO_MEMORY, "out of memory");
    }
    fputs(before ? before : "epoch,step,key,before,after\n", to);
    write_rows(to, position, changes);
    vic_status status =
        fclose(to) == 0 ? vic_write_file(path, text, length) : vic_fail(VIC_NO_MEMORY, "out of memory");
    vic_release(&before);
    vic_release(&text);
    return status;
}

/* A line break in a path would begin another row. */
static vic_status note_weights(const char *weights, FILE *rows) {
    char *value;
    uint32_t checksum;
    VIC_TRY(vic_file_checksum(weights, &checksum));
    VIC_TRY(vic_format(&value, "%s, CRC-32 %08" PRIx32, weights, checksum));
    for (char *c = strchr(value, '\n'); c; c = strchr(c, '\n'))
        *c = ' ';
    write_row(rows, "weights", "drawn from the seed", value);
    vic_release(&value);
    return VIC_OK;
}

vic_status vic_resume_note_weights(const char *weights, char **changes) {
    size_t size;
    if (weights == NULL)
        return VIC_OK;
    FILE *rows = open_memstream(changes, &size);
    if (rows == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory");
    return close_stream(rows, note_weights(weights, rows));
}

vic_status vic_resume_record(const char *folder, vic_position position, const char *changes) {
    char *path;
    if (changes == NULL || changes[0] == '\0')
        return VIC_OK;
    VIC_TRY(vic_format(&path, "%s/changes.csv", folder));
    vic_status status = write_changes(path, position, changes);
    vic_release(&path);
    return status;
}
