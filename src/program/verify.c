#include "verdict.h"

#include <string.h>

enum { TEXT = 200 };

static bool all_kept(const vic_verdict *v) {
    const vic_layer_check *check = v->checks;
    for (int i = 0; i < (v->steps - v->first_steps + 1) * v->n_layers; i++, check++)
        if (check->has_parameters && !check->kept)
            return false;
    return true;
}

/* ---- another config to compare with ---- */

static bool same_shapes(const vic_network *a, const vic_network *b) {
    if (a->n_populations != b->n_populations || a->n_edges != b->n_edges ||
        a->loss->target_type != b->loss->target_type)
        return false;
    for (int p = 0; p < a->n_populations; p++)
        if (!vic_shape_equal(a->shapes[p], b->shapes[p]))
            return false;
    return vic_network_parameters(a) == vic_network_parameters(b);
}

static vic_status run_against(vic_verdict *v, vic_session *other, size_t batch, vic_scope scope) {
    const vic_session *session = v->session;
    vic_inference *x = session->inference;
    const vic_network *network = other->config->network;
    if (!same_shapes(session->config->network, network))
        return vic_fail(VIC_BAD_CONFIG,
                        "%s: --against must leave the network's layers as they are: what is compared is the "
                        "updates of the same parameters",
                        session->config->path);
    vic_demand demand = {.capacity = vic_inference_capacity(x),
                         .learns = true,
                         .compares = true,
                         .options = other->config->inference};
    if (vic_session_prints(session))
        vic_print_forecast(other->config, session->rank_of, &demand, false);
    VIC_TRY(vic_inference_create(&other->inference, session->group, network, session->rank_of,
                                 vic_inference_capacity(x), true, other->config->inference));
    VIC_TRY(vic_session_learn(other->config, &demand, other->inference, &other->learner));
    return vic_verify_against(x, other->inference, batch, scope, v->checks);
}

static vic_status compare_against(vic_verdict *v, const vic_command_line *line, size_t batch,
                                  vic_scope scope) {
    vic_command_line changed = *line;
    vic_session other = {0};
    size_t own = line->n_overrides;
    changed.n_overrides += line->n_against;
    VIC_TRY(vic_allocate(changed.n_overrides, sizeof *changed.overrides, &changed.overrides));
    memcpy(changed.overrides, line->overrides, own * sizeof *changed.overrides);
    memcpy(changed.overrides + own, line->against, line->n_against * sizeof *changed.overrides);
    vic_status status = vic_session_open(&other, v->session->group, &changed);
    if (status == VIC_OK)
        status = run_against(v, &other, batch, scope);
    vic_session_close(&other);
    vic_release(&changed.overrides);
    return status;
}

/* ---- the verification ---- */

static vic_status compare(vic_verdict *v, const vic_command_line *line, size_t batch) {
    vic_inference *x = v->session->inference;
    vic_scope scope = line->weights_only ? VIC_WEIGHTS_ALONE : VIC_WEIGHTS_AND_BIASES;
    if (line->n_against > 0)
        return compare_against(v, line, batch, scope);
    if (line->trajectory)
        return vic_trajectory(x, batch, scope, v->checks);
    return vic_verify(x, batch, scope, v->checks);
}

static vic_status print_miss(const vic_verdict *v) {
    vic_precision precision = v->session->config->network->precision;
    const vic_layer_check *check = v->checks;
    for (int i = 0; i < (v->steps - v->first_steps + 1) * v->n_layers; i++, check++)
        if (check->has_parameters && check->underflows)
            return vic_fail(
                VIC_CHECK_FAILED,
                "the update of layer %d is 0 after %d steps, the law times exact is not: it underflows "
                "in %s%s",
                i % v->n_layers + 1, v->first_steps + i / v->n_layers, vic_precision_name(precision),
                precision == VIC_FLOAT32 ? ", try precision: float64" : "");
    return vic_fail(VIC_CHECK_FAILED, "the updates differ from the law times exact");
}

static vic_status report(vic_verdict *v, const vic_command_line *line) {
    v->passed = all_kept(v);
    if (line->csv)
        VIC_TRY(vic_verdict_write_csv(v, line->csv));
    if (line->json)
        VIC_TRY(vic_verdict_print_json(v));
    else
        vic_verdict_print_table(v);
    if (v->judges && !v->passed)
        return print_miss(v);
    return VIC_OK;
}

/* Where a trajectory leaves the finite numbers is a result, too. Nothing has been compared where exact did.
 */
static vic_status keep_diverged(const vic_verdict *v, const vic_command_line *line) {
    bool compared = false;
    for (int e = 0; e < v->n_layers; e++)
        compared = compared || v->checks[e].has_parameters;
    return line->trajectory && line->csv && compared ? vic_verdict_write_csv(v, line->csv) : VIC_OK;
}

