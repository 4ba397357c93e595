/* manifest.json. Its checksum is the CRC-32 of the object without it, as compact JSON with sorted keys. */
#include "checkpoint_manifest.h"

#include "base/file.h"
#include "base/open_file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char checksum_key[] = "crc32";

vic_status vic_checkpoint_file_path(const char *folder, size_t file, char **path) {
    return vic_format(path, "%s/rank-%zu.safetensors", folder, file);
}

vic_status vic_checkpoint_manifest_path(const char *folder, char **path) {
    return vic_format(path, "%s/manifest.json", folder);
}

static bool checksum_of(const json_t *object, char text[9]) {
    char *compact = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    if (compact)
        snprintf(text, 9, "%08lx", crc32_z(crc32_z(0, Z_NULL, 0), (const Bytef *)compact, strlen(compact)));
    free(compact);
    return compact != NULL;
}

/* ---- writing ---- */

static json_t *file_json(const vic_checkpoint_manifest *m, size_t file) {
    char checksum[9];
    json_t *populations = json_array();
    for (size_t id = 0; id < m->n_populations; id++)
        if (m->file_of[id] == file)
            json_array_append_new(populations, json_integer((json_int_t)id));
    snprintf(checksum, sizeof checksum, "%08" PRIx32, m->files[file].header_checksum);
    return json_pack("{s:o, s:I, s:I, s:s}", "populations", populations, "bytes",
                     (json_int_t)m->files[file].bytes, "header_bytes",
                     (json_int_t)m->files[file].header_bytes, "header_crc32", checksum);
}

static char *manifest_text(const vic_checkpoint_manifest *m) {
    char checksum[9];
    json_t *files = json_array();
    for (size_t i = 0; i < m->n_files; i++)
        json_array_append_new(files, file_json(m, i));
    json_t *object =
        json_pack("{s:i, s:I, s:I, s:I, s:o, s:s}", "vicinal.checkpoint", VIC_CHECKPOINT_FOLDER_FORMAT,
                  "epoch", (json_int_t)m->position.epoch, "step", (json_int_t)m->position.step, "updates",
                  (json_int_t)m->position.updates, "files", files, "settings", m->settings);
    bool ok = object && checksum_of(object, checksum) &&
              json_object_set_new(object, checksum_key, json_string(checksum)) == 0;
    char *text = ok ? json_dumps(object, JSON_INDENT(2)) : NULL;
    json_decref(object);
    return text;
}

