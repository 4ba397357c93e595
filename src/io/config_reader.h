/* Typed reading of a config tree. Every failure is VIC_BAD_CONFIG and says where, what is wrong and what is
 * allowed. Private to the io room. */
#ifndef VICINAL_CONFIG_READER_H
#define VICINAL_CONFIG_READER_H

#include "config_tree.h"

enum { CONFIG_KEY_PATH = 160, CONFIG_NAMES = 240, CONFIG_MOST = INT32_MAX };

/* lowest <= x < below, `lowest` itself excluded where `open` is set. */
typedef struct config_range {
    double lowest, below;
    bool open;
} config_range;

/* How messages call the node, "network.layers[2][0].linear.out", into `path` of CONFIG_KEY_PATH bytes. */
const char *config_key_path(const config_node *node, char *path);
/* "a, b, c" into `list` of CONFIG_NAMES bytes. */
const char *config_names(const char *const *names, size_t count, char *list);

/* Fails with "KEY must be EXPECTED, not WHAT IT IS" at the node. */
vic_status config_expected(const config_node *node, const char *expected);

/* The node must be a mapping with no other keys than these. */
vic_status config_mapping(const config_node *node, const char *const *keys, size_t count);
/* *entry becomes the entry of a mapping; fails when there is none. `hint` says what to write. */
vic_status config_require(const config_node *mapping, const char *key, const char *hint,
                          const config_node **entry);
/* *section becomes the mapping under `key`, NULL when it is left out or null. */
vic_status config_section(const config_node *mapping, const char *key, const char *const *keys, size_t count,
                          const config_node **section);
vic_status config_sequence(const config_node *node, const char *expected);

/* *text belongs to the node. Numbers and switches without quotes are text too, null is not. */
vic_status config_string(const config_node *node, const char **text);
/* *index becomes the place of the name among `names`. */
vic_status config_choice(const config_node *node, const char *noun, const char *const *names, size_t count,
                         size_t *index);
vic_status config_number(const config_node *node, config_range range, double *value);
vic_status config_integer(const config_node *node, uint64_t least, uint64_t most, uint64_t *value);
vic_status config_switch(const config_node *node, bool *value);

#endif
