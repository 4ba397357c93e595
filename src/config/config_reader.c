#include "config_reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void write_key_path(const config_node *node, char *path, size_t *used) {
    char word[CONFIG_WORD];
    const config_node *parent = node->parent;
    if (parent == NULL)
        return;
    write_key_path(parent, path, used);
    char *end = path + *used;
    size_t capacity = CONFIG_KEY_PATH - *used;
    int length = 0;
    if (parent->kind == CONFIG_SEQUENCE) {
        size_t index = 0;
        for (const config_node *entry = parent->first; entry != node; entry = entry->next)
            index++;
        length = snprintf(end, capacity, "[%zu]", index);
    } else {
        length = snprintf(end, capacity, "%s%s", *used > 0 ? "." : "", config_word(node->key->text, word));
    }
    *used += (size_t)length < capacity ? (size_t)length : capacity - 1;
}

const char *config_key_path(const config_node *node, char *path) {
    size_t used = 0;
    write_key_path(node, path, &used);
    if (used == 0)
        snprintf(path, CONFIG_KEY_PATH, "the config");
    return path;
}

const char *config_names(const char *const *names, size_t count, char *list) {
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < count && used < CONFIG_NAMES - 1; i++)
        used += (size_t)snprintf(list + used, CONFIG_NAMES - used, i > 0 ? ", %s" : "%s", names[i]);
    return list;
}

static const char *describe(const config_node *node, char *text, size_t capacity) {
    static const char *const names[2][2] = {{"a list", "an empty list"}, {"a mapping", "an empty mapping"}};
    char word[CONFIG_WORD];
    if (node->kind != CONFIG_SCALAR)
        return names[node->kind == CONFIG_MAPPING][node->count == 0];
    if (config_node_is_null(node))
        return "empty";
    snprintf(text, capacity, node->plain ? "'%s'" : "the quoted text \"%s\"", config_word(node->text, word));
    return text;
}

vic_status config_expected(const config_node *node, const char *expected) {
    char path[CONFIG_KEY_PATH], found[CONFIG_WORD + 24];
    return config_fail(node->place, "%s must be %s, not %s", config_key_path(node, path), expected,
                       describe(node, found, sizeof found));
}

/* `where` is empty or begins with a space. */
static vic_status unknown(const config_node *node, const char *noun, const char *where,
                          const char *const *names, size_t count) {
    char word[CONFIG_WORD], list[CONFIG_NAMES], nearby[CONFIG_WORD + 24] = "";
    const char *nearest = vic_nearest(node->text, names, count);
    if (nearest != NULL)
        snprintf(nearby, sizeof nearby, "; did you mean '%s'?", nearest);
    return config_fail(
        node->place, "unknown %s '%s'%s%s%s %s", noun, config_word(node->text, word), where, nearby,
        nearest != NULL ? " Allowed:" : "; allowed:", count > 0 ? config_names(names, count, list) : "none");
}

static bool is_among(const char *word, const char *const *names, size_t count, size_t *index) {
    for (*index = 0; *index < count; (*index)++)
        if (strcmp(word, names[*index]) == 0)
            return true;
    return false;
}

const config_node *config_unknown_key(const config_node *mapping, const char *const *keys, size_t count) {
    size_t index;
    const config_node *entry = mapping->kind == CONFIG_MAPPING ? mapping->first : NULL;
    while (entry != NULL && is_among(entry->key->text, keys, count, &index))
        entry = entry->next;
    return entry;
}

vic_status config_mapping(const config_node *node, const char *const *keys, size_t count) {
    char path[CONFIG_KEY_PATH], where[CONFIG_KEY_PATH + 8] = "", expected[CONFIG_NAMES + 32],
                                                        list[CONFIG_NAMES];
    snprintf(expected, sizeof expected, "a mapping with keys among: %s", config_names(keys, count, list));
    if (node->kind != CONFIG_MAPPING)
        return config_expected(node, count > 0 ? expected : "left empty");
    const config_node *unknown_node = config_unknown_key(node, keys, count);
    if (unknown_node == NULL)
        return VIC_OK;
    if (node->parent != NULL)
        snprintf(where, sizeof where, " in %s", config_key_path(node, path));
    return unknown(unknown_node->key, "key", where, keys, count);
}

