/* The config of one combination of what is swept over. */
#include "comm.h"

#include "model/reshape.h"

#include <string.h>

typedef struct opening {
    vic_session *session;
    vic_group *group;
    vic_command_line line; /* with the overrides of the combination, one after the other */
    const vic_sweep_grid *grid;
    size_t index;
} opening;

/* The key of the config that a word stands for; NULL when it stands for none. */
static const char *config_key(const char *key) {
    static const char *const own[] = {"batch", "width", "depth", "ranks"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(key, own[i]) == 0)
            return NULL;
    static const char *const short_for[][2] = {
        {"eta", "inference.eta"}, {"steps", "inference.steps"}, {"microbatches", "inference.microbatches"}};
    for (size_t i = 0; i < sizeof short_for / sizeof *short_for; i++)
        if (strcmp(key, short_for[i][0]) == 0)
            return short_for[i][1];
    return key;
}

/* The text of a refused override, with the key of its axis. */
static vic_status name_axis(const opening *o, size_t axis, const char *override, vic_status status) {
    static const char prefix[] = "--set ";
    const char *key = o->grid->axes[axis].key;
    const char *value = vic_sweep_grid_value(o->grid, o->index, axis);
    const char *text = vic_error_text();
    size_t set = sizeof prefix - 1, length = strlen(override);
    char *copy;
    if (strncmp(text, prefix, set) == 0 && strncmp(text + set, override, length) == 0 &&
        strncmp(text + set + length, ": ", 2) == 0)
        text += set + length + 2;
    else if (strncmp(text, prefix, set) != 0)
        return status;
    VIC_TRY(vic_format(&copy, "%s", text));
    status = vic_fail(status, "--sweep %s=%s: %s", key, value, copy);
    vic_release(&copy);
    return status;
}

/* Opens the config again with one more override; an error names its axis. */
static vic_status open_with(opening *o, size_t axis, const char *override) {
    o->line.overrides[o->line.n_overrides++] = override;
    vic_session_close(o->session);
    vic_status status = vic_session_open(o->session, o->group, &o->line);
    return status == VIC_OK ? VIC_OK : name_axis(o, axis, override, status);
}

static vic_status open_axes(opening *o, char **texts) {
    VIC_TRY(vic_session_open(o->session, o->group, &o->line));
    for (size_t a = 0; a < o->grid->n_axes; a++) {
        const char *key = config_key(o->grid->axes[a].key);
        if (key == NULL)
            continue;
        VIC_TRY(vic_format(&texts[a], "%s=%s", key, vic_sweep_grid_value(o->grid, o->index, a)));
        VIC_TRY(open_with(o, a, texts[a]));
    }
    return VIC_OK;
}

static size_t axis_of(const opening *o, const char *key) {
    size_t a = 0;
    while (strcmp(o->grid->axes[a].key, key) != 0)
        a++;
    return a;
}

static vic_status open_reshaped(opening *o, char **text) {
    size_t width, depth;
    VIC_TRY(vic_sweep_grid_number(o->grid, o->index, "width", &width));
    VIC_TRY(vic_sweep_grid_number(o->grid, o->index, "depth", &depth));
    if (width == 0 && depth == 0)
        return VIC_OK;
    vic_status status = vic_reshape(o->session->config->network, width, depth, text);
    if (status == VIC_BAD_CONFIG)
        return vic_fail(status, "--sweep depth=%zu: a network of one layer has no hidden layer to repeat",
                        depth);
    VIC_TRY(status);
    return open_with(o, axis_of(o, depth > 0 ? "depth" : "width"), *text);
}

vic_status vic_comm_open_config(vic_session *session, const vic_sweep_grid *grid, size_t index,
                                vic_group *group, const vic_command_line *line) {
    opening o = {.session = session, .group = group, .line = *line, .grid = grid, .index = index};
    size_t n = grid->n_axes, own = line->n_overrides;
    char **texts = NULL; /* of the axes, and of the network's layers */
    *session = (vic_session){.group = group};
    o.line.overrides = NULL;
    vic_status status = vic_allocate(own + n + 1, sizeof *o.line.overrides, &o.line.overrides);
    if (status == VIC_OK)
        status = vic_allocate(n + 1, sizeof *texts, &texts);
    if (status == VIC_OK) {
        for (size_t i = 0; i < own; i++)
            o.line.overrides[i] = line->overrides[i];
        status = open_axes(&o, texts);
    }
    if (status == VIC_OK)
        status = open_reshaped(&o, &texts[n]);
    for (size_t a = 0; texts && a <= n; a++)
        vic_release(&texts[a]);
    vic_release(&texts);
    vic_release(&o.line.overrides);
    return vic_group_agree_on_status(group, status);
}
