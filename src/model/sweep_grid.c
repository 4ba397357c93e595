#include "sweep_grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COMBINATIONS = 10000, MOST_NUMBER = 10000000 };

/* Words of their own, and keys of the config without a point in them. */
static const char *const words[] = {"batch", "width", "depth",     "eta",  "steps", "microbatches",
                                    "ranks", "seed",  "precision", "name", NULL};

static bool is_word(const char *key) {
    for (const char *const *w = words; *w; w++)
        if (strcmp(*w, key) == 0)
            return true;
    return false;
}

static vic_status check_key(const vic_sweep_grid *grid, size_t axis) {
    const char *key = grid->axes[axis].key;
    for (size_t a = 0; a < axis; a++)
        if (strcmp(grid->axes[a].key, key) == 0)
            return vic_fail(VIC_BAD_CONFIG, "--sweep %s is given twice: write all its values in one list",
                            key);
    if (strchr(key, '.') || is_word(key))
        return VIC_OK;
    const char *near = vic_nearest(key, words, sizeof words / sizeof *words);
    return vic_fail(
        VIC_BAD_CONFIG,
        "--sweep %s: there is no setting '%s'%s%s%s: allowed are batch, width, depth, eta, steps, "
        "microbatches, precision, ranks, and keys of the config such as inference.messages",
        key, key, near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

/* How long the first value of a list is. */
static size_t value_length(const char *list) {
    int depth = 0;
    char quote = '\0';
    size_t i = 0;
    for (; list[i] != '\0'; i++) {
        char c = list[i];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
        else if (c == ',' && depth <= 0)
            break;
    }
    return i;
}

static size_t count_values(const char *list) {
    size_t n = 1;
    for (list += value_length(list); *list != '\0'; list += value_length(list)) {
        list++;
        n++;
    }
    return n;
}

static vic_status read_values(vic_axis *axis, const char *list, const char *sweep) {
    size_t n = count_values(list);
    VIC_TRY(vic_allocate(n, sizeof *axis->values, &axis->values));
    while (axis->n < n) {
        size_t length = value_length(list);
        if (length == 0)
            return vic_fail(VIC_BAD_CONFIG, "--sweep %s: value %zu is empty", sweep, axis->n + 1);
        VIC_TRY(vic_format(&axis->values[axis->n], "%.*s", (int)length, list));
        axis->n++;
        list += length + 1;
    }
    return VIC_OK;
}

static vic_status read_axis(vic_sweep_grid *grid, size_t a, const char *sweep) {
    vic_axis *axis = &grid->axes[a];
    const char *equals = strchr(sweep, '=');
    if (equals == NULL || equals == sweep)
        return vic_fail(VIC_BAD_CONFIG, "--sweep %s: write KEY=A,B,C, for example batch=32,64", sweep);
    VIC_TRY(vic_format(&axis->key, "%.*s", (int)(equals - sweep), sweep));
    VIC_TRY(check_key(grid, a));
    return read_values(axis, equals + 1, sweep);
}

vic_status vic_sweep_grid_read(vic_sweep_grid *grid, const char *const *sweeps, size_t n) {
    *grid = (vic_sweep_grid){.n_axes = n, .n_combinations = 1};
    VIC_TRY(vic_allocate(n, sizeof *grid->axes, &grid->axes));
    for (size_t a = 0; a < n; a++) {
        VIC_TRY(read_axis(grid, a, sweeps[a]));
        if (grid->n_combinations > MOST_COMBINATIONS / grid->axes[a].n)
            return vic_fail(VIC_BAD_CONFIG, "--sweep crosses more than %d combinations", MOST_COMBINATIONS);
        grid->n_combinations *= grid->axes[a].n;
    }
    return VIC_OK;
}

void vic_sweep_grid_release(vic_sweep_grid *grid) {
    for (size_t a = 0; grid->axes && a < grid->n_axes; a++) {
        for (size_t i = 0; i < grid->axes[a].n; i++)
            vic_release(&grid->axes[a].values[i]);
        vic_release(&grid->axes[a].values);
        vic_release(&grid->axes[a].key);
    }
    vic_release(&grid->axes);
}

const char *vic_sweep_grid_value(const vic_sweep_grid *grid, size_t combination, size_t axis) {
    for (size_t a = grid->n_axes; a-- > axis + 1;)
        combination /= grid->axes[a].n;
    return grid->axes[axis].values[combination % grid->axes[axis].n];
}

const char *vic_sweep_grid_find(const vic_sweep_grid *grid, size_t combination, const char *key) {
    for (size_t a = 0; a < grid->n_axes; a++)
        if (strcmp(grid->axes[a].key, key) == 0)
            return vic_sweep_grid_value(grid, combination, a);
    return NULL;
}

vic_status vic_sweep_grid_number(const vic_sweep_grid *grid, size_t combination, const char *key,
                                 size_t *number) {
    const char *text = vic_sweep_grid_find(grid, combination, key);
    char *end = NULL;
    *number = 0;
    if (text == NULL)
        return VIC_OK;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno || value < 1 || value > MOST_NUMBER)
        return vic_fail(VIC_BAD_CONFIG, "--sweep %s=%s: a whole number from 1 to %d is needed", key, text,
                        MOST_NUMBER);
    *number = (size_t)value;
    return VIC_OK;
}
