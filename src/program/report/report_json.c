/* The data of the page. Its keys are read by src/observe/report/. */
#include "report.h"

#include "program/comm/comm.h"
#include "program/json.h"
#include "program/verdict.h"

#include <math.h>
#include <string.h>

enum { TEXT = 256, CURVE_POINTS = 400, COMPARED_POINTS = 150 };

typedef struct page {
    const vic_report *report;
    const vic_network *network;
    size_t limit, n_samples; /* the capacity */
} page;

static json_t *integer(uint64_t value) {
    return json_integer((json_int_t)value);
}

/* ---- how much is shown ---- */

static vic_report_view view_of(const page *p, int population) {
    return vic_report_view_of(p->network->shapes[population], population == 0 ? VIC_REPORT_PIXELS : p->limit);
}

/* Beliefs, predictions, errors and feedback, each number 4/3 characters of base64. */
static double bytes_shown(const page *p) {
    double numbers = 0, steps = 0;
    for (int q = 1; q < p->network->n_populations; q++)
        numbers += (double)view_of(p, q).count;
    for (size_t i = 0; i < p->report->n_runs; i++)
        steps += p->report->runs[i].played + 1;
    return numbers * steps * 4 * (4. / 3) * (double)p->n_samples;
}

static void fit(page *p) {
    enum { LEAST = 16 };
    while (bytes_shown(p) > VIC_REPORT_BYTES && p->limit > LEAST)
        p->limit /= 2;
    if (bytes_shown(p) > VIC_REPORT_BYTES)
        p->n_samples = 1;
}

/* ---- the network ---- */

static json_t *shape_json(vic_shape shape) {
    json_t *dims = json_array();
    for (int d = 0; d < shape.rank; d++)
        json_array_append_new(dims, integer(shape.dim[d]));
    return dims;
}

static json_t *view_json(vic_report_view view) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "maps", integer(view.maps), "rows", integer(view.rows),
                     "columns", integer(view.columns), "stride", integer(view.stride), "count",
                     integer(view.count));
}

static json_t *population_json(const page *p, int id) {
    vic_shape shape = p->network->shapes[id];
    return json_pack("{s:o, s:o, s:i, s:o}", "shape", shape_json(shape), "neurons",
                     integer(vic_shape_count(shape)), "rank", p->report->session.rank_of[id], "view",
                     view_json(view_of(p, id)));
}

static json_t *edge_json(const vic_network *network, int index) {
    const vic_edge *edge = &network->edges[index];
    char text[TEXT] = "";
    size_t parameters = 0;
    for (size_t f = 0; f < edge->n_functions; f++) {
        size_t used = strlen(text);
        snprintf(text + used, TEXT - used, "%s%s", f ? ", " : "", edge->functions[f].kind->name);
        for (size_t k = 0; k < edge->functions[f].n_parameters; k++)
            parameters += edge->functions[f].parameter[k].count;
    }
    return json_pack("{s:i, s:i, s:s, s:o}", "from", edge->from, "to", edge->to, "functions", text,
                     "parameters", integer(parameters));
}

static json_t *network_json(const page *p) {
    json_t *populations = json_array(), *edges = json_array();
    for (int id = 0; id < p->network->n_populations; id++)
        json_array_append_new(populations, population_json(p, id));
    for (int e = 0; e < p->network->n_edges; e++)
        json_array_append_new(edges, edge_json(p->network, e));
    return json_pack("{s:o, s:o}", "populations", populations, "edges", edges);
}

static json_t *config_json(const page *p) {
    const vic_config *config = p->report->session.config;
    return json_pack(
        "{s:o, s:s, s:o, s:s, s:o, s:o, s:o}", "name", vic_json_text(config->name, strlen(config->name)),
        "precision", vic_precision_name(p->network->precision), "seed", integer(config->seed), "loss",
        p->network->loss->name, "batch", integer(p->report->batch), "epochs",
        integer(config->learning.epochs), "parameters", integer(vic_network_parameters(p->network)));
}

/* ---- one run: numbers ---- */

typedef double member(const vic_layer_check *check);

static double relative_error(const vic_layer_check *c) {
    return c->relative_error;
}

static double angle(const vic_layer_check *c) {
    return c->angle;
}

static double scale(const vic_layer_check *c) {
    return c->scale;
}

static double law(const vic_layer_check *c) {
    return c->law;
}

