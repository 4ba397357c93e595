#include "program.h"

#include "observe/audit/audit.h"

#include <errno.h>
#include <string.h>

vic_status vic_set_transport(vic_group *group, const vic_command_line *line) {
    vic_transport_choice transport;
    if (line->transport == NULL)
        return VIC_OK;
    if (vic_transport_find(line->transport, &transport) != VIC_OK)
        return vic_fail(VIC_BAD_CONFIG, "--%s", vic_error_text());
    vic_group_set_transport(group, transport);
    return VIC_OK;
}

bool vic_session_prints(const vic_session *session) {
    return vic_group_rank(session->group) == 0;
}

vic_status vic_session_open(vic_session *session, vic_group *group, const vic_command_line *line) {
    *session = (vic_session){.group = group, .renames = {line->n_renames, line->renames}};
    char *text = NULL;
    size_t size = 0;
    vic_status status = VIC_OK;
    if (vic_group_rank(group) == 0)
        status = vic_read_file(line->config, VIC_BAD_CONFIG, &text, &size);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = vic_group_broadcast(group, &text, &size);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, vic_config_parse(&session->config, line->config, text, size,
                                                                   line->overrides, line->n_overrides));
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, vic_session_prints(session)
                                                      ? vic_outputs_spare_data(line, &session->config->data)
                                                      : VIC_OK);
    vic_release(&text);
    if (status == VIC_OK)
        vic_group_set_timeout(group, session->config->timeout);
    return status;
}

static void warn_of_idle_ranks(const vic_session *session) {
    int ranks = vic_group_size(session->group), populations = session->config->network->n_populations;
    if (vic_session_prints(session) && ranks > populations)
        fprintf(stderr, "warning: %d populations on %d ranks: %d rank%s idle\n", populations, ranks,
                ranks - populations, ranks - populations == 1 ? " stays" : "s stay");
}

static void draw_parameters(vic_session *session) {
    for (int id = 0; id < session->config->network->n_populations; id++) {
        vic_population *population = vic_inference_population(session->inference, id);
        if (population)
            vic_population_initialise(population, session->config->seed);
        if (population && session->config->grain > 0)
            vic_population_round(population, session->config->grain);
    }
}

vic_status vic_session_place(vic_session *session, int ranks) {
    const vic_network *network = session->config->network;
    vic_status status =
        vic_allocate((size_t)network->n_populations, sizeof *session->rank_of, &session->rank_of);
    if (status == VIC_OK)
        status = vic_inference_place(network, session->config->inference, ranks, session->rank_of);
    return vic_group_agree_on_status(session->group, status);
}

/* Once: a sweep makes many inferences. */
static void print_transport_note(const vic_session *session) {
    static bool printed;
    const char *note = vic_wiring_note(vic_inference_wiring(session->inference));
    if (note && !printed && vic_session_prints(session))
        fprintf(stderr, "%s\n", note);
    printed = printed || note;
}

vic_status vic_session_populate(vic_session *session, const vic_demand *demand, const char *weights) {
    VIC_TRY(vic_check_memory(session, demand));
    VIC_TRY(vic_inference_create(&session->inference, session->group, session->config->network,
                                 session->rank_of, demand->capacity, vic_demand_learns(demand),
                                 demand->options));
    print_transport_note(session);
    if (!demand->trains)
        VIC_TRY(vic_session_learn(session->config, demand, session->inference, &session->learner));
    if (weights == NULL || vic_arithmetic_is_dry()) {
        draw_parameters(session);
        return VIC_OK;
    }
    int64_t epoch = -1;
    vic_status status = vic_weights_read_from(session->inference, weights, session->renames, &epoch);
    VIC_TRY(vic_group_agree_on_status(session->group, status));
    if (epoch >= 0 && vic_session_prints(session))
        fprintf(stderr, "%s: a checkpoint: its weights after epoch %lld are taken\n", weights,
                (long long)epoch);
    return VIC_OK;
}

vic_status vic_session_assemble(vic_session *session, const vic_demand *demand, const char *weights) {
    VIC_TRY(vic_session_place(session, vic_group_size(session->group)));
    warn_of_idle_ranks(session);
    if (vic_session_prints(session))
        vic_print_forecast(session->config, session->rank_of, demand, true);
    return vic_session_populate(session, demand, weights);
}

vic_status vic_session_feed(vic_session *session, const vic_source *data, size_t batch) {
    size_t *order = NULL;
    int64_t *classes = NULL;
    vic_status status = vic_allocate(data->count, sizeof *order, &order);
    if (status == VIC_OK)
        status = vic_allocate(batch, sizeof *classes, &classes);
    if (status == VIC_OK) {
        vic_shuffle(data->count, session->config->seed, 0, order);
        status = vic_feed(session->inference, data, order, batch, classes);
    }
    vic_release(&order);
    vic_release(&classes);
    return vic_group_agree_on_status(session->group, status);
}

void vic_session_depopulate(vic_session *session) {
    vic_trainer_destroy(&session->learner);
    vic_inference_destroy(&session->inference);
}

void vic_session_close(vic_session *session) {
    vic_session_depopulate(session);
    vic_release(&session->rank_of);
    vic_config_destroy(&session->config);
}

vic_status vic_session_need_data(const vic_session *session, vic_file_list inputs, const char *what) {
    if (inputs.n > 0)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "%s: the section data.%s with inputs and labels is missing",
                    session->config->path, what);
}

vic_status vic_session_need_learning(const vic_session *session, const char *command) {
    if (session->config->has_learning)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG,
                    "%s: the section learning is missing, %s needs its optimizer, batch and epochs",
                    session->config->path, command);
}

vic_status vic_session_open_data(vic_session *session, bool training, vic_dataset **dataset) {
    const vic_data_options *data = &session->config->data;
    vic_status status = VIC_OK;
    if (session->rank_of[0] == vic_group_rank(session->group))
        status = vic_columns_check(data->format, data->reading, data->train_inputs, data->test_inputs);
    VIC_TRY(vic_group_agree_on_status(session->group, status));
    VIC_TRY(vic_dataset_open(dataset, session->group, session->config->network, session->rank_of,
                             data->format, data->reading, training ? data->train_inputs : data->test_inputs,
                             training ? data->train_labels : data->test_labels, data->scale));
    vic_audit_add_data(*dataset, session->config->network);
    if (vic_dataset_note(*dataset))
        fprintf(stderr, "%s\n", vic_dataset_note(*dataset));
    return VIC_OK;
}

vic_status vic_session_cut(const vic_session *session, size_t batch, vic_status on_error) {
    int microbatches = session->config->inference.microbatches;
    if ((size_t)microbatches <= batch)
        return VIC_OK;
    return vic_fail(on_error, "%s: a batch of %zu sample%s cannot be cut into %d: inference.microbatches",
                    session->config->path, batch, batch == 1 ? "" : "s", microbatches);
}

vic_status vic_session_batch_files(const vic_session *session, const vic_command_line *line,
                                   vic_batch_files *files) {
    *files = (vic_batch_files){line->batch, line->target, session->config->data.reading.label_offset};
    if (line->target && line->batch == NULL)
        return vic_fail(VIC_BAD_CONFIG, "--target %s: give the input too, with --batch", line->target);
    return VIC_OK;
}

size_t vic_session_batch(const vic_session *session) {
    enum { DEFAULT_BATCH = 64 };
    return session->config->has_learning ? session->config->learning.batch : DEFAULT_BATCH;
}
