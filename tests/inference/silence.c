/* Structural silence by brute force: an inference that sends every message shows which of them change
 * anything, and the schedule must name exactly those. Runs on one rank, where every message can be read. */
#include "inference/infer.h"
#include "support/graph.h"
#include "support/learner.h"
#include "support/together.h"

#include <string.h>

enum { BATCH = 2, MOST_EDGES = 8, MOST_STEPS = 12 };

/* ---- every message that is sent ---- */

typedef struct sent_message {
    bool sent;
    size_t count;
    double value[64];
} sent_message;

static sent_message record[MOST_EDGES][VIC_MESSAGE_KINDS][MOST_STEPS + 2];
static vic_inference *watched;
static const char *optimizer = "sgd"; /* of algorithms that learn in their steps */
static const void *composed;          /* the message under way; messages do not overlap in time on one rank */

/* The linker puts these between populations and their channels. */
vic_status __real_vic_channel_compose(vic_channel *channel, void **message);
vic_status __real_vic_channel_send(vic_channel *channel, int step, size_t count);
vic_status __wrap_vic_channel_compose(vic_channel *channel, void **message);
vic_status __wrap_vic_channel_send(vic_channel *channel, int step, size_t count);

vic_status __wrap_vic_channel_compose(vic_channel *channel, void **message) {
    vic_status status = __real_vic_channel_compose(channel, message);
    composed = *message;
    return status;
}

static sent_message *find(const vic_channel *channel, int step) {
    vic_wiring *wiring = vic_inference_wiring(watched);
    for (int e = 0; e < vic_inference_network(watched)->n_edges; e++)
        for (int k = 0; k < VIC_MESSAGE_KINDS; k++)
            if (vic_wiring_sender(wiring, e, k) == channel)
                return &record[e][k][step];
    return NULL;
}

vic_status __wrap_vic_channel_send(vic_channel *channel, int step, size_t count) {
    sent_message *s = find(channel, step);
    ck_assert_ptr_nonnull(s);
    ck_assert_uint_le(count, sizeof s->value / sizeof s->value[0]);
    ck_assert(!s->sent);
    s->sent = true;
    s->count = count;
    memcpy(s->value, composed, count * sizeof(double));
    return __real_vic_channel_send(channel, step, count);
}

/* ---- running ---- */

static vic_inference_options options_of(const char *algorithm, double eta, int steps,
                                        vic_coordinates coordinates) {
    return (vic_inference_options){.algorithm = vic_algorithm_find(algorithm),
                                   .eta = eta,
                                   .steps = steps,
                                   .coordinates = coordinates,
                                   .penalty = 1.5,
                                   .dual_rate = 0.5};
}

/* An optimiser that goes on moving has learned from a batch before. */
static vic_inference_options learning_options(const char *algorithm, int steps) {
    vic_inference_options options = options_of(algorithm, 0.1, steps, VIC_COORDINATES_BELIEF);
    options.learning.moves_on = strcmp(optimizer, "adam") == 0;
    return options;
}

/* Whose errors reach every population: then an optimiser that goes on moving moves all synapses. */
static void learn_from_a_long_batch(vic_trainer *trainer, vic_inference_options options) {
    vic_inference_options longer = options;
    longer.steps = MOST_STEPS;
    ck_assert_int_eq(vic_inference_set_options(watched, longer), VIC_OK);
    ck_assert_int_eq(vic_inference_run(watched, BATCH), VIC_OK);
    vic_trainer_update(trainer);
    ck_assert_int_eq(vic_inference_set_options(watched, options), VIC_OK);
    memset(record, 0, sizeof record);
}

/* Ends with the inference in `watched` and all its messages in `record`. */
static void run(const vic_network *network, vic_inference_options options) {
    static const int rank_of[MOST_EDGES] = {0};
    memset(record, 0, sizeof record);
    ck_assert_int_eq(vic_inference_create(&watched, together_group(), network, rank_of, BATCH, true, options),
                     VIC_OK);
    vic_trainer *trainer = learner_attach(watched, optimizer, false);
    graph_feed(watched, BATCH, 11);
    if (options.learning.moves_on)
        learn_from_a_long_batch(trainer, options);
    ck_assert_int_eq(vic_inference_run(watched, BATCH), VIC_OK);
}

/* ---- judging ---- */

typedef enum strictness { EXACTLY, AT_LEAST } strictness;

