/* Data files: data.train and data.test. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "config_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A path that is not absolute starts at the folder of the config. */
static vic_status read_path(const config_node *node, const char *config_path, char **path) {
    const char *text, *slash = strrchr(config_path, '/');
    VIC_TRY(config_string(node, &text));
    if (text[0] == '\0')
        return config_expected(node, "the path of a file");
    int folder = text[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - config_path);
    return vic_format(path, "%.*s%s", folder, config_path, text);
}

/* One path, or a list of them. */
static vic_status read_files(const config_node *node, const char *config_path, vic_file_list *files) {
    bool list = node->kind == CONFIG_SEQUENCE;
    if (list ? node->count == 0 : node->kind != CONFIG_SCALAR || config_node_is_null(node))
        return config_expected(node, "the path of a file, or a list of paths");
    VIC_TRY(vic_allocate(list ? node->count : 1, sizeof *files->paths, &files->paths));
    files->n = list ? node->count : 1;
    const config_node *entry = list ? node->first : node;
    for (size_t i = 0; i < files->n; i++, entry = entry->next)
        VIC_TRY(read_path(entry, config_path, &files->paths[i]));
    return VIC_OK;
}

/* ---- writing ---- */

static vic_status join(char **path, const char *folder, const char *file) {
    size_t length = strlen(folder);
    bool ends_in_slash = length > 0 && folder[length - 1] == '/';
    return vic_format(path, "%s%s%s", folder, ends_in_slash ? "" : "/", file);
}

/* The file itself may be missing, or be a link that will be moved: only its folder is resolved, and where
 * that is missing too the path is made absolute. */
static vic_status make_absolute(const char *path, char **absolute) {
    char *folder;
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    VIC_TRY(vic_format(&folder, "%.*s", (int)(file - path), path));
    char *real = realpath(slash != NULL ? folder : ".", NULL);
    vic_release(&folder);
    if (real == NULL) {
        file = path;
        real = path[0] != '/' ? realpath(".", NULL) : NULL;
    }
    vic_status status = real != NULL ? join(absolute, real, file) : vic_format(absolute, "%s", path);
    free(real);
    return status;
}

static vic_status write_path(FILE *out, const char *path) {
    char *absolute;
    VIC_TRY(make_absolute(path, &absolute));
    config_write_text(out, absolute);
    vic_release(&absolute);
    return VIC_OK;
}

static vic_status write_files(FILE *out, vic_file_list files) {
    fputs(files.n > 1 ? "[" : "", out);
    for (size_t i = 0; i < files.n; i++) {
        fputs(i > 0 ? ", " : "", out);
        VIC_TRY(write_path(out, files.paths[i]));
    }
    fputs(files.n > 1 ? "]" : "", out);
    return VIC_OK;
}

/* ---- the four lists ---- */

vic_status config_read_train_inputs(const config_node *node, vic_config *config) {
    return read_files(node, config->path, &config->data.train_inputs);
}

vic_status config_write_train_inputs(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    return write_files(out, config->data.train_inputs);
}

vic_status config_read_train_labels(const config_node *node, vic_config *config) {
    return read_files(node, config->path, &config->data.train_labels);
}

vic_status config_write_train_labels(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    return write_files(out, config->data.train_labels);
}

vic_status config_read_test_inputs(const config_node *node, vic_config *config) {
    return read_files(node, config->path, &config->data.test_inputs);
}

vic_status config_write_test_inputs(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    return write_files(out, config->data.test_inputs);
}

vic_status config_read_test_labels(const config_node *node, vic_config *config) {
    return read_files(node, config->path, &config->data.test_labels);
}

vic_status config_write_test_labels(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    return write_files(out, config->data.test_labels);
}
