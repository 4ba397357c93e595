/* From YAML text to a tree of nodes. Private to the room. */
#ifndef VIC_CONFIG_CONFIG_YAML_H
#define VIC_CONFIG_CONFIG_YAML_H

#include "config_tree.h"

/* *root becomes the one document in `text`, NULL when the text is empty; the caller frees it with
 * config_node_destroy. `start` is the place of the text's first character.
 * Errors: VIC_BAD_CONFIG, also for keys given twice, anchors, aliases, tags and more than one document. */
vic_status config_yaml_read(config_node **root, const char *text, size_t size, config_place start);

#endif
