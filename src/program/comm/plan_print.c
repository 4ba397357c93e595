/* What people read of a plan, and what machines read on stdout. */
#include "planning.h"

#include "program/json.h"

#include <string.h>

enum { TEXT = 32 };

/* ---- for people ---- */

static const char *bytes_text(double bytes, char text[TEXT]) {
    const char *unit = bytes < 1e3 ? "B " : bytes < 1e6 ? "kB" : bytes < 1e9 ? "MB" : "GB";
    double scale = bytes < 1e3 ? 1 : bytes < 1e6 ? 1e3 : bytes < 1e9 ? 1e6 : 1e9;
    snprintf(text, TEXT, "%.4g %s", bytes / scale, unit);
    return text;
}

static double share(double free, double all) {
    return all > 0 ? 100 * (1 - free / all) : 0;
}

static double most_memory(const vic_plan_estimate *o, int ranks) {
    double most = 0;
    for (int rank = 0; rank < ranks; rank++)
        most = o->memory[rank] > most ? o->memory[rank] : most;
    return most;
}

static int busy_ranks(const vic_comm_setting *s) {
    return s->session.rank_of[s->session.config->network->n_populations - 1] + 1;
}

static void print_run(const vic_comm_setting *s, const vic_comm_run *run, const vic_plan_estimate *o) {
    char name[VIC_RUN_NAME], a[TEXT], b[TEXT], d[TEXT], e[TEXT], f[TEXT];
    const vic_plan *p = &o->plan;
    printf("%5d  %-17s %-13s", s->ranks, vic_comm_name(run, name), vic_comm_message_policy(run));
    bytes_text(most_memory(o, busy_ranks(s)), e);
    if (!o->fits) {
        printf(" does not fit: %s on a rank, %s on a node\n", e, bytes_text(o->node_memory, f));
        return;
    }
    printf("%11s %6.2f %% %11s %6.2f %% %11s %9.4g %10s %9.4g %6d %10s\n", vic_duration_text(p->step, a),
           share(p->free_step, p->step), vic_duration_text(run->communication.seconds, b),
           share(p->free_seconds, run->communication.seconds), vic_duration_text(run->communication.path, d),
           p->step_messages, bytes_text(p->step_bytes, f), p->rank_messages, p->bottleneck, e);
}

static void print_settings(const vic_comm *comm, size_t index) {
    const vic_sweep_grid *grid = &comm->grid;
    bool any = false;
    for (size_t a = 0; a < grid->n_axes; a++) {
        if (strcmp(grid->axes[a].key, "ranks") == 0)
            continue;
        printf("%s%s %s", any ? ", " : "", grid->axes[a].key, vic_sweep_grid_value(grid, index, a));
        any = true;
    }
    if (any)
        printf(":\n");
}

void vic_plan_print_table(const vic_planning *planning) {
    const vic_comm *comm = &planning->comm;
    const vic_config *config = comm->settings[0].session.config;
    const vic_machine *m = planning->machine;
    printf("%s: %d layers, %s, batch %zu, %d steps of eta %g, on %s: %zu node%s of %zu core%s\n\n",
           config->name, config->network->n_edges, vic_precision_name(config->network->precision),
           comm->settings[0].batch, config->inference.steps, config->inference.eta, m->name, m->nodes,
           m->nodes == 1 ? "" : "s", m->cores, m->cores == 1 ? "" : "s");
    printf("ranks  algorithm         messages            step     comm   inference     comm   crit.path  "
           "messages    "
           "  bytes  of ranks   slow     memory\n");
    for (size_t i = 0; i < comm->n_settings; i++) {
        print_settings(comm, i);
        for (size_t k = 0; k < comm->settings[i].n_runs; k++)
            print_run(&comm->settings[i], &comm->settings[i].runs[k], vic_plan_estimate_of(planning, i, k));
    }
    printf(
        "\nstep: from one inference step to the next, the mean of the later half; messages, bytes: in "
        "such a step,\n"
        "of ranks: those that leave their rank. comm: the share that goes if messages take no time. slow: "
        "the\n"
        "rank with most to compute and post. memory: of the rank that needs most. launch/guide/machines.md "
        "explains\n"
        "every column.\n");
}

/* ---- for machines ---- */

