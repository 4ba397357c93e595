/* Typed reading of a config tree. Every failure is VIC_BAD_CONFIG with a text that names the place, what is
 * wrong and what is allowed. Private to the room. */
#ifndef VIC_CONFIG_CONFIG_READER_H
#define VIC_CONFIG_CONFIG_READER_H

#include "config_tree.h"

enum { CONFIG_KEY_PATH = 160, CONFIG_NAMES = 240, CONFIG_MOST = INT32_MAX };

/* lowest <= x < below; `lowest` itself is excluded where `open` is set, `below` included where `closed` is.
 */
typedef struct config_range {
    double lowest, below;
    bool open, closed;
} config_range;

/* How messages call the node, "network.layers[2][0].linear.out", into `path` of CONFIG_KEY_PATH bytes. */
const char *config_key_path(const config_node *node, char *path);
/* "a, b, c" into `list` of CONFIG_NAMES bytes. */
const char *config_names(const char *const *names, size_t count, char *list);

/* Fails with "KEY must be EXPECTED, not WHAT IT IS" at the node. */
vic_status config_expected(const config_node *node, const char *expected);

/* The first entry of a mapping under another key than these, NULL when there is none. */
const config_node *config_unknown_key(const config_node *mapping, const char *const *keys, size_t count);
/* The node must be a mapping with no other keys than these. */
vic_status config_mapping(const config_node *node, const char *const *keys, size_t count);
/* *entry becomes the entry of a mapping; fails when there is none. `hint` names what to write. */
vic_status config_require(const config_node *mapping, const char *key, const char *hint,
                          const config_node **entry);
vic_status config_sequence(const config_node *node, const char *expected);

/* *text belongs to the node. Numbers and switches without quotes are text too, null is not. */
vic_status config_string(const config_node *node, const char **text);
/* *index becomes the place of the name among `names`. */
vic_status config_choice(const config_node *node, const char *noun, const char *const *names, size_t count,
                         size_t *index);
vic_status config_number(const config_node *node, config_range range, double *value);
/* "a number of at least 0 and below 1" into `text` of CONFIG_NAMES bytes. Errors: VIC_NO_MEMORY. */
vic_status config_describe_range(config_range range, char *text);
vic_status config_integer(const config_node *node, uint64_t least, uint64_t most, uint64_t *value);
vic_status config_switch(const config_node *node, bool *value);

#endif
