#include "config_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_SOURCE = 200, LONGEST_MESSAGE = 700 };

/* Is the byte in the middle of a character of UTF-8? */
static bool continues(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* `text` cut to `capacity` bytes, between characters, with control characters replaced. */
static const char *shorten(const char *text, char *word, size_t capacity) {
    size_t n = strlen(text);
    bool whole = n < capacity;
    if (!whole) {
        n = capacity - 4;
        while (n > 0 && continues(text[n]))
            n--;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        word[i] = c < 0x20 || c == 0x7f ? '?' : text[i];
    }
    memcpy(word + n, whole ? "" : "...", whole ? 1 : 4);
    return word;
}

const char *config_word(const char *text, char *word) {
    return shorten(text, word, CONFIG_WORD);
}

vic_status config_fail(config_place place, const char *format, ...) {
    char source[LONGEST_SOURCE],
        message[LONGEST_MESSAGE]; /* the arguments may point into the text of an earlier failure */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (!place.in_override)
        return vic_fail(VIC_BAD_CONFIG, "%s:%d:%d: %s", place.source, place.line, place.column, message);
    return vic_fail(VIC_BAD_CONFIG, "--set %s: %s", shorten(place.source, source, sizeof source), message);
}

vic_status config_node_create(config_node **node, config_kind kind, config_place place, const char *text,
                              size_t size) {
    VIC_TRY(vic_allocate(1, sizeof **node, node));
    (*node)->kind = kind;
    (*node)->place = place;
    if (kind != CONFIG_SCALAR)
        return VIC_OK;
    vic_status status = vic_allocate(size + 1, 1, &(*node)->text);
    if (status != VIC_OK)
        vic_release(node);
    else if (size > 0)
        memcpy((*node)->text, text, size);
    return status;
}

void config_node_destroy(config_node **node) {
    config_node *dead = *node;
    if (dead == NULL)
        return;
    while (dead->first != NULL) {
        config_node *entry = dead->first;
        dead->first = entry->next;
        config_node_destroy(&entry);
    }
    config_node_destroy(&dead->key);
    vic_release(&dead->text);
    vic_release(node);
}

void config_node_append(config_node *parent, config_node *key, config_node *node) {
    node->parent = parent;
    node->key = key;
    if (parent->last != NULL)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
}

void config_node_replace(config_node *old, config_node *node) {
    config_node *parent = old->parent;
    node->parent = parent;
    node->key = old->key;
    node->next = old->next;
    old->key = NULL;
    config_node **link = &parent->first;
    while (*link != old)
        link = &(*link)->next;
    *link = node;
    if (parent->last == old)
        parent->last = node;
    config_node_destroy(&old);
}

config_node *config_node_find(const config_node *mapping, const char *key) {
    for (config_node *entry = mapping->first; entry != NULL; entry = entry->next)
        if (entry->key != NULL && strcmp(entry->key->text, key) == 0)
            return entry;
    return NULL;
}

bool config_node_is_null(const config_node *node) {
    static const char *const names[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != CONFIG_SCALAR || !node->plain)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(node->text, names[i]) == 0)
            return true;
    return false;
}