vic_status vic_checkpoint_manifest_write(const vic_checkpoint_manifest *m, const char *folder) {
    char *path, *text = manifest_text(m);
    if (text == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory");
    vic_status status = vic_checkpoint_manifest_path(folder, &path);
    if (status == VIC_OK)
        status = vic_write_file(path, text, strlen(text));
    vic_release(&path);
    free(text);
    return status;
}

/* ---- reading ---- */

static vic_status damaged(const char *path, const char *what) {
    return vic_fail(VIC_BAD_FILE, "%s: the manifest is damaged: %s", path, what);
}

static bool read_whole(const json_t *object, const char *key, uint64_t *value) {
    const json_t *number = json_object_get(object, key);
    *value = (uint64_t)json_integer_value(number);
    return json_is_integer(number) && json_integer_value(number) >= 0;
}

static bool read_hexadecimal(const json_t *object, const char *key, uint32_t *value) {
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL || strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
        return false;
    *value = (uint32_t)strtoul(text, NULL, 16);
    return true;
}

static bool read_populations(vic_checkpoint_manifest *m, const json_t *list, size_t file) {
    size_t i;
    const json_t *id;
    json_array_foreach(list, i, id) {
        if (!json_is_integer(id) || json_integer_value(id) < 0 ||
            (uint64_t)json_integer_value(id) >= m->n_populations)
            return false;
        m->file_of[json_integer_value(id)] = file;
    }
    return json_is_array(list);
}

static bool read_file(vic_checkpoint_manifest *m, const json_t *object, size_t file) {
    vic_checkpoint_file *f = &m->files[file];
    return read_whole(object, "bytes", &f->bytes) && read_whole(object, "header_bytes", &f->header_bytes) &&
           read_hexadecimal(object, "header_crc32", &f->header_checksum) &&
           read_populations(m, json_object_get(object, "populations"), file);
}

static vic_status read_files(vic_checkpoint_manifest *m, const json_t *files, const char *path) {
    size_t i;
    const json_t *file;
    m->n_files = json_array_size(files);
    json_array_foreach(files, i, file) m->n_populations +=
        json_array_size(json_object_get(file, "populations"));
    VIC_TRY(vic_allocate(m->n_files, sizeof *m->files, &m->files));
    VIC_TRY(vic_allocate(m->n_populations, sizeof *m->file_of, &m->file_of));
    json_array_foreach(files, i, file) if (!read_file(m, file, i)) return damaged(path, "its list of files");
    return VIC_OK;
}

/* Before the checksum: another format may have none, or another one. */
static vic_status check_format(const json_t *object, const char *path) {
    const json_t *format = json_object_get(object, "vicinal.checkpoint");
    if (!json_is_integer(format))
        return damaged(path, "it has no format");
    if (json_integer_value(format) != VIC_CHECKPOINT_FOLDER_FORMAT)
        return vic_fail(VIC_BAD_FILE,
                        "%s: a checkpoint of format %" JSON_INTEGER_FORMAT
                        ", which this version does not know: in folders it reads format %d",
                        path, json_integer_value(format), VIC_CHECKPOINT_FOLDER_FORMAT);
    return VIC_OK;
}

static vic_status check_sum(json_t *object, const char *path) {
    char computed[9];
    char *stored;
    VIC_TRY(vic_format(&stored, "%s",
                       json_is_string(json_object_get(object, checksum_key))
                           ? json_string_value(json_object_get(object, checksum_key))
                           : "none"));
    json_object_del(object, checksum_key);
    vic_status status = checksum_of(object, computed) ? VIC_OK : vic_fail(VIC_NO_MEMORY, "out of memory");
    if (status == VIC_OK && strcmp(computed, stored) != 0)
        status = vic_fail(VIC_BAD_FILE, "%s: the manifest is damaged: its CRC-32 is %s, it says %.16s", path,
                          computed, stored);
    vic_release(&stored);
    return status;
}

static vic_status read_object(vic_checkpoint_manifest *m, json_t *object, const char *path) {
    VIC_TRY(check_format(object, path));
    VIC_TRY(check_sum(object, path));
    const char *settings = json_string_value(json_object_get(object, "settings"));
    if (settings == NULL || !read_whole(object, "epoch", &m->position.epoch) ||
        !read_whole(object, "step", &m->position.step) ||
        !read_whole(object, "updates", &m->position.updates))
        return damaged(path, "its position or its settings are missing");
    VIC_TRY(vic_format(&m->settings, "%s", settings));
    return read_files(m, json_object_get(object, "files"), path);
}

static vic_status read_text(vic_checkpoint_manifest *m, const char *path) {
    char *text;
    size_t size;
    json_error_t error;
    VIC_TRY(vic_read_text(path, VIC_BAD_FILE, VIC_LARGEST_JSON, &text, &size));
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    vic_release(&text);
    vic_status status =
        json_is_object(object) ? read_object(m, object, path) : damaged(path, "it is no JSON");
    json_decref(object);
    return status;
}

vic_status vic_checkpoint_manifest_read(vic_checkpoint_manifest *m, const char *folder) {
    char *path;
    *m = (vic_checkpoint_manifest){0};
    VIC_TRY(vic_checkpoint_manifest_path(folder, &path));
    vic_status status = read_text(m, path);
    vic_release(&path);
    return status;
}

void vic_checkpoint_manifest_release(vic_checkpoint_manifest *m) {
    vic_release(&m->settings);
    vic_release(&m->files);
    vic_release(&m->file_of);
}
