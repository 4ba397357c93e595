/* Numbers as text, the same in every locale. Private to the io room. */
#ifndef VICINAL_CONFIG_NUMBER_H
#define VICINAL_CONFIG_NUMBER_H

#include "vicinal/base.h"

#include <stdbool.h>

enum { CONFIG_NUMBER = 32 };

/* *value becomes the decimal number that `text` is from end to end (YAML 1.2: 1, -0.5, .5, 1e-3); false when
 * it is not one. Too large a number becomes an infinity. Errors: VIC_NO_MEMORY. */
vic_status config_number_read(const char *text, bool *is_number, double *value);

/* The shortest usual form that reads back as `value`, into `text` of CONFIG_NUMBER bytes.
 * Errors: VIC_NO_MEMORY. */
vic_status config_number_write(double value, char *text);

#endif
