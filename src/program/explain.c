/* vicinal explain: one inference, step by step. */
#include "explain_json.h"
#include "program.h"

#include <string.h>

enum { MOST_NUMBERS = 1000000, MOST_SAMPLES = 64 };

/* ---- limits ---- */

static bool is_chain(const vic_network *network) {
    for (int e = 0; e < network->n_edges; e++)
        if (network->edges[e].from != e || network->edges[e].to != e + 1)
            return false;
    return true;
}

/* Over other wires the message received is not the message sent. */
static vic_status check_kind(const vic_session *session) {
    if (!is_chain(session->config->network))
        return vic_fail(VIC_BAD_CONFIG, "%s: explain tells of chains alone", session->config->path);
    if (session->config->inference.wires)
        return vic_fail(VIC_BAD_CONFIG,
                        "%s: explain tells of perfect wires alone: leave out what channels says of "
                        "them, or see what they do with vicinal verify",
                        session->config->path);
    return VIC_OK;
}

static vic_status check_size(const vic_session *session, int steps, size_t batch) {
    const vic_network *network = session->config->network;
    double neurons = 0, parameters = (double)vic_network_parameters(network);
    bool in_steps = vic_algorithm_traits_of(session->config->inference.algorithm)->learns_in_steps;
    double kept = in_steps ? 2 * (steps + 1) * parameters : parameters; /* a gradient and a value a step */
    for (int p = 0; p < network->n_populations; p++)
        neurons += (double)vic_shape_count(network->shapes[p]);
    if (kept <= MOST_NUMBERS && neurons * steps * (double)batch <= MOST_NUMBERS)
        return VIC_OK;
    return vic_fail(
        VIC_BAD_CONFIG,
        "%s: %.0f parameters, and %.0f neurons in %d steps on %zu sample%s are too much to explain: at "
        "most %d of either. Try a network as in configs/lessons",
        session->config->path, parameters, neurons, steps, batch, batch == 1 ? "" : "s", MOST_NUMBERS);
}

static vic_status read_population(vic_explanation *t, const vic_session *session,
                                  const vic_command_line *line) {
    long population = -1;
    VIC_TRY(vic_option_number("population", line->population, 0, vic_network_output(session->config->network),
                              &population));
    t->population = (int)population;
    return VIC_OK;
}

static vic_status read_sample(vic_explanation *t, const vic_command_line *line, size_t samples) {
    long sample = 1;
    VIC_TRY(vic_option_number("sample", line->sample, 1, (long)samples, &sample));
    t->sample = (size_t)sample - 1;
    return VIC_OK;
}

/* ---- the batch ---- */

static vic_status assemble(vic_explanation *t, vic_session *session, const vic_command_line *line) {
    vic_demand demand = {
        .capacity = t->batch, .learns = true, .compares = true, .records = true, .options = t->options};
    int steps = vic_explanation_traits(t)->single_step ? 1 : t->options.steps;
    VIC_TRY(check_size(session, steps, t->batch));
    VIC_TRY(vic_session_place(session, vic_group_size(session->group)));
    return vic_session_populate(session, &demand, line->weights);
}

/* A whole file, of which one sample is explained. */
static vic_status take_file(vic_explanation *t, vic_session *session, const vic_command_line *line) {
    vic_batch_files files;
    vic_batch batch;
    VIC_TRY(vic_session_batch_files(session, line, &files));
    VIC_TRY(vic_group_agree_on_status(session->group,
                                      vic_batch_inspect_whole(files, session->config->network, &batch)));
    t->batch = batch.samples;
    if (t->batch > MOST_SAMPLES)
        return vic_fail(VIC_BAD_FILE, "%s: %zu samples are too many to explain: at most %d", line->batch,
                        t->batch, MOST_SAMPLES);
    VIC_TRY(read_sample(t, line, t->batch));
    t->options.initial_beliefs = vic_explanation_traits(t)->takes_initial_beliefs && batch.initial;
    VIC_TRY(assemble(t, session, line));
    return vic_group_agree_on_status(session->group, vic_batch_read(files, session->inference));
}

/* One sample of the training data, alone, counted in the order of the first epoch. */
static vic_status feed_sample(vic_explanation *t, vic_session *session, const vic_source *data) {
    size_t *order;
    int64_t class;
    vic_status status = vic_allocate(data->count, sizeof *order, &order);
    if (status == VIC_OK) {
        vic_shuffle(data->count, session->config->seed, 0, order);
        status = vic_feed(session->inference, data, order + t->sample, 1, &class);
    }
    vic_release(&order);
    t->sample = 0;
    return vic_group_agree_on_status(session->group, status);
}

