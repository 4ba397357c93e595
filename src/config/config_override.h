/* Overrides of a config from the command line. Private to the room. */
#ifndef VIC_CONFIG_CONFIG_OVERRIDE_H
#define VIC_CONFIG_CONFIG_OVERRIDE_H

#include "config_tree.h"

/* Sets what `override`, "key.path=value", names in the mapping `root`; mappings that are missing on the way
 * are made. The value is YAML. Errors: VIC_BAD_CONFIG, "--set key.path=value: ...". */
vic_status config_override(config_node *root, const char *override);

#endif
