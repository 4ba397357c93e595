#include "config_override.h"
#include "config_reader.h"
#include "config_yaml.h"

#include <string.h>

/* `value` becomes the entry under `key`; it belongs to the mapping unless the call fails. */
static vic_status put(config_node *mapping, const char *key, config_node *value) {
    config_node *name, *old = config_node_find(mapping, key);
    if (old != NULL) {
        config_node_replace(old, value);
        return VIC_OK;
    }
    VIC_TRY(config_node_create(&name, CONFIG_SCALAR, value->place, key, strlen(key)));
    config_node_append(mapping, name, value);
    return VIC_OK;
}

/* *mapping becomes its own entry under `key`, made when it is missing or empty. */
static vic_status enter(config_node **mapping, const char *key, config_place place) {
    char path[CONFIG_KEY_PATH];
    config_node *entry = config_node_find(*mapping, key);
    if (entry == NULL || config_node_is_null(entry)) {
        VIC_TRY(config_node_create(&entry, CONFIG_MAPPING, place, NULL, 0));
        vic_status status = put(*mapping, key, entry);
        if (status != VIC_OK) {
            config_node_destroy(&entry);
            return status;
        }
    }
    if (entry->kind != CONFIG_MAPPING)
        return config_fail(place, "%s is %s, nothing in it can be set; set it as a whole",
                           config_key_path(entry, path),
                           entry->kind == CONFIG_SCALAR ? "a single value" : "a list");
    *mapping = entry;
    return VIC_OK;
}

/* The words of `path` are cut at its points. */
static vic_status set(config_node *root, char *path, config_node *value) {
    config_node *mapping = root;
    for (;;) {
        char *point = strchr(path, '.');
        if (point == NULL)
            return put(mapping, path, value);
        *point = '\0';
        VIC_TRY(enter(&mapping, path, value->place));
        path = point + 1;
    }
}

static vic_status check_path(const char *path, config_place place) {
    size_t depth = 1, length = strlen(path);
    for (const char *point = strchr(path, '.'); point != NULL; point = strchr(point + 1, '.'))
        depth++;
    if (length == 0)
        return config_fail(place, "the key is missing; write key=value, for example inference.eta=0.1");
    if (path[0] == '.' || path[length - 1] == '.' || strstr(path, "..") != NULL)
        return config_fail(place,
                           "a word of the key is missing; write key=value, for example inference.eta=0.1");
    if (depth > CONFIG_DEEPEST)
        return config_fail(place, "the key has more than %d words", CONFIG_DEEPEST);
    return VIC_OK;
}

/* Takes `path` as its own to cut up. */
static vic_status apply(config_node *root, char *path, const char *text, config_place place) {
    config_node *value;
    VIC_TRY(check_path(path, place));
    VIC_TRY(config_yaml_read(&value, text, strlen(text), place));
    if (value == NULL) {
        VIC_TRY(config_node_create(&value, CONFIG_SCALAR, place, NULL, 0));
        value->plain = true;
    }
    vic_status status = set(root, path, value);
    if (status != VIC_OK)
        config_node_destroy(&value);
    return status;
}

vic_status config_override(config_node *root, const char *override) {
    config_place place = {.source = override, .in_override = true};
    const char *equals = strchr(override, '=');
    char *path;
    if (equals == NULL)
        return config_fail(place, "no '='; write key=value, for example inference.eta=0.1");
    VIC_TRY(vic_format(&path, "%.*s", (int)(equals - override), override));
    vic_status status = apply(root, path, equals + 1, place);
    vic_release(&path);
    return status;
}