static vic_status take_data(vic_explanation *t, vic_session *session, const vic_command_line *line) {
    vic_dataset *training = NULL;
    t->batch = 1;
    VIC_TRY(assemble(t, session, line));
    VIC_TRY(vic_session_open_data(session, true, &training));
    const vic_source *data = vic_dataset_source(training);
    vic_status status = read_sample(t, line, data->count);
    if (status == VIC_OK)
        status = feed_sample(t, session, data);
    vic_dataset_close(&training);
    return status;
}

/* Quarters from -1 to 1. */
static void fill_round(const vic_session *session, uint64_t stream, size_t n, void *values) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(session->config->network->precision);
    arithmetic->fill_uniform(n, session->config->seed, stream, 1, values);
    arithmetic->round_to(n, 0.25, values);
}

/* Without data: round numbers. */
static vic_status take_round_numbers(vic_explanation *t, vic_session *session, const vic_command_line *line) {
    const uint64_t inputs = UINT64_MAX, targets = UINT64_MAX - 1; /* streams of no parameter */
    const vic_network *network = session->config->network;
    size_t outputs = vic_shape_count(network->shapes[vic_network_output(network)]);
    t->batch = 1;
    VIC_TRY(read_sample(t, line, 1));
    VIC_TRY(assemble(t, session, line));
    if (vic_inference_input(session->inference))
        fill_round(session, inputs, vic_shape_count(network->shapes[0]),
                   vic_inference_input(session->inference));
    if (vic_inference_target(session->inference) && network->loss->target_type == VIC_TARGET_VALUES)
        fill_round(session, targets, outputs, vic_inference_target(session->inference));
    else if (vic_inference_target(session->inference))
        *(int64_t *)vic_inference_target(session->inference) = (int64_t)(session->config->seed % outputs);
    return VIC_OK;
}

/* ---- the command ---- */

static vic_status explain(vic_explanation *t, vic_session *session, const vic_command_line *line) {
    t->options = session->config->inference;
    t->options.microbatches = 1;
    VIC_TRY(check_kind(session));
    VIC_TRY(read_population(t, session, line));
    if (line->batch || line->target)
        VIC_TRY(take_file(t, session, line));
    else if (session->config->data.train_inputs.n > 0)
        VIC_TRY(take_data(t, session, line));
    else
        VIC_TRY(take_round_numbers(t, session, line));
    t->name = session->config->name;
    t->inference = session->inference;
    t->learner = session->learner;
    VIC_TRY(vic_explanation_gather(t));
    vic_status status = VIC_OK;
    if (vic_session_prints(session))
        status = line->json ? vic_explanation_print_json(t) : vic_explanation_print(t);
    return vic_group_agree_on_status(session->group, status);
}

static vic_status run(const vic_command_line *line, vic_group *group) {
    vic_session session;
    vic_explanation explanation = {.quiet = line->quiet_steps};
    vic_status status = vic_session_open(&session, group, line);
    if (status == VIC_OK)
        status = explain(&explanation, &session, line);
    vic_explanation_release(&explanation);
    vic_session_close(&session);
    return status;
}

static const vic_command_option option_population = {
    "population", "P", "told from the inside of population P alone (0: the input)", false};
static const vic_command_option option_quiet_steps = {
    "quiet-steps", NULL, "leave silence out: what is not said, and steps in which nobody speaks", false};
static const vic_command_option option_batch = {
    "batch", "F",
    "tensors `input` and `target` in a safetensors file, or the input as .npy (default: one training sample)",
    false};
static const vic_command_option option_sample = {
    "sample", "I", "which sample of the batch, or of the training data, is told (default: 1)", false};

static const vic_command_option *const options[] = {
    &option_population, &option_quiet_steps, &vic_option_weights, &vic_option_rename, &option_batch,
    &vic_option_target, &option_sample,      &vic_option_set,     &vic_option_json,   NULL,
};

const vic_command vic_command_explain = {
    .name = "explain",
    .summary = "one inference, told step by step with its numbers",
    .description = "Runs one inference on one sample and tells what each population knew, what it heard and "
                   "from whom, the\n"
                   "rule that it applied with the numbers in it, and what it said; then the updates that "
                   "follow, beside\n"
                   "backpropagation's. Made for networks that can be followed by hand: of more than 8 "
                   "neurons the first 8\n"
                   "are told. Without data, round numbers are drawn from the seed. configs/lessons has "
                   "networks for it.\n",
    .example = "vicinal explain configs/lessons/02-by-hand.yaml --population 1",
    .options = options,
    .run = run,
};
