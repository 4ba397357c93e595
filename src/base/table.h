/* Tables that grow by a line at a time. Nothing here is collective. */
#ifndef VIC_BASE_TABLE_H
#define VIC_BASE_TABLE_H

#include "base.h"

/* A table that grows by a line an epoch. Rows whose first column is above `last` are dropped on opening, so
 * that a resumed run repeats no epoch; last = 0 starts anew. */
typedef struct vic_table vic_table;
vic_status vic_table_open(vic_table **table, const char *path, const char *header, uint64_t last);
vic_status vic_table_add(vic_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Errors: VIC_BAD_FILE when the last lines could not be written. */
vic_status vic_table_close(vic_table **table);

#endif
