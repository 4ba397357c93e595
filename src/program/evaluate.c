#include "json.h"
#include "program.h"

#include "base/pool.h"
#include "tensors/predictions.h"

static vic_status print_metrics(const vic_session *session, const vic_metrics *metrics, bool json) {
    int ranks = vic_group_size(session->group);
    if (json)
        return vic_json_print(json_pack("{s:o, s:o, s:i, s:i, s:I}", "test_accuracy",
                                        vic_json_number(metrics->accuracy), "test_loss",
                                        vic_json_number(metrics->loss), "ranks", ranks, "threads",
                                        vic_pool_threads(), "samples", (json_int_t)metrics->samples));
    printf("test accuracy %.2f %%, test loss %.6g (%zu samples, %d rank%s)\n", 100 * metrics->accuracy,
           metrics->loss, metrics->samples, ranks, ranks == 1 ? "" : "s");
    return VIC_OK;
}

/* Predictions are written as they come: a batch of them is in memory. */
static vic_status evaluate_and_write(vic_session *session, const vic_source *data, const char *path,
                                     vic_metrics *metrics) {
    vic_predictions predictions;
    vic_learning_callbacks callbacks = {.context = &predictions, .swept = vic_predictions_put};
    vic_status status = vic_predictions_open(&predictions, session->inference, data->count, path);
    if (status == VIC_OK)
        status = vic_evaluate(session->inference, data, &callbacks, metrics);
    return vic_predictions_close(&predictions, status);
}

static vic_status evaluate(vic_session *session, const vic_command_line *line) {
    const vic_config *config = session->config;
    vic_dataset *test = NULL;
    vic_metrics metrics;
    vic_demand demand = {
        .capacity = vic_session_batch(session),
        .test_data = true,
        .sweeps = true,
        .options = config->inference,
    };
    VIC_TRY(vic_session_need_data(session, config->data.test_inputs, "test"));
    VIC_TRY(vic_session_assemble(session, &demand, line->weights));
    VIC_TRY(vic_session_open_data(session, false, &test));
    const vic_source *data = vic_dataset_source(test);
    vic_status status = line->out ? evaluate_and_write(session, data, line->out, &metrics)
                                  : vic_evaluate(session->inference, data, NULL, &metrics);
    vic_dataset_close(&test);
    if (status == VIC_OK && vic_session_prints(session))
        status = print_metrics(session, &metrics, line->json);
    return status;
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    vic_session session;
    vic_status status = vic_session_open(&session, group, line);
    if (status == VIC_OK)
        status = evaluate(&session, line);
    vic_session_close(&session);
    return status;
}

static const vic_command_option option_out = {
    "out", "F", "write `prediction`, `class` and `target` of every sample, a safetensors file", false};

static const vic_command_option *const options[] = {
    &vic_option_weights_required, &vic_option_rename, &option_out, &vic_option_set,
    &vic_option_detect_anomalies, &vic_option_json,   NULL,
};

const vic_command vic_command_evaluate = {
    .name = "evaluate",
    .summary = "loss and accuracy on the test data",
    .description =
        "Sends the config's test data through the network, predictions only. With --out the outputs of every "
        "sample are\n"
        "written in the order of the data: `prediction` (samples, ...), and as int64 (samples) `class`, "
        "the place of the\n"
        "largest output, and `target`, the label less data.label_offset.\n",
    .example = "vicinal evaluate configs/digits.yaml --weights runs/digits/weights.safetensors",
    .options = options,
    .run = run,
};
