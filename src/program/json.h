/* JSON results on stdout. */
#ifndef VIC_PROGRAM_JSON_H
#define VIC_PROGRAM_JSON_H

#include "base/base.h"

#include <jansson.h>

/* A number, or null where it is not finite. */
json_t *vic_json_number(double value);

/* A text of `size` bytes that may be no UTF-8, as the name of a file may be: what is not ASCII is a question
 * mark then.
 */
json_t *vic_json_text(const char *text, size_t size);

/* Prints `object` and a newline on stdout and gives it up. Errors: VIC_NO_MEMORY when it is NULL,
 * VIC_BAD_FILE when stdout cannot be written. */
vic_status vic_json_print(json_t *object);

/* From now on what is printed is held back, so that something can be added to it. */
void vic_json_hold_back(void);
/* Adds `value` under `key` to what was held back, and prints it; nothing where nothing was. Takes `value`.
 * Errors: those of vic_json_print. */
vic_status vic_json_let_go(const char *key, json_t *value);

#endif
