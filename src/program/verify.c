#include "json.h"
#include "program.h"

#include "vicinal/study.h"

#include <math.h>

typedef struct verdict {
    bool judges, passed;
    int n_layers;
    vic_layer_check *layers;
} verdict;

static json_t *layer_json(int layer, const vic_layer_check *check) {
    if (!check->has_parameters)
        return json_pack("{s:i, s:n, s:n, s:n, s:n, s:n}", "layer", layer, "relative_error", "angle", "ulp",
                         "scale", "law");
    return json_pack("{s:i, s:o, s:o, s:I, s:o, s:o, s:o}", "layer", layer, "relative_error",
                     vic_json_number(check->relative_error), "angle", vic_json_number(check->angle), "ulp",
                     (json_int_t)(check->ulp < 0x1p62 ? check->ulp : 0x1p62), "scale",
                     vic_json_number(check->scale), "law", vic_json_number(check->law), "law_error",
                     vic_json_number(check->law_error));
}

static vic_status print_json(const verdict *v) {
    json_t *layers = json_array();
    for (int e = 0; e < v->n_layers; e++)
        json_array_append_new(layers, layer_json(e + 1, &v->layers[e]));
    json_t *passed = v->judges ? json_boolean(v->passed) : json_null();
    return vic_json_print(json_pack("{s:o, s:o}", "passed", passed, "layers", layers));
}

static void print_number(const char *format, int width, double value) {
    if (isnan(value))
        printf("%*s", width, "-");
    else
        printf(format, width, value);
}

static void print_layer(int layer, const vic_layer_check *check) {
    printf("%5d", layer);
    if (!check->has_parameters) {
        printf("   no parameters\n");
        return;
    }
    print_number("%*.3g", 16, check->relative_error);
    print_number("%*.3g", 14, check->angle);
    print_number("%*.0f", 12, check->ulp);
    print_number("%*.9g", 14, check->scale);
    print_number("%*.9g", 14, check->law);
    printf("\n");
}

static void print_table(const vic_session *session, const verdict *v) {
    const vic_inference_options *options = &session->config->inference;
    const char *precision = vic_precision_name(session->config->network->precision);
    printf("%s, eta %g, %d steps, %s: each layer's update against exact (backpropagation)\n",
           vic_algorithm_name(options->algorithm), options->eta, vic_inference_steps(session->inference),
           precision);
    printf("layer  relative error  angle (deg)  ulp (most)        length           law\n");
    for (int e = 0; e < v->n_layers; e++)
        print_layer(e + 1, &v->layers[e]);
    if (!v->judges)
        printf("reported: these settings promise no agreement with exact\n");
    else
        printf("%s\n",
               v->passed ? "passed: every layer is the law times exact" : "FAILED: see the rows above");
}

static bool all_kept(const verdict *v) {
    for (int e = 0; e < v->n_layers; e++)
        if (v->layers[e].has_parameters && !v->layers[e].kept)
            return false;
    return true;
}

static vic_status judge(vic_session *session, const vic_command_line *line, size_t batch) {
    verdict v = {
        .judges = vic_verification_judges(session->config->inference),
        .n_layers = session->config->network->n_edges,
    };
    VIC_TRY(vic_allocate((size_t)v.n_layers, sizeof *v.layers, &v.layers));
    vic_status status = vic_verify(session->inference, batch, VIC_WEIGHTS_AND_BIASES, v.layers);
    if (status == VIC_OK && vic_session_talks(session)) {
        v.passed = all_kept(&v);
        if (line->json)
            status = print_json(&v);
        else
            print_table(session, &v);
        if (status == VIC_OK && v.judges && !v.passed)
            status = vic_fail(VIC_CHECK_FAILED, "the updates differ from the law times exact");
    }
    vic_release(&v.layers);
    return vic_group_agree(session->group, status);
}

static vic_status verify_file(vic_session *session, const vic_command_line *line) {
    size_t batch;
    bool initial;
    vic_status status = vic_batch_inspect(line->batch, session->config->network, &batch, &initial);
    VIC_TRY(vic_group_agree(session->group, status));
    VIC_TRY(vic_session_assemble(session, batch, true, session->config->inference, line->weights));
    VIC_TRY(vic_group_agree(session->group, vic_batch_read(line->batch, session->inference)));
    return judge(session, line, batch);
}

static vic_status feed_first_batch(vic_session *session, const vic_source *data, size_t *batch) {
    size_t *order = NULL;
    int64_t *classes = NULL;
    *batch = vic_session_batch(session);
    if (data->count < *batch)
        *batch = data->count;
    vic_status status = vic_allocate(data->count, sizeof *order, &order);
    if (status == VIC_OK)
        status = vic_allocate(*batch, sizeof *classes, &classes);
    if (status == VIC_OK) {
        vic_shuffle(data->count, session->config->seed, 0, order);
        status = vic_feed(session->inference, data, order, *batch, classes);
    }
    vic_release(&order);
    vic_release(&classes);
    return vic_group_agree(session->group, status);
}

static vic_status verify_first_batch(vic_session *session, const vic_command_line *line) {
    vic_dataset *training = NULL;
    size_t batch = 0;
    if (session->config->data.train_inputs.n == 0)
        return vic_fail(VIC_BAD_CONFIG,
                        "%s: no section data.train to take a batch from: give one with --batch",
                        session->config->path);
    VIC_TRY(vic_session_assemble(session, vic_session_batch(session), true, session->config->inference,
                                 line->weights));
    VIC_TRY(vic_session_open_data(session, true, &training));
    vic_status status = feed_first_batch(session, vic_dataset_source(training), &batch);
    vic_dataset_close(&training);
    return status == VIC_OK ? judge(session, line, batch) : status;
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    vic_session session;
    vic_status status = vic_session_open(&session, group, line);
    if (status == VIC_OK)
        status = line->batch ? verify_file(&session, line) : verify_first_batch(&session, line);
    vic_session_close(&session);
    return status;
}

static const vic_command_option *const options[] = {
    &vic_option_weights, &vic_option_batch, &vic_option_set, &vic_option_json, NULL,
};

const vic_command vic_command_verify = {
    .name = "verify",
    .summary = "updates against exact and against the law, per layer; exit code 1 on a miss",
    .description = "Runs exact (backpropagation as messages) and the configured algorithm on one batch and "
                   "compares the\n"
                   "updates of every layer: relative error, angle, the largest difference in units in the "
                   "last place, and\n"
                   "the measured length beside the law P[Binomial(n-1, eta) >= L-l]. Fixed-prediction in "
                   "error coordinates\n"
                   "passes or fails; strict and belief coordinates are reported.\n",
    .example =
        "mpirun -np 5 vicinal verify configs/digits.yaml --set inference.eta=0.1 --set inference.steps=20",
    .options = options,
    .run = run,
};
