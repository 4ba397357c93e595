#include "checkpoint_part.h"

#include "base/bytes.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { KEY = 112 };

/* The key of a tensor's checksum. */
static const char *checksum_key(const char *tensor, char key[KEY]) {
    snprintf(key, KEY, "crc32.%s", tensor);
    return key;
}

/* ---- making ---- */

static vic_status plan_tensor(void *context, const vic_state_tensor *t) {
    vic_checkpoint_part *part = context;
    char key[KEY], checksum[16];
    if (!vic_arithmetic_of(t->precision)->all_finite(t->count, t->values))
        return vic_fail(VIC_NOT_FINITE, "a checkpoint's tensor \"%s\" would hold numbers that are not finite",
                        t->name);
    VIC_TRY(vic_tensor_plan_add(&part->plan, t->name, t->dtype, t->rank, t->dim));
    snprintf(checksum, sizeof checksum, "%08lx", crc32_z(crc32_z(0, Z_NULL, 0), t->values, t->bytes));
    return vic_tensor_plan_describe(&part->plan, checksum_key(t->name, key), checksum);
}

static vic_status copy_tensor(void *context, const vic_state_tensor *t) {
    vic_checkpoint_part *part = context;
    memcpy(part->data + vic_tensor_plan_find(&part->plan, t->name)->offset, t->values, t->bytes);
    return VIC_OK;
}

vic_status vic_checkpoint_part_make(vic_checkpoint_part *part, vic_trainer *trainer, vic_inference *inference,
                                    bool copies) {
    *part = (vic_checkpoint_part){0};
    VIC_TRY(vic_state_visit_local(trainer, inference, plan_tensor, part));
    VIC_TRY(vic_tensor_plan_header(&part->plan, &part->header, &part->header_bytes, &part->data_bytes));
    if (!copies)
        return VIC_OK;
    VIC_TRY(vic_allocate(part->data_bytes, 1, &part->data));
    return vic_state_visit_local(trainer, inference, copy_tensor, part);
}

vic_checkpoint_file vic_checkpoint_part_summary(const vic_checkpoint_part *part) {
    return (vic_checkpoint_file){
        .bytes = part->header_bytes + part->data_bytes,
        .header_bytes = part->header_bytes,
        .header_checksum =
            (uint32_t)crc32_z(crc32_z(0, Z_NULL, 0), (const Bytef *)part->header, part->header_bytes),
    };
}

void vic_checkpoint_part_release(vic_checkpoint_part *part) {
    vic_tensor_plan_release(&part->plan);
    vic_release(&part->header);
    vic_release(&part->data);
}

/* ---- writing ---- */

typedef struct writing {
    const vic_checkpoint_part *part;
    const char *path;
    int file;
} writing;

static vic_status write_tensor(void *context, const vic_state_tensor *t) {
    const writing *w = context;
    uint64_t place = w->part->header_bytes + vic_tensor_plan_find(&w->part->plan, t->name)->offset;
    return vic_write_at(w->file, w->path, t->values, t->bytes, place);
}

static vic_status write_all(writing *w, vic_trainer *trainer, vic_inference *inference) {
    const vic_checkpoint_part *part = w->part;
    VIC_TRY(vic_write_at(w->file, w->path, part->header, part->header_bytes, 0));
    if (part->data)
        return vic_write_at(w->file, w->path, part->data, part->data_bytes, part->header_bytes);
    return vic_state_visit_local(trainer, inference, write_tensor, w);
}

static vic_status cannot_write(const char *path) {
    return vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", path, strerror(errno));
}

vic_status vic_checkpoint_part_write(const vic_checkpoint_part *part, vic_trainer *trainer,
                                     vic_inference *inference, const char *path) {
    writing w = {part, path, open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (w.file < 0)
        return cannot_write(path);
    vic_status status = write_all(&w, trainer, inference);
    if (status == VIC_OK && fsync(w.file) != 0 && errno != EINVAL && errno != ENOTSUP)
        status = cannot_write(path);
    if (close(w.file) != 0 && status == VIC_OK)
        status = cannot_write(path);
    if (status != VIC_OK)
        unlink(path);
    return status;
}

/* ---- checking ---- */

static vic_status damaged(const char *path, const char *what) {
    return vic_fail(VIC_BAD_FILE, "%s: damaged: %s", path, what);
}

/* The CRC-32 that `expected` is, as text; NULL is none. */
static vic_status check_range(const char *path, const char *what, uint64_t first, uint64_t bytes,
                              const char *expected) {
    uint32_t found;
    char text[9];
    VIC_TRY(vic_file_checksum_part(path, first, bytes, &found));
    snprintf(text, sizeof text, "%08" PRIx32, found);
    if (expected && strcmp(text, expected) == 0)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: damaged: the CRC-32 of %.100s is %s, and was %.16s", path, what, text,
                    expected ? expected : "not kept");
}

static vic_status check_tensors(const vic_tensor_file *file) {
    char key[KEY], what[KEY + 16];
    for (size_t i = 0; i < vic_tensor_file_count(file); i++) {
        const vic_tensor *tensor = vic_tensor_file_at(file, i);
        const char *checksum = vic_tensor_file_metadata(file, checksum_key(tensor->name, key));
        snprintf(what, sizeof what, "tensor \"%.96s\"", tensor->name);
        VIC_TRY(check_range(vic_tensor_file_path(file), what, tensor->offset, tensor->bytes, checksum));
    }
    return VIC_OK;
}

vic_status vic_checkpoint_part_check(const char *path, const vic_checkpoint_file *expected) {
    vic_tensor_file *file;
    uint64_t bytes;
    char checksum[9];
    VIC_TRY(vic_file_bytes(path, &bytes));
    if (bytes != expected->bytes)
        return vic_fail(VIC_BAD_FILE, "%s: damaged: it has %" PRIu64 " bytes, and had %" PRIu64, path, bytes,
                        expected->bytes);
    if (expected->header_bytes > bytes)
        return damaged(path, "the manifest tells of a header that is longer than the file");
    snprintf(checksum, sizeof checksum, "%08" PRIx32, expected->header_checksum);
    VIC_TRY(check_range(path, "the header", 0, expected->header_bytes, checksum));
    VIC_TRY(vic_tensor_file_open(&file, path));
    vic_status status = check_tensors(file);
    vic_tensor_file_close(&file);
    return status;
}