/* Per layer, after 1, 2, ... steps; null for a layer without parameters. */
static json_t *curves(const page *p, const vic_report_run *run, member *value) {
    json_t *layers = json_array();
    int n = p->network->n_edges;
    for (int e = 0; e < n; e++) {
        json_t *curve = run->layers[e].has_parameters ? json_array() : json_null();
        for (int i = 0; i < run->compared && json_is_array(curve); i++)
            json_array_append_new(curve, vic_json_number(value(&run->trajectory[i * n + e])));
        json_array_append_new(layers, curve);
    }
    return layers;
}

static json_t *trajectory_json(const page *p, const vic_report_run *run) {
    if (run->trajectory == NULL)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "relative_error", curves(p, run, relative_error), "angle",
                     curves(p, run, angle), "scale", curves(p, run, scale), "law", curves(p, run, law));
}

static json_t *layers_json(const page *p, const vic_report_run *run) {
    json_t *layers = json_array();
    for (int e = 0; e < p->network->n_edges; e++)
        json_array_append_new(layers, vic_verdict_layer_json(e + 1, &run->layers[e]));
    return layers;
}

static json_t *passed_json(const page *p, const vic_report_run *run) {
    bool passed = true;
    if (!vic_verification_judges(p->network, run->options))
        return json_null();
    for (int e = 0; e < p->network->n_edges; e++)
        passed = passed && (!run->layers[e].has_parameters || run->layers[e].kept);
    return json_boolean(passed);
}

/* ---- one run: what happened ---- */

static double norm(vic_shape shape, const double *numbers) {
    double sum = 0;
    for (size_t i = 0; i < vic_shape_count(shape); i++)
        sum += numbers[i] * numbers[i];
    return sqrt(sum);
}

/* Per step; null where nothing has changed. */
static json_t *rows_json(const page *p, const vic_report_run *run, int population, vic_quantity quantity,
                         size_t sample) {
    json_t *rows = json_array();
    vic_shape shape = p->network->shapes[population];
    const double *last = NULL;
    for (int step = 0; step <= run->played; step++) {
        const double *now = vic_recording_state(run->recording, population, quantity, step, sample);
        bool same = last && memcmp(now, last, vic_shape_count(shape) * sizeof *now) == 0;
        json_array_append_new(rows, same ? json_null() : vic_report_row(shape, view_of(p, population), now));
        last = now;
    }
    return rows;
}

static json_t *norms_json(const page *p, const vic_report_run *run, int population, size_t sample) {
    json_t *norms = json_array();
    for (int step = 0; step <= run->played; step++)
        json_array_append_new(norms,
                              vic_json_number(norm(p->network->shapes[population],
                                                   vic_recording_state(run->recording, population,
                                                                       VIC_QUANTITY_ERROR, step, sample))));
    return norms;
}

static json_t *state_json(const page *p, const vic_report_run *run, int population, size_t sample) {
    json_t *belief = rows_json(p, run, population, VIC_QUANTITY_BELIEF, sample);
    if (population == 0)
        return json_pack("{s:o}", "belief", belief);
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "belief", belief, "prediction",
                     rows_json(p, run, population, VIC_QUANTITY_PREDICTION, sample), "error",
                     rows_json(p, run, population, VIC_QUANTITY_ERROR, sample), "feedback",
                     rows_json(p, run, population, VIC_QUANTITY_FEEDBACK, sample), "norm",
                     norms_json(p, run, population, sample));
}

/* Per population. */
static json_t *states_json(const page *p, const vic_report_run *run, size_t sample) {
    json_t *states = json_array();
    for (int id = 0; id < p->network->n_populations; id++)
        json_array_append_new(states, state_json(p, run, id, sample));
    return states;
}

/* The messages along an edge: [step, norm of the message of the sample], per kind. */
static json_t *sent_json(const page *p, const vic_report_run *run, int edge, vic_message_kind kind,
                         size_t sample) {
    json_t *sent = json_array();
    vic_shape shape = p->network->shapes[p->network->edges[edge].to];
    for (int step = 0; step <= run->played; step++) {
        const double *message = vic_recording_message(run->recording, edge, kind, step, sample);
        if (message)
            json_array_append_new(sent, json_pack("[i, o]", step, vic_json_number(norm(shape, message))));
    }
    return sent;
}

