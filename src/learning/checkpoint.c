/* Checkpoints as files: safetensors with the weights under their names, the optimiser's moments as
 * NAME.MOMENT, the running sums of the present epoch as sums.POPULATION. One file, format 2, has as metadata
 * the position, the number of the format under "vicinal.checkpoint", and the settings of the run under
 * "vicinal.settings". Format 1, of version 0.1.0, has a text about the settings in the place of the number,
 * and nothing of the data. Format 3 is a folder, with a file for each rank and the metadata in its manifest.
 */
#include "checkpoint.h"

#include "checkpoint_part.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FORMAT = 2 };

/* ---- writing one file ---- */

static vic_status plan_tensor(void *plan, const vic_state_tensor *t) {
    return vic_tensor_plan_add(plan, t->name, t->dtype, t->rank, t->dim);
}

static vic_status put_tensor(void *writer, const vic_state_tensor *t) {
    return vic_tensor_writer_put(writer, t->name, t->values);
}

static vic_status describe_number(vic_tensor_plan *plan, const char *key, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return vic_tensor_plan_describe(plan, key, text);
}

vic_status vic_checkpoint_describe(vic_tensor_plan *plan, vic_position position, const char *settings) {
    VIC_TRY(describe_number(plan, "vicinal.checkpoint", FORMAT));
    VIC_TRY(vic_tensor_plan_describe(plan, "vicinal.settings", settings));
    VIC_TRY(describe_number(plan, "epoch", position.epoch));
    VIC_TRY(describe_number(plan, "step", position.step));
    return describe_number(plan, "updates", position.updates);
}

vic_status vic_checkpoint_write(vic_trainer *trainer, vic_inference *inference, const char *path,
                                const char *settings) {
    vic_group *group = vic_inference_group(inference);
    vic_tensor_plan plan = {0};
    vic_tensor_writer *writer = NULL;
    vic_status status = vic_checkpoint_describe(&plan, vic_trainer_position(trainer), settings);
    if (status == VIC_OK)
        status = vic_state_visit_all(trainer, inference, plan_tensor, &plan);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = vic_tensor_writer_create(&writer, group, path, &plan);
    if (status == VIC_OK)
        status =
            vic_tensor_writer_finish(&writer, vic_state_visit_local(trainer, inference, put_tensor, writer));
    vic_tensor_plan_release(&plan);
    return status;
}

/* ---- reading ---- */

/* A checkpoint that is being read: its files, which are opened when they are needed. */
typedef struct reading {
    size_t n_files;
    vic_tensor_file **files;
    const char *folder;    /* NULL: one file, which is open */
    const size_t *file_of; /* per population, of a folder */
    size_t n_populations;
    bool checks; /* names and sizes, and reads nothing */
} reading;

static vic_status file_with(reading *r, int population, vic_tensor_file **file) {
    char *path;
    size_t i = r->folder == NULL ? 0 : (size_t)population;
    if (r->folder && i >= r->n_populations)
        return vic_fail(VIC_BAD_FILE, "%s: the checkpoint is of another network: it has %zu populations",
                        r->folder, r->n_populations);
    i = r->folder ? r->file_of[i] : 0;
    if (r->files[i] == NULL) {
        VIC_TRY(vic_checkpoint_file_path(r->folder, i, &path));
        vic_status status = vic_tensor_file_open(&r->files[i], path);
        vic_release(&path);
        VIC_TRY(status);
    }
    *file = r->files[i];
    return VIC_OK;
}

static vic_status read_tensor(void *context, const vic_state_tensor *t) {
    reading *r = context;
    vic_tensor_file *file = NULL;
    VIC_TRY(file_with(r, t->population, &file));
    const vic_tensor *tensor = vic_tensor_file_find(file, t->name);
    if (tensor == NULL || tensor->count != t->count)
        return vic_fail(VIC_BAD_FILE,
                        "%s: tensor \"%s\" is missing or has another size: the checkpoint is of "
                        "another network or optimiser",
                        vic_tensor_file_path(file), t->name);
    return r->checks ? VIC_OK : vic_tensor_read_real(file, tensor, 0, t->count, t->precision, t->values);
}