vic_status config_require(const config_node *mapping, const char *key, const char *hint,
                          const config_node **entry) {
    char path[CONFIG_KEY_PATH];
    *entry = config_node_find(mapping, key);
    if (*entry != NULL)
        return VIC_OK;
    if (mapping->parent == NULL)
        return config_fail(mapping->place, "%s is missing; %s", key, hint);
    return config_fail(mapping->place, "%s.%s is missing; %s", config_key_path(mapping, path), key, hint);
}

vic_status config_sequence(const config_node *node, const char *expected) {
    return node->kind == CONFIG_SEQUENCE && node->count > 0 ? VIC_OK : config_expected(node, expected);
}

vic_status config_string(const config_node *node, const char **text) {
    if (node->kind != CONFIG_SCALAR || config_node_is_null(node))
        return config_expected(node, "text");
    *text = node->text;
    return VIC_OK;
}

vic_status config_choice(const config_node *node, const char *noun, const char *const *names, size_t count,
                         size_t *index) {
    char list[CONFIG_NAMES], expected[CONFIG_NAMES + 16];
    snprintf(expected, sizeof expected, "one of %s", config_names(names, count, list));
    if (node->kind != CONFIG_SCALAR || config_node_is_null(node))
        return config_expected(node, expected);
    return is_among(node->text, names, count, index) ? VIC_OK : unknown(node, noun, "", names, count);
}

vic_status config_describe_range(config_range range, char *text) {
    char number[VIC_NUMBER_TEXT];
    size_t used = (size_t)snprintf(text, CONFIG_NAMES, "a number");
    if (range.lowest > -INFINITY) {
        VIC_TRY(vic_number_write(range.lowest, number));
        used += (size_t)snprintf(text + used, CONFIG_NAMES - used,
                                 range.open ? " above %s" : " of at least %s", number);
    }
    if (range.below < INFINITY) {
        VIC_TRY(vic_number_write(range.below, number));
        snprintf(text + used, CONFIG_NAMES - used, "%s %s %s", range.lowest > -INFINITY ? " and" : "",
                 range.closed ? "at most" : "below", number);
    }
    return VIC_OK;
}

static bool is_within(double value, config_range range) {
    return isfinite(value) && (range.open ? value > range.lowest : value >= range.lowest) &&
           (range.closed ? value <= range.below : value < range.below);
}

vic_status config_number(const config_node *node, config_range range, double *value) {
    char expected[CONFIG_NAMES];
    bool fits = false;
    if (node->kind == CONFIG_SCALAR && node->plain)
        VIC_TRY(vic_number_read(node->text, &fits, value));
    if (fits && is_within(*value, range))
        return VIC_OK;
    VIC_TRY(config_describe_range(range, expected));
    return config_expected(node, expected);
}

/* Decimal digits, perhaps with a plus sign, without overflow. */
static bool read_digits(const char *text, uint64_t *value) {
    text += *text == '+';
    *value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(unsigned char)*text - '0';
        if (*text < '0' || *text > '9' || *value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return true;
}

vic_status config_integer(const config_node *node, uint64_t least, uint64_t most, uint64_t *value) {
    char expected[96];
    bool fits = node->kind == CONFIG_SCALAR && node->plain && read_digits(node->text, value);
    if (fits && *value >= least && *value <= most)
        return VIC_OK;
    snprintf(expected, sizeof expected, "a whole number from %llu to %llu, in digits",
             (unsigned long long)least, (unsigned long long)most);
    return config_expected(node, expected);
}

vic_status config_switch(const config_node *node, bool *value) {
    static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    size_t index;
    if (node->kind != CONFIG_SCALAR || !node->plain || !is_among(node->text, words, 6, &index))
        return config_expected(node, "true or false");
    *value = index < 3;
    return VIC_OK;
}
