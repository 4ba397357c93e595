/* --sweep KEY=A,B,C: settings to be crossed. */
#ifndef VIC_MODEL_SWEEP_GRID_H
#define VIC_MODEL_SWEEP_GRID_H

#include "base/base.h"

typedef struct vic_axis {
    char *key;
    size_t n;
    char **values;
} vic_axis;

/* No axis: one combination of nothing. */
typedef struct vic_sweep_grid {
    size_t n_axes, n_combinations;
    vic_axis *axes;
} vic_sweep_grid;

/* Values are separated by commas that stand in no bracket and no quotes. A key is one of batch, width, depth,
 * eta, steps, ranks, or one of the config; those are checked when they are set.
 * Errors: VIC_BAD_CONFIG. Free with vic_sweep_grid_release, after an error too. */
vic_status vic_sweep_grid_read(vic_sweep_grid *grid, const char *const *sweeps, size_t n);
void vic_sweep_grid_release(vic_sweep_grid *grid);

/* The value of an axis in a combination; the last axis changes fastest. */
const char *vic_sweep_grid_value(const vic_sweep_grid *grid, size_t combination, size_t axis);
/* The value under this key; NULL when it is not swept over. */
const char *vic_sweep_grid_find(const vic_sweep_grid *grid, size_t combination, const char *key);
/* The same as a whole number from 1 on; 0 when it is not swept over. Errors: VIC_BAD_CONFIG. */
vic_status vic_sweep_grid_number(const vic_sweep_grid *grid, size_t combination, const char *key,
                                 size_t *number);

#endif
