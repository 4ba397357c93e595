/* Looking rows of the schema up, and describing what their values may be. */
#include "config_schema.h"

#include <stdio.h>
#include <string.h>

enum { MOST_IN_SECTION = 32 };

const config_key *config_key_find(const char *path) {
    for (size_t i = 0; i < config_n_keys; i++)
        if (strcmp(config_keys[i].path, path) == 0)
            return &config_keys[i];
    return NULL;
}

bool config_key_is_in(const config_key *key, const char *section) {
    size_t length = strlen(section);
    if (length == 0)
        return strchr(key->path, '.') == NULL;
    return strncmp(key->path, section, length) == 0 && key->path[length] == '.' &&
           strchr(key->path + length + 1, '.') == NULL;
}

const char *config_key_fallback(const config_key *key) {
    return key->first_by_default ? key->names->name(0) : key->fallback;
}

const char *config_key_name(const config_key *key) {
    const char *point = strrchr(key->path, '.');
    return point != NULL ? point + 1 : key->path;
}

const void *config_home_of(const config_key *key, const vic_config *config) {
    switch (key->home) {
    case CONFIG_IN_NETWORK:
        return config->network;
    case CONFIG_IN_WIRE:
        return &config->wire;
    default:
        return config;
    }
}

/* The names of a section's keys. */
static size_t names_of(const char *section, const char *names[MOST_IN_SECTION]) {
    size_t n = 0;
    for (size_t i = 0; i < config_n_keys && n < MOST_IN_SECTION; i++)
        if (config_key_is_in(&config_keys[i], section))
            names[n++] = config_key_name(&config_keys[i]);
    return n;
}

/* A key of this name in another section; NULL when there is none. */
static const config_key *elsewhere(const char *name) {
    for (size_t i = 0; i < config_n_keys; i++)
        if (strcmp(config_key_name(&config_keys[i]), name) == 0 && strstr(config_keys[i].path, "[]") == NULL)
            return &config_keys[i];
    return NULL;
}

vic_status config_check_keys(const config_node *node, const char *section) {
    char path[CONFIG_KEY_PATH], list[CONFIG_NAMES];
    const char *names[MOST_IN_SECTION] = {0};
    size_t n = names_of(section, names);
    const config_node *unknown_node = config_unknown_key(node, names, n);
    const config_key *other = unknown_node != NULL ? elsewhere(unknown_node->key->text) : NULL;
    if (other == NULL || vic_nearest(unknown_node->key->text, names, n) != NULL)
        return config_mapping(node, names, n);
    return config_fail(unknown_node->key->place, "unknown key '%s' in %s; there is %s; allowed: %s",
                       unknown_node->key->text, config_key_path(node, path), other->path,
                       config_names(names, n, list));
}

/* "one of a, b, c" */
static const char *describe_names(const config_names_of *of, char *text) {
    size_t used = (size_t)snprintf(text, CONFIG_NAMES, "one of");
    for (size_t i = 0; of->name(i) != NULL && used < CONFIG_NAMES; i++)
        used += (size_t)snprintf(text + used, CONFIG_NAMES - used, "%s %s", i > 0 ? "," : "", of->name(i));
    return text;
}

const char *config_describe(const config_key *key, char *text) {
    text[0] = '\0';
    if (key->form != NULL)
        snprintf(text, CONFIG_NAMES, "%s", key->form);
    else if (key->type == CONFIG_REAL)
        config_describe_range(key->range, text);
    else if (key->type == CONFIG_WHOLE)
        snprintf(text, CONFIG_NAMES, "a whole number from %llu to %llu", (unsigned long long)key->least,
                 (unsigned long long)key->most);
    else if (key->type == CONFIG_ON_OFF)
        snprintf(text, CONFIG_NAMES, "true or false");
    else if (key->type == CONFIG_ONE_OF)
        describe_names(key->names, text);
    return text;
}
