/* A checkpoint as one file, without the network that it is of. */
#include "checkpoint.h"
#include "checkpoint_part.h"

#include "tensors/weights.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct source {
    vic_checkpoint_manifest manifest; /* of a folder */
    size_t n;
    vic_tensor_file **files;
    bool state; /* all of it, not the weights alone */
} source;

/* ---- where it comes from ---- */

static vic_status open_folder(source *s, const char *folder) {
    VIC_TRY(vic_checkpoint_manifest_read(&s->manifest, folder));
    VIC_TRY(vic_allocate(s->manifest.n_files, sizeof(vic_tensor_file *), &s->files));
    for (; s->n < s->manifest.n_files; s->n++) {
        char *path;
        VIC_TRY(vic_checkpoint_file_path(folder, s->n, &path));
        vic_status status = vic_tensor_file_open(&s->files[s->n], path);
        vic_release(&path);
        VIC_TRY(status);
    }
    return VIC_OK;
}

static vic_status open_file(source *s, const char *path) {
    int format;
    VIC_TRY(vic_allocate(1, sizeof(vic_tensor_file *), &s->files));
    VIC_TRY(vic_tensor_file_open(&s->files[0], path));
    s->n = 1;
    VIC_TRY(vic_checkpoint_settings(path, &format, &s->manifest.settings));
    return vic_checkpoint_position(s->files[0], &s->manifest.position);
}

static vic_status open_source(source *s, const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode) ? open_folder(s, path) : open_file(s, path);
}

static void close_source(source *s) {
    for (size_t i = 0; i < s->n; i++)
        vic_tensor_file_close(&s->files[i]);
    vic_release(&s->files);
    vic_checkpoint_manifest_release(&s->manifest);
}

/* ---- what becomes of it ---- */

static bool is_wanted(const source *s, const vic_tensor_file *file, const vic_tensor *tensor) {
    return s->state || vic_tensor_is_weight(file, tensor->name);
}

static vic_status plan_file(const source *s, const vic_tensor_file *file, vic_tensor_plan *plan) {
    for (size_t i = 0; i < vic_tensor_file_count(file); i++) {
        const vic_tensor *t = vic_tensor_file_at(file, i);
        if (is_wanted(s, file, t))
            VIC_TRY(vic_tensor_plan_add(plan, t->name, t->dtype, t->rank, t->dim));
    }
    return VIC_OK;
}

static vic_status plan_all(const source *s, vic_tensor_plan *plan) {
    if (s->state)
        VIC_TRY(vic_checkpoint_describe(plan, s->manifest.position, s->manifest.settings));
    for (size_t i = 0; i < s->n; i++)
        VIC_TRY(plan_file(s, s->files[i], plan));
    return VIC_OK;
}

static vic_status copy_tensor(const vic_tensor_file *file, const vic_tensor *t, vic_tensor_writer *writer) {
    enum { PIECE = 4096 };
    double numbers[PIECE];
    vic_precision precision = strcmp(t->dtype, "F32") == 0 ? VIC_FLOAT32 : VIC_FLOAT64;
    for (size_t first = 0, n; first < t->count; first += n) {
        n = t->count - first < PIECE ? t->count - first : PIECE;
        VIC_TRY(vic_tensor_read_real(file, t, first, n, precision, numbers));
        VIC_TRY(vic_tensor_writer_put_part(writer, t->name, first, n, numbers));
    }
    return VIC_OK;
}

/* The share of this rank. */
static vic_status copy_files(const source *s, vic_group *group, vic_tensor_writer *writer) {
    size_t ranks = (size_t)vic_group_size(group);
    for (size_t i = (size_t)vic_group_rank(group); i < s->n; i += ranks)
        for (size_t k = 0; k < vic_tensor_file_count(s->files[i]); k++) {
            const vic_tensor *t = vic_tensor_file_at(s->files[i], k);
            if (is_wanted(s, s->files[i], t))
                VIC_TRY(copy_tensor(s->files[i], t, writer));
        }
    return VIC_OK;
}

static vic_status copy(const source *s, vic_group *group, const vic_tensor_plan *plan, const char *out) {
    vic_tensor_writer *writer;
    VIC_TRY(vic_tensor_writer_create(&writer, group, out, plan));
    return vic_tensor_writer_finish(&writer, copy_files(s, group, writer));
}

vic_status vic_checkpoint_export(vic_group *group, const char *checkpoint, bool state, const char *out,
                                 vic_position *position) {
    source s = {.state = state};
    vic_tensor_plan plan = {0};
    vic_status status = open_source(&s, checkpoint);
    if (status == VIC_OK)
        status = plan_all(&s, &plan);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = copy(&s, group, &plan, out);
    *position = s.manifest.position;
    vic_tensor_plan_release(&plan);
    close_source(&s);
    return status;
}