static json_t *messages_json(const page *p, const vic_report_run *run, size_t sample) {
    json_t *edges = json_array();
    for (int e = 0; e < p->network->n_edges; e++)
        json_array_append_new(edges, json_pack("{s:o, s:o}", "prediction",
                                               sent_json(p, run, e, VIC_PREDICTION, sample), "error",
                                               sent_json(p, run, e, VIC_ERROR, sample)));
    return edges;
}

static json_t *recorded_json(const page *p, const vic_report_run *run) {
    json_t *samples = json_array();
    for (size_t k = 0; k < p->n_samples; k++)
        json_array_append_new(samples, json_pack("{s:o, s:o}", "states", states_json(p, run, k), "messages",
                                                 messages_json(p, run, k)));
    return samples;
}

static json_t *energies_json(const vic_report_run *run) {
    json_t *energies = json_array();
    for (int step = 0; step <= run->played; step++)
        json_array_append_new(energies, vic_json_number(vic_recording_free_energy(run->recording, step)));
    return energies;
}

/* The traits that the page uses. */
static json_t *traits_json(const vic_algorithm *algorithm) {
    const vic_algorithm_traits *traits = vic_algorithm_traits_of(algorithm);
    return json_pack("{s:b, s:b, s:b, s:b, s:b}", "is_backpropagation", traits->is_backpropagation,
                     "single_step", traits->single_step, "predicts_in_steps", traits->predicts_in_steps,
                     "follows_law", traits->follows_law, "passes_down", vic_algorithm_passes_down(algorithm));
}

static json_t *run_json(const page *p, const vic_report_run *run) {
    const vic_inference_options *o = &run->options;
    return json_pack(
        "{s:s, s:o, s:o, s:i, s:i, s:i, s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "algorithm",
        vic_algorithm_name(o->algorithm), "traits", traits_json(o->algorithm), "eta", vic_json_number(o->eta),
        "steps", run->communication.steps, "played", run->played, "compared", run->compared, "coordinates",
        o->coordinates == VIC_COORDINATES_ERROR ? "error" : "belief", "messages",
        o->always ? "always" : "event-driven", "wires", o->wires != NULL, "configured", run->configured,
        "passed", passed_json(p, run), "layers", layers_json(p, run), "trajectory", trajectory_json(p, run),
        "seconds", vic_json_number(run->communication.seconds), "edges",
        vic_comm_edges_json(p->network, &run->communication), "free_energy", energies_json(run), "samples",
        recorded_json(p, run));
}

/* ---- all ---- */

static json_t *samples_json(const page *p) {
    json_t *samples = json_array();
    for (size_t k = 0; k < p->n_samples; k++) {
        const vic_report_sample *s = &p->report->samples[k];
        json_array_append_new(samples, json_pack("{s:o, s:s, s:I, s:I}", "index", integer(s->index), "about",
                                                 s->about, "class", (json_int_t)s->class, "predicted",
                                                 (json_int_t)s->predicted));
    }
    return samples;
}

static json_t *runs_json(const page *p) {
    json_t *runs = json_array();
    for (size_t i = 0; i < p->report->n_runs; i++)
        json_array_append_new(runs, run_json(p, &p->report->runs[i]));
    return runs;
}

static vic_status add_file(json_t *json, const char *key, vic_status status, json_t *value) {
    if (status == VIC_OK)
        json_object_set_new(json, key, value);
    return status;
}

static vic_status add_files(const vic_report *r, json_t *json) {
    json_t *value = NULL;
    vic_status status = vic_report_table(r->folder, "metrics.csv", CURVE_POINTS, &value);
    VIC_TRY(add_file(json, "metrics", status, value));
    status = vic_report_table(r->folder, "compare.csv", COMPARED_POINTS, &value);
    VIC_TRY(add_file(json, "compare", status, value));
    status = vic_report_audit(r->folder, &value);
    return add_file(json, "audit", status, value);
}

vic_status vic_report_json(const vic_report *r, json_t **json) {
    page p = {.report = r,
              .network = r->session.config->network,
              .limit = VIC_REPORT_NEURONS,
              .n_samples = r->n_samples};
    fit(&p);
    *json = json_pack("{s:s, s:o, s:i, s:o, s:o, s:o, s:o}", "version", VICINAL_VERSION, "folder",
                      vic_json_text(r->folder, strlen(r->folder)), "ranks", vic_group_size(r->session.group),
                      "config", config_json(&p), "network", network_json(&p), "samples", samples_json(&p),
                      "runs", runs_json(&p));
    if (*json == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory while writing the report");
    return add_files(r, *json);
}
