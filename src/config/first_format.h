/* What checkpoints of format 1 say of their run: one text, which names neither keys nor data. */
#ifndef VIC_CONFIG_FIRST_FORMAT_H
#define VIC_CONFIG_FIRST_FORMAT_H

#include "config.h"

/* Both are local. What such a text says in shapes and abbreviations, and no key has alone: `identity` gets it
 * for this config. */
vic_status vic_first_format_add(vic_identity *identity, const vic_config *config);
/* `identity` gets what `text` says, in the place of what it has under the same keys. `path` is for messages.
 * Errors: VIC_BAD_FILE. */
vic_status vic_first_format_take(vic_identity *identity, vic_precision precision, const char *text,
                                 const char *path);

#endif
