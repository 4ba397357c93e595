/* The tree of values that a config text, or an override, spells. Private to the room. */
#ifndef VIC_CONFIG_CONFIG_TREE_H
#define VIC_CONFIG_CONFIG_TREE_H

#include "base/base.h"

#include <stdbool.h>

enum { CONFIG_DEEPEST = 32, CONFIG_MOST_KEYS = 256, CONFIG_WORD = 80 };

/* Where something was written: in the file `source`, counted from 1, or in the override `source`. The source
 * is borrowed from the caller of vic_config_parse. */
typedef struct config_place {
    const char *source;
    int line, column;
    bool in_override;
} config_place;

typedef enum config_kind { CONFIG_SCALAR, CONFIG_SEQUENCE, CONFIG_MAPPING } config_kind;

typedef struct config_node config_node;
struct config_node {
    config_kind kind;
    config_place place;
    char *text;       /* of a scalar: UTF-8, without quotes */
    bool plain;       /* a scalar without quotes */
    config_node *key; /* of a mapping's entry: the scalar that names it */
    config_node *parent;
    config_node *first, *last, *next; /* entries, and the next one among the parent's entries */
    size_t count;                     /* of entries */
};

/* Fails with VIC_BAD_CONFIG and "file:line:column: ..." or "--set key=value: ...". */
vic_status config_fail(config_place place, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `text` shortened to fit a message, control characters replaced, into `word` of CONFIG_WORD bytes. */
const char *config_word(const char *text, char *word);

/* *node becomes a new node without parent; `text` (`size` bytes) is copied, NULL for other than scalars. */
vic_status config_node_create(config_node **node, config_kind kind, config_place place, const char *text,
                              size_t size);
/* Frees the node with all that hangs on it; it must not have a parent. */
void config_node_destroy(config_node **node);

/* Adds `node` as the last entry; `key` names it in a mapping. Both belong to the parent from then on. */
void config_node_append(config_node *parent, config_node *key, config_node *node);
/* `node` takes the place of `old` under its parent, with the same key; `old` is freed. */
void config_node_replace(config_node *old, config_node *node);
/* The entry of a mapping, NULL when there is none. */
config_node *config_node_find(const config_node *mapping, const char *key);

/* A plain scalar that stands for nothing: empty, ~ or null. */
bool config_node_is_null(const config_node *node);

#endif