/* Does a message change what its receiver has? Before it, errors count as 0. So do predictions that are
 * changes since the sweep; the others start with the sweep's. */
static bool has_changed(const sent_message *now, const sent_message *last) {
    static const sent_message zero;
    const double *before = last ? last->value : zero.value;
    for (size_t i = 0; i < now->count; i++)
        if (now->value[i] != before[i])
            return true;
    return false;
}

static void judge_line(const vic_schedule *schedule, int edge, vic_message_kind kind,
                       vic_inference_options options, strictness how) {
    bool changes = kind == VIC_ERROR || options.coordinates == VIC_COORDINATES_ERROR;
    const sent_message *last = changes ? NULL : &record[edge][kind][0];
    for (int step = 1; step <= vic_schedule_steps(schedule); step++) {
        const sent_message *now = &record[edge][kind][step];
        bool is_sent = vic_schedule_sends(schedule, edge, kind, step);
        bool arrived = now->sent && has_changed(now, last);
        ck_assert_msg(is_sent || !arrived, "%s on edge %d changes in step %d, but is not sent",
                      vic_message_kind_name(kind), edge, step);
        ck_assert_msg(how == AT_LEAST || arrived || !is_sent,
                      "%s on edge %d is sent in step %d, but has not changed", vic_message_kind_name(kind),
                      edge, step);
        ck_assert(now->sent || !is_sent);
        if (is_sent)
            last = now;
    }
}

/* Takes the network. */
static void judge(vic_network *network, vic_inference_options options, strictness how) {
    vic_schedule *schedule;
    int closing = vic_algorithm_traits_of(options.algorithm)->closing_steps;
    ck_assert_int_eq(vic_schedule_create(&schedule, network, options), VIC_OK);
    ck_assert_int_eq(vic_schedule_steps(schedule), options.steps + closing);
    options.always = true;
    run(network, options);
    for (int e = 0; e < network->n_edges; e++) {
        ck_assert(vic_schedule_sends(schedule, e, VIC_PREDICTION, 0));
        ck_assert(!vic_schedule_sends(schedule, e, VIC_ERROR, 0));
        judge_line(schedule, e, VIC_PREDICTION, options, how);
        judge_line(schedule, e, VIC_ERROR, options, how);
    }
    vic_inference_destroy(&watched);
    vic_schedule_destroy(&schedule);
    vic_network_destroy(&network);
}

static vic_network *(*const graphs[])(vic_precision) = {graph_dag, graph_bypass};

static const vic_coordinates both[] = {VIC_COORDINATES_ERROR, VIC_COORDINATES_BELIEF};

START_TEST(fixed_prediction_sends_exactly_when_an_error_changes) {
    for (int layers = 1; layers <= 6; layers++) {
        judge(graph_any_chain(VIC_FLOAT64, layers), options_of("fixed-prediction", 1, _i, both[0]), EXACTLY);
        judge(graph_any_chain(VIC_FLOAT64, layers), options_of("fixed-prediction", 0.3, _i, both[0]),
              EXACTLY);
    }
}
END_TEST

START_TEST(strict_sends_exactly_when_an_error_or_a_prediction_changes) {
    for (int layers = 1; layers <= 6; layers++)
        for (int c = 0; c < 2; c++)
            judge(graph_any_chain(VIC_FLOAT64, layers), options_of("strict", 0.1, _i, both[c]), EXACTLY);
}
END_TEST

START_TEST(augmented_lagrangian_sends_as_strict_does_one_step_longer) {
    for (int layers = 1; layers <= 6; layers++)
        for (int c = 0; c < 2; c++)
            judge(graph_any_chain(VIC_FLOAT64, layers), options_of("augmented-lagrangian", 0.1, _i, both[c]),
                  EXACTLY);
}
END_TEST

/* With sgd, and with adam, whose moments of earlier batches move every synapse. */
START_TEST(incremental_sends_exactly_when_an_error_or_a_prediction_changes) {
    static const char *const optimizers[] = {"sgd", "adam"};
    for (int o = 0; o < 2; o++) {
        optimizer = optimizers[o];
        for (int layers = 1; layers <= 6; layers++)
            judge(graph_any_chain(VIC_FLOAT64, layers), learning_options("incremental", _i), EXACTLY);
        for (int g = 0; g < 2; g++)
            judge(graphs[g](VIC_FLOAT64), learning_options("incremental", _i), AT_LEAST);
    }
    optimizer = "sgd";
}
END_TEST

