/* What machines read on stdout. */
#include "comm.h"

#include "base/pool.h"
#include "program/json.h"

static json_t *integer(uint64_t value) {
    return json_integer((json_int_t)value);
}

static json_t *steps_json(const vic_communication *c, int edge, vic_message_kind kind) {
    json_t *steps = json_array();
    for (int step = 0; step <= c->steps; step++) {
        vic_ledger_entry e = vic_communication_at(c, edge, kind, step);
        if (e.messages > 0)
            json_array_append_new(steps, json_pack("{s:i, s:o, s:o, s:o, s:o}", "step", step, "messages",
                                                   integer(e.messages), "bytes", integer(e.bytes),
                                                   "seconds_posting", vic_json_number(e.seconds_posting),
                                                   "seconds_waiting", vic_json_number(e.seconds_waiting)));
    }
    return steps;
}

json_t *vic_comm_edges_json(const vic_network *network, const vic_communication *c) {
    json_t *edges = json_array();
    for (int e = 0; e < c->n_edges; e++)
        for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++) {
            vic_ledger_entry sum = vic_communication_of(c, e, kind);
            json_array_append_new(
                edges, json_pack("{s:i, s:i, s:s, s:o, s:o, s:o, s:o, s:o}", "from", network->edges[e].from,
                                 "to", network->edges[e].to, "kind", vic_message_kind_name(kind), "messages",
                                 integer(sum.messages), "bytes", integer(sum.bytes), "seconds_posting",
                                 vic_json_number(sum.seconds_posting), "seconds_waiting",
                                 vic_json_number(sum.seconds_waiting), "by_step", steps_json(c, e, kind)));
        }
    return edges;
}

static json_t *time_json(const vic_rank_time *t) {
    return json_pack("{s:o, s:o, s:o, s:o}", "computing", vic_json_number(t->computing), "posting",
                     vic_json_number(t->posting), "late", vic_json_number(t->late), "wire",
                     vic_json_number(t->wire));
}

static json_t *ranks_json(const vic_communication *c) {
    json_t *ranks = json_array();
    for (int rank = 0; rank < c->n_ranks; rank++)
        json_array_append_new(ranks, time_json(&c->ranks[rank]));
    return ranks;
}

static json_t *run_json(const vic_network *network, const vic_comm_run *run) {
    const vic_communication *c = &run->communication;
    vic_ledger_entry up = vic_communication_total(c, VIC_PREDICTION),
                     down = vic_communication_total(c, VIC_ERROR);
    vic_rank_time mean = vic_communication_mean(c);
    return json_pack(
        "{s:s, s:s, s:i, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "algorithm",
        vic_algorithm_name(run->options.algorithm), "messages", vic_comm_message_policy(run), "microbatches",
        run->options.microbatches, "eta", vic_json_number(run->options.eta), "steps", c->steps, "predictions",
        integer(up.messages), "errors", integer(down.messages), "bytes", integer(up.bytes + down.bytes),
        "seconds", vic_json_number(c->seconds), "seconds_step", vic_json_number(c->step), "mean",
        time_json(&mean), "critical_path", vic_json_number(c->path), "critical_path_free",
        vic_json_number(c->free_path), "communication_share", vic_json_number(vic_communication_share(c)),
        "overhead", vic_json_number(vic_communication_overhead(c)), "ranks", ranks_json(c), "edges",
        vic_comm_edges_json(network, c));
}

static json_t *setting_json(const vic_comm_setting *s) {
    json_t *runs = json_array();
    for (size_t i = 0; i < s->n_runs; i++)
        json_array_append_new(runs, run_json(s->session.config->network, &s->runs[i]));
    return json_pack("{s:o, s:i, s:i, s:i, s:s, s:o}", "batch", integer(s->batch), "ranks", s->ranks,
                     "threads", vic_pool_threads(), "steps", s->session.config->inference.steps, "precision",
                     vic_precision_name(s->session.config->network->precision), "runs", runs);
}

static json_t *combination_json(const vic_comm *comm, size_t index) {
    const vic_sweep_grid *grid = &comm->grid;
    json_t *settings = json_object(), *combination = setting_json(&comm->settings[index]);
    for (size_t a = 0; a < grid->n_axes; a++)
        json_object_set_new(settings, grid->axes[a].key, json_string(vic_sweep_grid_value(grid, index, a)));
    json_object_set_new(combination, "settings", settings);
    return combination;
}

vic_status vic_comm_print_json(const vic_comm *comm) {
    json_t *result = setting_json(&comm->settings[0]);
    if (comm->grid.n_axes > 0) {
        json_t *combinations = json_array();
        for (size_t i = 0; i < comm->n_settings; i++)
            json_array_append_new(combinations, combination_json(comm, i));
        json_object_set_new(result, "combinations", combinations);
    }
    json_object_set_new(result, "repeats", json_integer(comm->repeats));
    json_object_set_new(result, "learns", json_boolean(comm->learns));
    return vic_json_print(result);
}
