/* What machines read from a file: a row per run, edge, kind and step; of a sweep, a row per combination and
 * run. */
#include "comm.h"

#include "base/table.h"

#include <string.h>

static vic_status write_setting(const vic_comm_setting *s, vic_table *table) {
    const vic_network *network = s->session.config->network;
    for (size_t i = 0; i < s->n_runs; i++) {
        const vic_comm_run *run = &s->runs[i];
        for (int line = 0; line < VIC_MESSAGE_KINDS * network->n_edges; line++)
            for (int step = 0; step <= run->communication.steps; step++) {
                int edge = line / VIC_MESSAGE_KINDS;
                vic_message_kind kind = line % VIC_MESSAGE_KINDS;
                vic_ledger_entry e = vic_communication_at(&run->communication, edge, kind, step);
                VIC_TRY(vic_table_add(table, "%s,%s,%d,%d,%s,%d,%llu,%llu,%.9g,%.9g,%d",
                                      vic_algorithm_name(run->options.algorithm),
                                      vic_comm_message_policy(run), network->edges[edge].from,
                                      network->edges[edge].to, vic_message_kind_name(kind), step,
                                      (unsigned long long)e.messages, (unsigned long long)e.bytes,
                                      e.seconds_posting, e.seconds_waiting, run->options.microbatches));
            }
    }
    return VIC_OK;
}

/* In quotes where a list of values would fall apart. */
static void quote(FILE *to, const char *value) {
    if (strpbrk(value, ",\"") == NULL) {
        fputs(value, to);
        return;
    }
    fputc('"', to);
    for (; *value != '\0'; value++)
        fprintf(to, *value == '"' ? "\"\"" : "%c", *value);
    fputc('"', to);
}

/* Settings in every row. */
static bool has_column(const char *key) {
    static const char *const columns[] = {"batch", "ranks", "precision", "eta", "steps", "microbatches"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(key, columns[i]) == 0)
            return true;
    return false;
}

/* The other keys, or their values in a combination, each followed by a comma. */
static vic_status settings_text(const vic_comm *comm, const size_t *index, char **text) {
    const vic_sweep_grid *grid = &comm->grid;
    size_t capacity;
    *text = NULL;
    FILE *to = open_memstream(text, &capacity);
    if (to == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory");
    for (size_t a = 0; a < grid->n_axes; a++) {
        if (has_column(grid->axes[a].key))
            continue;
        quote(to, index ? vic_sweep_grid_value(grid, *index, a) : grid->axes[a].key);
        fputc(',', to);
    }
    return fclose(to) == 0 ? VIC_OK : vic_fail(VIC_NO_MEMORY, "out of memory");
}

static vic_status write_run(const char *settings, const vic_comm_setting *s, const vic_comm_run *run,
                            vic_table *table) {
    const vic_communication *c = &run->communication;
    const vic_network *network = s->session.config->network;
    vic_rank_time mean = vic_communication_mean(c);
    vic_ledger_entry up = vic_communication_total(c, VIC_PREDICTION),
                     down = vic_communication_total(c, VIC_ERROR);
    return vic_table_add(
        table, "%zu,%d,%d,%s,%.9g,%d,%s%s,%s,%llu,%llu,%llu,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%d",
        s->batch, s->ranks, network->n_edges, vic_precision_name(network->precision), run->options.eta,
        run->options.steps, settings, vic_algorithm_name(run->options.algorithm),
        vic_comm_message_policy(run), (unsigned long long)up.messages, (unsigned long long)down.messages,
        (unsigned long long)(up.bytes + down.bytes), c->seconds, mean.computing, mean.posting, mean.late,
        mean.wire, c->path, c->free_path, vic_communication_share(c), c->step, run->options.microbatches);
}

static vic_status write_combination(const vic_comm *comm, size_t index, vic_table *table) {
    const vic_comm_setting *s = &comm->settings[index];
    char *settings;
    vic_status status = settings_text(comm, &index, &settings);
    for (size_t i = 0; status == VIC_OK && i < s->n_runs; i++)
        status = write_run(settings, s, &s->runs[i], table);
    vic_release(&settings);
    return status;
}

static vic_status head_of(const vic_comm *comm, char **head) {
    char *keys;
    vic_status status = settings_text(comm, NULL, &keys);
    if (status == VIC_OK && comm->grid.n_axes == 0)
        status = vic_format(
            head, "algorithm,speaks,from,to,kind,step,messages,bytes,seconds_posting,seconds_waiting,"
                  "microbatches");
    else if (status == VIC_OK)
        status = vic_format(head,
                            "batch,ranks,layers,precision,eta,steps,%salgorithm,speaks,predictions,errors,"
                            "bytes,seconds,seconds_computing,seconds_posting,seconds_late,seconds_wire,"
                            "critical_path,critical_path_free,communication_share,seconds_step,"
                            "microbatches",
                            keys);
    vic_release(&keys);
    return status;
}

vic_status vic_comm_write_csv(const vic_comm *comm, const char *path) {
    vic_table *table = NULL;
    char *head;
    VIC_TRY(head_of(comm, &head));
    vic_status status = vic_table_open(&table, path, head, 0);
    vic_release(&head);
    VIC_TRY(status);
    if (comm->grid.n_axes == 0)
        status = write_setting(&comm->settings[0], table);
    for (size_t i = 0; comm->grid.n_axes > 0 && status == VIC_OK && i < comm->n_settings; i++)
        status = write_combination(comm, i, table);
    vic_status closed = vic_table_close(&table);
    return status == VIC_OK ? closed : status;
}