/* Rounding may leave an error as it was or move it again; what has changed must be sent all the same. */
START_TEST(fixed_prediction_in_belief_coordinates_hides_nothing) {
    for (int layers = 1; layers <= 6; layers++) {
        judge(graph_any_chain(VIC_FLOAT64, layers), options_of("fixed-prediction", 1, _i, both[1]), AT_LEAST);
        judge(graph_any_chain(VIC_FLOAT64, layers), options_of("fixed-prediction", 0.3, _i, both[1]),
              AT_LEAST);
    }
}
END_TEST

START_TEST(nothing_is_hidden_where_ways_differ_in_length) {
    for (int g = 0; g < 2; g++)
        for (int c = 0; c < 2; c++) {
            judge(graphs[g](VIC_FLOAT64), options_of("fixed-prediction", 1, _i, both[c]), AT_LEAST);
            judge(graphs[g](VIC_FLOAT64), options_of("fixed-prediction", 0.3, _i, both[c]), AT_LEAST);
            judge(graphs[g](VIC_FLOAT64), options_of("strict", 0.1, _i, both[c]), AT_LEAST);
            judge(graphs[g](VIC_FLOAT64), options_of("augmented-lagrangian", 0.1, _i, both[c]), AT_LEAST);
        }
}
END_TEST

/* ---- the same result with and without silence ---- */

enum { MOST_NUMBERS = 4096 };

static size_t copy_gradients(double *to) {
    size_t n = 0;
    for (int id = 0; id < vic_inference_network(watched)->n_populations; id++) {
        const vic_population *p = vic_inference_population(watched, id);
        for (int k = 0; k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                size_t count = vic_parameter_slot_at(p->network, p->out[k].edge_index, i).parameter->count;
                ck_assert_uint_le(n + count, MOST_NUMBERS);
                memcpy(to + n, p->out[k].gradient[i], count * sizeof(double));
                n += count;
            }
    }
    return n;
}

static void compare(const vic_network *network, vic_inference_options options) {
    static double silent[MOST_NUMBERS], loud[MOST_NUMBERS];
    run(network, options);
    size_t n = copy_gradients(silent);
    vic_inference_destroy(&watched);
    options.always = true;
    run(network, options);
    ck_assert_uint_eq(copy_gradients(loud), n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(silent[i] == loud[i], "%s, eta %g, %d steps: gradient %zu is %.17g, not %.17g",
                      vic_algorithm_name(options.algorithm), options.eta, options.steps, i, silent[i],
                      loud[i]);
    vic_inference_destroy(&watched);
}

START_TEST(silence_changes_no_bit_of_the_gradients) {
    for (int g = 0; g < 3; g++) {
        vic_network *network = g < 2 ? graphs[g](VIC_FLOAT64) : graph_any_chain(VIC_FLOAT64, 5);
        for (int c = 0; c < 2; c++) {
            compare(network, options_of("fixed-prediction", 1, _i, both[c]));
            compare(network, options_of("fixed-prediction", 0.3, _i, both[c]));
            compare(network, options_of("strict", 0.1, _i, both[c]));
            compare(network, options_of("augmented-lagrangian", 0.1, _i, both[c]));
        }
        compare(network, learning_options("incremental", _i));
        vic_network_destroy(&network);
    }
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("inference/silence");
    TCase *tests = tcase_create("silence");
    tcase_add_loop_test(tests, fixed_prediction_sends_exactly_when_an_error_changes, 1, MOST_STEPS + 1);
    tcase_add_loop_test(tests, strict_sends_exactly_when_an_error_or_a_prediction_changes, 1, MOST_STEPS + 1);
    tcase_add_loop_test(tests, augmented_lagrangian_sends_as_strict_does_one_step_longer, 1, MOST_STEPS + 1);
    tcase_add_loop_test(tests, incremental_sends_exactly_when_an_error_or_a_prediction_changes, 1,
                        MOST_STEPS + 1);
    tcase_add_loop_test(tests, fixed_prediction_in_belief_coordinates_hides_nothing, 1, MOST_STEPS + 1);
    tcase_add_loop_test(tests, nothing_is_hidden_where_ways_differ_in_length, 1, MOST_STEPS + 1);
    tcase_add_loop_test(tests, silence_changes_no_bit_of_the_gradients, 1, MOST_STEPS + 1);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
