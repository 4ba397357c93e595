/* The settings of checkpoints of format 1: one text, which names neither keys nor data. */
#ifndef VIC_CONFIG_FIRST_FORMAT_H
#define VIC_CONFIG_FIRST_FORMAT_H

#include "config.h"

/* Both are local. `identity` gets the entries for this config that such a text has in abbreviated form and
 * that are no key by themselves. */
vic_status vic_first_format_add(vic_identity *identity, const vic_config *config);
/* `identity` gets the values in `text`, replacing those of the same keys. `path` is for messages. Errors:
 * VIC_BAD_FILE. */
vic_status vic_first_format_take(vic_identity *identity, vic_precision precision, const char *text,
                                 const char *path);

#endif