/* Nothing is changed before all of it was found. */
static vic_status read_all(reading *r, vic_trainer *trainer, vic_inference *inference,
                           vic_position position) {
    r->checks = true;
    VIC_TRY(vic_state_visit_local(trainer, inference, read_tensor, r));
    r->checks = false;
    VIC_TRY(vic_state_visit_local(trainer, inference, read_tensor, r));
    vic_trainer_set_position(trainer, position);
    return VIC_OK;
}

static vic_status read_folder(vic_trainer *trainer, vic_inference *inference, const char *path) {
    vic_checkpoint_manifest manifest;
    reading r = {.folder = path};
    vic_status status = vic_checkpoint_manifest_read(&manifest, path);
    if (status == VIC_OK)
        status = vic_allocate(manifest.n_files, sizeof *r.files, &r.files);
    if (status == VIC_OK) {
        r.n_files = manifest.n_files;
        r.file_of = manifest.file_of;
        r.n_populations = manifest.n_populations;
        status = read_all(&r, trainer, inference, manifest.position);
    }
    for (size_t i = 0; i < r.n_files; i++)
        vic_tensor_file_close(&r.files[i]);
    vic_release(&r.files);
    vic_checkpoint_manifest_release(&manifest);
    return status;
}

static vic_status read_number(const vic_tensor_file *file, const char *key, uint64_t *value) {
    const char *text = vic_tensor_file_metadata(file, key);
    char *end = NULL;
    errno = 0;
    *value = text ? strtoull(text, &end, 10) : 0;
    if (text == NULL || end == text || *end != '\0' || errno != 0)
        return vic_fail(VIC_BAD_FILE, "%s: the checkpoint's \"%s\" is no number", vic_tensor_file_path(file),
                        key);
    return VIC_OK;
}

vic_status vic_checkpoint_position(const vic_tensor_file *file, vic_position *position) {
    VIC_TRY(read_number(file, "epoch", &position->epoch));
    VIC_TRY(read_number(file, "step", &position->step));
    return read_number(file, "updates", &position->updates);
}

static vic_status read_one_file(vic_trainer *trainer, vic_inference *inference, const char *path) {
    vic_tensor_file *file;
    vic_position position;
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = vic_checkpoint_position(file, &position);
    if (status == VIC_OK)
        status = read_all(&(reading){.n_files = 1, .files = &file}, trainer, inference, position);
    vic_tensor_file_close(&file);
    return status;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

vic_status vic_checkpoint_read(vic_trainer *trainer, vic_inference *inference, const char *path) {
    return is_folder(path) ? read_folder(trainer, inference, path) : read_one_file(trainer, inference, path);
}

/* ---- the settings ---- */

static vic_status settings_of_folder(const char *path, int *format, char **settings) {
    vic_checkpoint_manifest manifest;
    vic_status status = vic_checkpoint_manifest_read(&manifest, path);
    if (status == VIC_OK) {
        *format = VIC_CHECKPOINT_FOLDER_FORMAT;
        *settings = manifest.settings;
        manifest.settings = NULL;
    }
    vic_checkpoint_manifest_release(&manifest);
    return status;
}

static vic_status read_settings(const vic_tensor_file *file, int *number, char **settings) {
    const char *path = vic_tensor_file_path(file);
    const char *format = vic_tensor_file_metadata(file, "vicinal.checkpoint");
    const char *text = vic_tensor_file_metadata(file, "vicinal.settings");
    if (format == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: not a checkpoint", path);
    *number = strspn(format, "0123456789") == strlen(format) ? FORMAT : 1;
    if (*number == 1)
        return vic_format(settings, "%s", format);
    if (strtoul(format, NULL, 10) != FORMAT)
        return vic_fail(VIC_BAD_FILE,
                        "%s: a checkpoint of format %s, which this version does not know: it reads formats "
                        "1 and %d, and %d in folders",
                        path, format, FORMAT, VIC_CHECKPOINT_FOLDER_FORMAT);
    if (text == NULL)
        return vic_fail(VIC_BAD_FILE, "%s: the checkpoint's list of settings is missing", path);
    return vic_format(settings, "%s", text);
}

vic_status vic_checkpoint_settings(const char *path, int *format, char **settings) {
    vic_tensor_file *file;
    *settings = NULL;
    if (is_folder(path))
        return settings_of_folder(path, format, settings);
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = read_settings(file, format, settings);
    vic_tensor_file_close(&file);
    return status;
}
