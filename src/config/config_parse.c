/* A config from its text: the tree, the overrides, then the schema; and the name of a run. */
#include "config_override.h"
#include "config_schema.h"
#include "config_yaml.h"

#include <string.h>

enum { LONGEST_NAME = 200 };

static bool is_folder_name(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || length > LONGEST_NAME || strchr(name, '/') != NULL)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* The file's name without folder and extension. */
static vic_status name_of_path(const char *path, char **name) {
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    const char *point = strrchr(file, '.');
    size_t length = point != NULL && point > file ? (size_t)(point - file) : strlen(file);
    VIC_TRY(vic_format(name, "%.*s", (int)(length < LONGEST_NAME ? length : LONGEST_NAME), file));
    if (is_folder_name(*name))
        return VIC_OK;
    vic_release(name);
    return vic_format(name, "config");
}

vic_status config_read_name(const config_node *node, vic_config *config) {
    const char *text;
    if (node == NULL)
        return name_of_path(config->path, &config->name);
    VIC_TRY(config_string(node, &text));
    if (!is_folder_name(text))
        return config_expected(node,
                               "usable as the name of a folder: no '/', not '.' or '..', at most 200 bytes");
    return vic_format(&config->name, "%s", text);
}

vic_status config_write_name(FILE *out, const vic_config *config, int indent) {
    (void)indent;
    config_write_text(out, config->name);
    return VIC_OK;
}

/* *root becomes the mapping that the text and then the overrides spell. */
static vic_status read_tree(config_node **root, const char *path, const char *text, size_t size,
                            const char *const *overrides, size_t n_overrides) {
    config_place start = {.source = path, .line = 1, .column = 1};
    VIC_TRY(config_yaml_read(root, text, size, start));
    if (*root == NULL || config_node_is_null(*root))
        return config_fail(start, "the config is empty; it needs at least a network");
    if ((*root)->kind != CONFIG_MAPPING)
        return config_expected(*root, "a mapping that begins with keys such as network:");
    for (size_t i = 0; i < n_overrides; i++)
        VIC_TRY(config_override(*root, overrides[i]));
    return VIC_OK;
}

vic_status vic_config_parse(vic_config **config, const char *path, const char *text, size_t size,
                            const char *const *overrides, size_t n_overrides) {
    config_node *root = NULL;
    VIC_TRY(vic_allocate(1, sizeof **config, config));
    vic_status status = vic_format(&(*config)->path, "%s", path);
    if (status == VIC_OK)
        status = read_tree(&root, path, text, size, overrides, n_overrides);
    if (status == VIC_OK)
        status = config_read_all(root, *config);
    config_node_destroy(&root);
    if (status != VIC_OK)
        vic_config_destroy(config);
    return status;
}

static void release_files(vic_file_list *files) {
    for (size_t i = 0; files->paths && i < files->n; i++)
        vic_release(&files->paths[i]);
    vic_release(&files->paths);
}

void vic_config_destroy(vic_config **config) {
    vic_config *c = *config;
    if (c == NULL)
        return;
    for (int p = 0; c->error_weights && p < c->network->n_populations; p++)
        vic_release(&c->error_weights[p].values);
    vic_release(&c->error_weights);
    vic_wires_release(&c->wires);
    vic_network_destroy(&c->network);
    vic_release(&c->data.reading.label);
    release_files(&c->data.train_inputs);
    release_files(&c->data.train_labels);
    release_files(&c->data.test_inputs);
    release_files(&c->data.test_labels);
    vic_release(&c->name);
    vic_release(&c->path);
    vic_release(config);
}