static json_t *edges_json(const vic_network *network, const vic_communication *c) {
    json_t *edges = json_array();
    for (int i = 0; i < c->n_edges * VIC_MESSAGE_KINDS; i++) {
        const vic_edge *edge = &network->edges[i / VIC_MESSAGE_KINDS];
        vic_message_kind kind = (vic_message_kind)(i % VIC_MESSAGE_KINDS);
        vic_ledger_entry sum = vic_communication_of(c, i / VIC_MESSAGE_KINDS, kind);
        json_array_append_new(edges, json_pack("{s:i, s:i, s:s, s:I, s:I, s:o}", "from", edge->from, "to",
                                               edge->to, "kind", vic_message_kind_name(kind), "messages",
                                               (json_int_t)sum.messages, "bytes", (json_int_t)sum.bytes,
                                               "seconds_waiting", vic_json_number(sum.seconds_waiting)));
    }
    return edges;
}

static json_t *ranks_json(const vic_communication *c, const vic_plan_estimate *o) {
    json_t *ranks = json_array();
    for (int rank = 0; rank < c->n_ranks; rank++) {
        const vic_rank_time *t = &c->ranks[rank];
        json_array_append_new(
            ranks, json_pack("{s:o, s:o, s:o, s:o, s:o}", "computing", vic_json_number(t->computing),
                             "posting", vic_json_number(t->posting), "late", vic_json_number(t->late), "wire",
                             vic_json_number(t->wire), "memory", vic_json_number(o->memory[rank])));
    }
    return ranks;
}

static void add_number(json_t *object, const char *key, double value) {
    json_object_set_new(object, key, vic_json_number(value));
}

static void add_times(json_t *run, const vic_plan *p, const vic_communication *c) {
    add_number(run, "seconds_per_step", p->step);
    add_number(run, "step_communication_share", share(p->free_step, p->step) / 100);
    add_number(run, "seconds", c->seconds);
    add_number(run, "communication_share", share(p->free_seconds, c->seconds) / 100);
    add_number(run, "critical_path", c->path);
    add_number(run, "critical_path_free", c->free_path);
    add_number(run, "messages_per_step", p->step_messages);
    add_number(run, "bytes_per_step", p->step_bytes);
    add_number(run, "messages_between_ranks_per_step", p->rank_messages);
    add_number(run, "bytes_between_ranks_per_step", p->rank_bytes);
    json_object_set_new(run, "bottleneck", json_integer(p->bottleneck));
}

static json_t *run_json(const vic_comm_setting *s, const vic_comm_run *run, const vic_plan_estimate *o) {
    const vic_communication *c = &run->communication;
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:o, s:b}", "algorithm", vic_algorithm_name(run->options.algorithm),
                  "messages", vic_comm_message_policy(run), "microbatches", run->options.microbatches, "eta",
                  vic_json_number(run->options.eta), "fits", o->fits);
    add_number(json, "memory", most_memory(o, busy_ranks(s)));
    add_number(json, "memory_of_node", o->node_memory);
    if (!o->fits)
        return json;
    json_object_set_new(json, "steps", json_integer(c->steps));
    add_times(json, &o->plan, c);
    json_object_set_new(json, "ranks", ranks_json(c, o));
    json_object_set_new(json, "edges", edges_json(s->session.config->network, c));
    return json;
}

static json_t *setting_json(const vic_planning *planning, size_t index) {
    const vic_comm_setting *s = &planning->comm.settings[index];
    const vic_sweep_grid *grid = &planning->comm.grid;
    json_t *runs = json_array(), *settings = json_object();
    for (size_t k = 0; k < s->n_runs; k++)
        json_array_append_new(runs, run_json(s, &s->runs[k], vic_plan_estimate_of(planning, index, k)));
    for (size_t a = 0; a < grid->n_axes; a++)
        json_object_set_new(settings, grid->axes[a].key, json_string(vic_sweep_grid_value(grid, index, a)));
    return json_pack("{s:i, s:I, s:i, s:s, s:o, s:o}", "ranks", s->ranks, "batch", (json_int_t)s->batch,
                     "layers", s->session.config->network->n_edges, "precision",
                     vic_precision_name(s->session.config->network->precision), "settings", settings, "runs",
                     runs);
}

vic_status vic_plan_print_json(const vic_planning *planning) {
    json_t *plans = json_array();
    for (size_t i = 0; i < planning->comm.n_settings; i++)
        json_array_append_new(plans, setting_json(planning, i));
    return vic_json_print(json_pack("{s:s, s:I, s:o}", "machine", planning->machine->name, "batch",
                                    (json_int_t)planning->comm.settings[0].batch, "plans", plans));
}
