/* Checkpoints: one file; or, where the first byte is 'F', a manifest, a byte 255, and the file of a rank. The
 * checksums that a manifest holds are made right, so that what lies behind them is read. */
#include "fuzz.h"

#include "learning/checkpoint.h"
#include "learning/checkpoint_part.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char folder[64];

static uint32_t sum_of(const void *data, size_t size) {
    return (uint32_t)crc32_z(crc32_z(0, Z_NULL, 0), data, size);
}

static void set_sum(json_t *object, const char *key, const void *data, size_t size) {
    char text[9];
    snprintf(text, sizeof text, "%08x", (unsigned)sum_of(data, size));
    json_object_set_new(object, key, json_string(text));
}

static void mend_file(json_t *file, const unsigned char *part, size_t size) {
    json_t *header = json_object_get(file, "header_bytes");
    size_t bytes = (size_t)json_integer_value(header);
    if (json_is_integer(header) && bytes <= size)
        set_sum(file, "header_crc32", part, bytes);
    if (json_is_integer(json_object_get(file, "bytes")))
        json_object_set_new(file, "bytes", json_integer((json_int_t)size));
}

/* NULL: it is no JSON. Freed by the caller. */
static char *mended(const unsigned char *manifest, size_t n, const unsigned char *part, size_t size) {
    json_t *object = json_loadb((const char *)manifest, n, JSON_REJECT_DUPLICATES, NULL);
    mend_file(json_array_get(json_object_get(object, "files"), 0), part, size);
    json_object_del(object, "crc32");
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text)
        set_sum(object, "crc32", text, strlen(text));
    free(text);
    text = text ? json_dumps(object, 0) : NULL;
    json_decref(object);
    return text;
}

static void remove_folder(void) {
    char *path;
    fuzz_demand(vic_checkpoint_manifest_path(folder, &path) == VIC_OK);
    unlink(path);
    vic_release(&path);
    fuzz_demand(vic_checkpoint_file_path(folder, 0, &path) == VIC_OK);
    unlink(path);
    vic_release(&path);
    rmdir(folder);
}

static void make_folder(void) {
    if (folder[0] != '\0')
        return;
    snprintf(folder, sizeof folder, "/dev/shm/vicinal-fuzz-XXXXXX");
    fuzz_demand(mkdtemp(folder) != NULL);
    atexit(remove_folder);
}

static void put(char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    fuzz_demand(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    vic_release(&path);
}

static void write_folder(const unsigned char *data, size_t size) {
    const unsigned char *end = memchr(data, 255, size);
    size_t n = end ? (size_t)(end - data) : size;
    const unsigned char *part = end ? end + 1 : data + size;
    size_t rest = size - (size_t)(part - data);
    char *text = mended(data, n, part, rest), *path;
    make_folder();
    fuzz_demand(vic_checkpoint_manifest_path(folder, &path) == VIC_OK);
    put(path, text ? text : (const char *)data, text ? strlen(text) : n);
    fuzz_demand(vic_checkpoint_file_path(folder, 0, &path) == VIC_OK);
    put(path, part, rest);
    free(text);
}

static void check_part(void) {
    vic_checkpoint_manifest m;
    char *path;
    vic_status status = vic_checkpoint_manifest_read(&m, folder);
    fuzz_ended(status, VIC_BAD_FILE);
    fuzz_demand(vic_checkpoint_file_path(folder, 0, &path) == VIC_OK);
    if (status == VIC_OK && m.n_files > 0)
        fuzz_ended(vic_checkpoint_part_check(path, &m.files[0]), VIC_BAD_FILE);
    vic_release(&path);
    vic_checkpoint_manifest_release(&m);
}

static void read_checkpoint(const char *path) {
    const fuzz_model *m = fuzz_small_model();
    int format;
    char *settings = NULL;
    fuzz_ended(vic_checkpoint_settings(path, &format, &settings), VIC_BAD_FILE);
    vic_release(&settings);
    fuzz_ended(vic_checkpoint_read(m->trainer, m->inference, path), VIC_BAD_FILE);
}

/* What is written can be read, as one file and as a folder. */
static void write_once(void) {
    const fuzz_model *m = fuzz_small_model();
    static size_t file_of[3];
    vic_checkpoint_part part;
    char *path;
    make_folder();
    fuzz_demand(vic_checkpoint_file_path(folder, 0, &path) == VIC_OK);
    fuzz_demand(vic_checkpoint_write(m->trainer, m->inference, path, "a = 1\n") == VIC_OK);
    fuzz_demand(vic_checkpoint_read(m->trainer, m->inference, path) == VIC_OK);
    fuzz_demand(vic_checkpoint_part_make(&part, m->trainer, m->inference, true) == VIC_OK);
    fuzz_demand(vic_checkpoint_part_write(&part, m->trainer, m->inference, path) == VIC_OK);
    vic_checkpoint_file file = vic_checkpoint_part_summary(&part);
    vic_checkpoint_manifest manifest = {.settings = (char[]){"a = 1\n"},
                                        .n_files = 1,
                                        .files = &file,
                                        .n_populations = 3,
                                        .file_of = file_of};
    fuzz_demand(vic_checkpoint_manifest_write(&manifest, folder) == VIC_OK);
    fuzz_demand(vic_checkpoint_part_check(path, &file) == VIC_OK);
    fuzz_demand(vic_checkpoint_read(m->trainer, m->inference, folder) == VIC_OK);
    vic_checkpoint_part_release(&part);
    vic_release(&path);
}

void fuzz_checkpoint(const unsigned char *data, size_t size);

void fuzz_checkpoint(const unsigned char *data, size_t size) {
    if (folder[0] == '\0')
        write_once();
    if (size == 0 || data[0] != 'F') {
        read_checkpoint(fuzz_file(0, data, size));
        return;
    }
    write_folder(data + 1, size - 1);
    check_part();
    read_checkpoint(folder);
}
