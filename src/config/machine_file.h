/* Machines in files. Nothing here is collective. */
#ifndef VIC_CONFIG_MACHINE_FILE_H
#define VIC_CONFIG_MACHINE_FILE_H

#include "model/machine.h"

/* Reads a machine from `text` (YAML or JSON, `size` bytes) as if it stood in the file `path`;
 * launch/guide/machines.md describes it. Free with vic_machine_destroy. Errors: VIC_BAD_CONFIG, text
 * "file:line:column: what is wrong, what is allowed". */
vic_status vic_machine_parse(vic_machine **machine, const char *path, const char *text, size_t size);
/* Writes it so that vic_machine_parse reads back the same; `comment` is one line that the file begins with.
 * Errors: VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_machine_write(const vic_machine *machine, const char *path, const char *comment);

#endif