static vic_status judge(const vic_session *session, const vic_command_line *line, size_t batch) {
    char against[TEXT] = "exact (backpropagation)";
    int steps = vic_inference_own_steps(session->inference);
    vic_verdict v = {
        .session = session,
        .reference = against,
        .against_exact = line->n_against == 0,
        .judges = line->n_against == 0 &&
                  vic_verification_judges(session->config->network, session->config->inference),
        .n_layers = session->config->network->n_edges,
        .first_steps = line->trajectory ? 1 : steps,
        .steps = steps,
    };
    if (line->n_against > 0)
        snprintf(against, sizeof against, "the same with %s%s", line->against[0],
                 line->n_against > 1 ? " ..." : "");
    size_t rows = (size_t)(v.steps - v.first_steps + 1) * (size_t)v.n_layers;
    vic_status status = vic_allocate(rows, sizeof *v.checks, &v.checks);
    status = vic_group_agree_on_status(session->group, status);
    if (status == VIC_OK)
        status = compare(&v, line, batch);
    if (status == VIC_OK && vic_session_prints(session))
        status = report(&v, line);
    else if (status == VIC_NOT_FINITE && vic_session_prints(session))
        status = keep_diverged(&v, line) == VIC_OK ? status : VIC_BAD_FILE;
    vic_release(&v.checks);
    return vic_group_agree_on_status(session->group, status);
}

/* ---- the batch ---- */

static vic_status verify_file(vic_session *session, const vic_command_line *line) {
    vic_batch_files files;
    vic_batch batch;
    VIC_TRY(vic_session_batch_files(session, line, &files));
    vic_status status = vic_batch_inspect_whole(files, session->config->network, &batch);
    if (status == VIC_OK)
        status = vic_session_cut(session, batch.samples, VIC_BAD_FILE);
    VIC_TRY(vic_group_agree_on_status(session->group, status));
    vic_demand demand = {
        .capacity = batch.samples, .learns = true, .compares = true, .options = session->config->inference};
    VIC_TRY(vic_session_assemble(session, &demand, line->weights));
    VIC_TRY(vic_group_agree_on_status(session->group, vic_batch_read(files, session->inference)));
    return judge(session, line, batch.samples);
}

static vic_status verify_first_batch(vic_session *session, const vic_command_line *line) {
    vic_dataset *training = NULL;
    if (session->config->data.train_inputs.n == 0)
        return vic_fail(VIC_BAD_CONFIG,
                        "%s: no section data.train to take a batch from: give one with --batch",
                        session->config->path);
    vic_demand demand = {
        .capacity = vic_session_batch(session),
        .learns = true,
        .compares = true,
        .training_data = true,
        .options = session->config->inference,
    };
    VIC_TRY(vic_session_assemble(session, &demand, line->weights));
    VIC_TRY(vic_session_open_data(session, true, &training));
    const vic_source *data = vic_dataset_source(training);
    size_t batch = data->count < demand.capacity ? data->count : demand.capacity;
    vic_status status = vic_session_cut(session, batch, VIC_BAD_FILE);
    if (status == VIC_OK)
        status = vic_session_feed(session, data, batch);
    vic_dataset_close(&training);
    return status == VIC_OK ? judge(session, line, batch) : status;
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    vic_session session;
    if (line->trajectory && line->n_against > 0)
        return vic_fail(VIC_BAD_CONFIG, "--trajectory compares with exact: leave out --against, or it");
    vic_status status = vic_session_open(&session, group, line);
    if (status == VIC_OK)
        status =
            line->batch || line->target ? verify_file(&session, line) : verify_first_batch(&session, line);
    vic_session_close(&session);
    return status;
}

static const vic_command_option *const options[] = {
    &vic_option_weights,
    &vic_option_rename,
    &vic_option_batch,
    &vic_option_target,
    &vic_option_set,
    &vic_option_weights_only,
    &vic_option_trajectory,
    &vic_option_against,
    &vic_option_csv,
    &vic_option_trace,
    &vic_option_detect_anomalies,
    &vic_option_json,
    NULL,
};

const vic_command vic_command_verify = {
    .name = "verify",
    .summary = "updates against exact and against the law, per layer; exit code 1 on a miss",
    .description =
        "Runs exact (backpropagation as messages) and the configured algorithm on one batch and "
        "compares the\n"
        "updates of every layer: relative error, angle, the largest difference in units in the "
        "last place, and\n"
        "the measured length beside the law P[Binomial(n-1, eta) >= L-l]. An algorithm that "
        "follows the law,\n"
        "in error coordinates, passes or fails, and so does exact in micro-batches beside exact as "
        "a whole; the\n"
        "others, and belief coordinates, are reported. An update of 0 fails where the law times exact is not "
        "0; where "
        "exact is 0 in\n"
        "float32, it is run in float64 to tell, which takes room for an inference in that "
        "precision meanwhile.\n",
    .example =
        "mpirun -np 5 vicinal verify configs/digits.yaml --set inference.eta=0.1 --set inference.steps=20",
    .options = options,
    .run = run,
};
