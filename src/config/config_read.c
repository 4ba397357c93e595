/* Reads a config from its tree, row by row of the schema. */
#include "config_schema.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NAMES = 32, LONGEST_PATH = 80 };

static vic_status read_choice(const config_key *key, const config_node *node, vic_precision precision,
                              void *at) {
    const char *names[MOST_NAMES];
    size_t count = 0, index;
    while (count < MOST_NAMES && key->names->name(count) != NULL) {
        names[count] = key->names->name(count);
        count++;
    }
    VIC_TRY(config_choice(node, config_key_name(key), names, count, &index));
    key->names->put(precision, index, at);
    return VIC_OK;
}

static void put_whole(const config_key *key, uint64_t value, void *at) {
    if (key->size == sizeof(int))
        *(int *)at = (int)value;
    else
        *(uint64_t *)at = value;
}

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "sizes and seeds are kept alike");

vic_status config_read_value(const config_key *key, const config_node *node, const vic_config *config,
                             void *home) {
    void *at = (char *)home + key->offset;
    uint64_t whole;
    switch (key->type) {
    case CONFIG_REAL:
        VIC_TRY(config_number(node, key->range, at));
        break;
    case CONFIG_WHOLE:
        VIC_TRY(config_integer(node, key->least, key->most, &whole));
        put_whole(key, whole, at);
        break;
    case CONFIG_ON_OFF:
        VIC_TRY(config_switch(node, at));
        break;
    default:
        VIC_TRY(read_choice(key, node, config->precision, at));
    }
    return key->check != NULL ? key->check(node, config, at) : VIC_OK;
}

/* The default is read as if it were written; the rows are right, or no config can be read at all. */
static vic_status read_default(const config_key *key, vic_config *config, void *home) {
    const config_place nowhere = {.source = key->path, .in_override = true};
    config_node *node;
    if (key->derive != NULL)
        key->derive(config);
    const char *fallback = config_key_fallback(key);
    if (fallback == NULL)
        return VIC_OK;
    VIC_TRY(config_node_create(&node, CONFIG_SCALAR, nowhere, fallback, strlen(fallback)));
    node->plain = true;
    vic_status status = config_read_value(key, node, config, home);
    config_node_destroy(&node);
    return status;
}

/* ---- finding ---- */

/* The node at `path`, NULL where it or a section on the way is left out. */
static const config_node *find(const config_node *root, const char *path) {
    char word[LONGEST_PATH];
    while (root != NULL && root->kind == CONFIG_MAPPING) {
        size_t length = strcspn(path, ".");
        memcpy(word, path, length);
        word[length] = '\0';
        root = config_node_find(root, word);
        if (path[length] == '\0')
            return root;
        path += length + 1;
    }
    return NULL;
}

/* The mapping that holds the key, NULL where it is left out. */
static const config_node *section_of(const config_node *root, const config_key *key) {
    char path[LONGEST_PATH];
    size_t length = (size_t)(config_key_name(key) - key->path);
    if (length == 0)
        return root;
    memcpy(path, key->path, length - 1);
    path[length - 1] = '\0';
    const config_node *section = find(root, path);
    return section != NULL && section->kind == CONFIG_MAPPING ? section : NULL;
}

/* A key of a section that may be missing as a whole has no value then. */
static bool is_left_out(const config_node *root, const config_key *key) {
    char path[LONGEST_PATH];
    for (const char *point = strchr(key->path, '.'); point != NULL; point = strchr(point + 1, '.')) {
        size_t length = (size_t)(point - key->path);
        memcpy(path, key->path, length);
        path[length] = '\0';
        const config_key *section = config_key_find(path);
        const config_node *node = find(root, path);
        bool is_there = node != NULL && node->kind == CONFIG_MAPPING;
        if (section != NULL && section->is_there != NULL && !is_there)
            return true;
    }
    return false;
}

/* ---- reading ---- */

static vic_status read_section(const config_key *key, const config_node *node, vic_config *config) {
    if (node != NULL && config_node_is_null(node) && !key->required)
        node = NULL;
    if (node != NULL)
        VIC_TRY(config_check_keys(node, key->path));
    return key->read != NULL ? key->read(node, config) : VIC_OK;
}

static vic_status read_key(const config_key *key, const config_node *root, vic_config *config) {
    const config_node *section = section_of(root, key), *node = find(root, key->path);
    if (is_left_out(root, key))
        return VIC_OK;
    if (node == NULL && key->required)
        return config_require(section, config_key_name(key), key->hint, &node);
    if (key->type == CONFIG_SECTION)
        return read_section(key, node, config);
    if (key->type == CONFIG_OTHER)
        return key->read(node, config);
    void *home = (void *)config_home_of(key, config);
    return node != NULL ? config_read_value(key, node, config, home) : read_default(key, config, home);
}

vic_status config_read_all(const config_node *root, vic_config *config) {
    VIC_TRY(config_check_keys(root, ""));
    for (size_t i = 0; i < config_n_keys; i++)
        if (strstr(config_keys[i].path, "[]") == NULL)
            VIC_TRY(read_key(&config_keys[i], root, config));
    VIC_TRY(config_check_together(root, config));
    if (config->has_learning)
        config->inference.learning = vic_step_learning_of(&config->learning);
    return VIC_OK;
}
