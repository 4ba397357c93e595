/* A recording holds what happened, step by step, and the inference that it was made of is like any other. */
#include "observe/recording.h"
#include "observe/cost.h"
#include "support/digest.h"
#include "support/graph.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <string.h>

enum { BATCH = 5, MOST = 16, STEPS = 7, SAMPLES = 2 };

static const char chain[] = "linear 8, tanh | linear 7, relu | linear 6, sigmoid | linear 4";
static const size_t samples[SAMPLES] = {3, 0};

typedef struct subject {
    vic_network *network;
    int rank_of[MOST];
    vic_inference *x;
} subject;

static void open_subject(subject *s, vic_network *network, vic_inference_options options) {
    *s = (subject){.network = network};
    together_place(network, together_size(), s->rank_of);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), network, s->rank_of, BATCH, true, options));
}

static void open_chain(subject *s, vic_precision precision, vic_inference_options options) {
    open_subject(s, net_chain(precision, (vic_shape){1, {9}}, chain, "cross-entropy", VIC_MEAN), options);
    net_data data = net_data_of(s->network, BATCH, 1);
    net_give(s->x, net_draw(s->network, 1));
    net_feed(s->x, &data);
}

static void open_graph(subject *s, vic_inference_options options) {
    open_subject(s, graph_dag(VIC_FLOAT64), options);
    graph_feed(s->x, BATCH, 1);
}

static void close_subject(subject *s) {
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}

static vic_recording *record(subject *s) {
    vic_recording *r;
    together_assert_ok(vic_recording_create(&r, s->x, BATCH, SAMPLES, samples));
    return r;
}

/* Every algorithm, coordinate system and kind of silence. */
enum { VARIANTS = 20 };

static vic_inference_options variant(int i) {
    const char *names[] = {"fixed-prediction", "strict"};
    vic_inference_options options = net_options(i < 16 ? names[i % 2] : "exact", i / 2 % 2 ? 1 : 0.3, STEPS);
    options.coordinates = i / 4 % 2 ? VIC_COORDINATES_BELIEF : VIC_COORDINATES_ERROR;
    options.always = i / 8 % 2;
    options.initial_beliefs = i % 4 == 1 && i < 16;
    return options;
}

/* ---- what is compared ---- */

/* The recorded samples of (features, batch), which lies on the rank of the population; on rank 0. */
static double *fetch(subject *s, int population, const void *array) {
    size_t n = vic_shape_count(s->network->shapes[population]);
    double *chosen = scrap(n * SAMPLES, sizeof *chosen);
    for (size_t k = 0; array && k < SAMPLES; k++)
        for (size_t i = 0; i < n; i++)
            chosen[k * n + i] = real_at(s->network->precision, array, i * BATCH + samples[k]);
    together_assert_ok(vic_group_fetch(together_group(), s->rank_of, population, n * SAMPLES, chosen));
    return chosen;
}

static bool same(const subject *s, int population, const double *a, const double *b) {
    size_t n = vic_shape_count(s->network->shapes[population]) * SAMPLES;
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static const double *state(const vic_recording *r, int population, vic_quantity quantity, int step) {
    return vic_recording_state(r, population, quantity, step, 0);
}

static void assert_state(subject *s, const vic_recording *r, int population, vic_quantity quantity, int step,
                         const void *array) {
    const double *there = fetch(s, population, array), *here = there;
    if (together_rank() == 0)
        here = state(r, population, quantity, step);
    together_assert_msg(same(s, population, here, there),
                        "%s, population %d, quantity %d, step %d: %.17g was recorded, %.17g found",
                        vic_algorithm_name(vic_inference_get_options(s->x).algorithm), population,
                        (int)quantity, step, here[0], there[0]);
}

/* An inference of so many steps ends with what was recorded of that step. */
static void compare_with_shorter(subject *s, const vic_recording *r, vic_inference_options options,
                                 int step) {
    options.steps = step;
    together_assert_ok(vic_inference_set_options(s->x, options));
    together_assert_ok(vic_inference_run(s->x, BATCH));
    for (int p = 1; p < s->network->n_populations; p++) {
        assert_state(s, r, p, VIC_QUANTITY_ERROR, step, vic_inference_recorded_error(s->x, p));
        assert_state(s, r, p, VIC_QUANTITY_BELIEF, step, vic_inference_recorded_belief(s->x, p));
        if (!options.initial_beliefs)
            assert_state(s, r, p, VIC_QUANTITY_PREDICTION, 0, vic_inference_recorded_prediction(s->x, p));
    }
}

START_TEST(every_step_ends_as_a_shorter_inference) {
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        subject s;
        open_chain(&s, (vic_precision)precision, variant(_i));
        vic_recording *r = record(&s);
        for (int step = 1; step <= vic_recording_steps(r); step++)
            compare_with_shorter(&s, r, variant(_i), step);
        vic_recording_destroy(&r);
        close_subject(&s);
    }
}
END_TEST

static digest digest_of(subject *s) {
    digest d = digest_new(s->network);
    digest_add(d, s->x, BATCH);
    return d;
}

START_TEST(recording_changes_nothing) {
    subject s;
    open_chain(&s, VIC_FLOAT32, variant(_i));
    together_assert_ok(vic_inference_run(s.x, BATCH));
    digest alone = digest_of(&s);
    vic_recording *r = record(&s);
    digest recorded = digest_of(&s);
    digest_collect(alone, s.x);
    digest_collect(recorded, s.x);
    int differs = digest_difference(s.network, alone, recorded);
    together_assert_msg(differs < 0, "population %d differs", differs);
    vic_recording_destroy(&r);
    close_subject(&s);
}
END_TEST

/* Of an inference that is not recorded, the ledger counts the messages of this one. */
static void assert_messages(subject *s, const vic_recording *r) {
    vic_communication c;
    together_assert_ok(vic_communication_measure(&c, s->x, BATCH, 1));
    for (int e = 0; e < s->network->n_edges; e++)
        for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++)
            for (int step = 0; step <= vic_recording_steps(r); step++) {
                bool sent = together_rank() == 0 &&
                            vic_communication_at(&c, e, (vic_message_kind)kind, step).messages > 0;
                bool recorded = together_rank() == 0 &&
                                vic_recording_message(r, e, (vic_message_kind)kind, step, 0) != NULL;
                together_assert_msg(sent == recorded, "edge %d, %s, step %d: sent %d, recorded %d", e,
                                    vic_message_kind_name((vic_message_kind)kind), step, sent, recorded);
            }
    vic_communication_release(&c);
}

/* An error is sent as it is; predictions add up to what is recorded of them. */
static bool is_sent_as_held(const subject *s, const vic_recording *r, int step) {
    bool kept = true;
    for (int p = 1; p < s->network->n_populations; p++) {
        size_t n = vic_shape_count(s->network->shapes[p]);
        double *sum = scrap(n, sizeof *sum);
        bool received = false;
        for (int e = 0; e < s->network->n_edges; e++) {
            if (s->network->edges[e].to != p)
                continue;
            const double *error = vic_recording_message(r, e, VIC_ERROR, step, 1);
            const double *prediction = vic_recording_message(r, e, VIC_PREDICTION, step, 1);
            for (size_t i = 0; i < n; i++) {
                kept =
                    kept && (!error || error[i] == vic_recording_state(r, p, VIC_QUANTITY_ERROR, step, 1)[i]);
                sum[i] += prediction ? prediction[i] : 0;
            }
            received = received || prediction;
        }
        for (size_t i = 0; received && step == 0 && i < n; i++)
            kept = kept && sum[i] == vic_recording_state(r, p, VIC_QUANTITY_PREDICTION, step, 1)[i];
    }
    return kept;
}

static void check_messages(subject *s) {
    vic_recording *r = record(s);
    assert_messages(s, r);
    for (int step = 0; step <= vic_recording_steps(r); step++)
        together_assert_msg(together_rank() != 0 || is_sent_as_held(s, r, step), "in step %d", step);
    vic_recording_destroy(&r);
    close_subject(s);
}

START_TEST(messages_are_those_sent) {
    subject s;
    open_chain(&s, VIC_FLOAT64, variant(_i));
    check_messages(&s);
    open_graph(&s, variant(_i));
    check_messages(&s);
}
END_TEST

/* What a population does with what it holds: the rule of its algorithm, from one step to the next. */
static double moved(const vic_recording *r, vic_inference_options options, int p, int step, size_t i) {
    double error = state(r, p, VIC_QUANTITY_ERROR, step)[i];
    double feedback = state(r, p, VIC_QUANTITY_FEEDBACK, step)[i];
    if (strcmp(vic_algorithm_name(options.algorithm), "exact") == 0)
        return state(r, p, VIC_QUANTITY_BELIEF, 0)[i] - feedback;
    return state(r, p, VIC_QUANTITY_BELIEF, step - 1)[i] + options.eta * (error - feedback);
}

START_TEST(beliefs_move_by_the_rule) {
    subject s;
    vic_inference_options options = variant(_i);
    open_chain(&s, VIC_FLOAT64, options);
    vic_recording *r = record(&s);
    for (int p = 1; together_rank() == 0 && p < vic_network_output(s.network); p++)
        for (int step = 1; step <= vic_recording_steps(r); step++)
            for (size_t i = 0; i < vic_shape_count(s.network->shapes[p]); i++)
                ck_assert_double_eq_tol(moved(r, options, p, step, i),
                                        state(r, p, VIC_QUANTITY_BELIEF, step)[i], 1e-14);
    vic_recording_destroy(&r);
    close_subject(&s);
}
END_TEST

/* Nothing is fed back before an error has come, also when an inference has gone before. */
START_TEST(feedback_begins_with_the_first_error) {
    subject s;
    open_chain(&s, VIC_FLOAT64, variant(_i));
    together_assert_ok(vic_inference_run(s.x, BATCH));
    vic_recording *r = record(&s);
    for (int p = 1; together_rank() == 0 && p < vic_network_output(s.network); p++) {
        bool received = false;
        for (int step = 0; step <= vic_recording_steps(r); step++) {
            received = received || vic_recording_message(r, p, VIC_ERROR, step, 0);
            ck_assert(received || *state(r, p, VIC_QUANTITY_FEEDBACK, step) == 0);
        }
    }
    vic_recording_destroy(&r);
    close_subject(&s);
}
END_TEST

/* The loss is known after the sweep; where beliefs start at vhat it is the same one step later. */
START_TEST(the_output_errs_from_the_sweep_on) {
    subject s;
    vic_inference_options options = variant(_i);
    options.initial_beliefs = false;
    open_chain(&s, VIC_FLOAT64, options);
    vic_recording *r = record(&s);
    int output = vic_network_output(s.network);
    for (size_t i = 0; together_rank() == 0 && i < vic_shape_count(s.network->shapes[output]); i++) {
        ck_assert_double_ne(state(r, output, VIC_QUANTITY_ERROR, 0)[i], 0);
        ck_assert_double_eq(state(r, output, VIC_QUANTITY_ERROR, 0)[i],
                            state(r, output, VIC_QUANTITY_ERROR, 1)[i]);
    }
    vic_recording_destroy(&r);
    close_subject(&s);
}
END_TEST

/* Under strict in error coordinates beliefs are vhat and a displacement; no other algorithm has one. */
START_TEST(displacements_are_those_of_strict) {
    subject s;
    vic_inference_options options = variant(_i);
    bool strict = strcmp(vic_algorithm_name(options.algorithm), "strict") == 0;
    bool displaced = strict && options.coordinates == VIC_COORDINATES_ERROR;
    open_chain(&s, VIC_FLOAT64, options);
    vic_recording *r = record(&s);
    for (int p = 1; together_rank() == 0 && p < vic_network_output(s.network); p++)
        for (int step = 0; step <= vic_recording_steps(r); step++) {
            double vhat = vic_recording_message(r, p - 1, VIC_PREDICTION, 0, 0)[0];
            double d = state(r, p, VIC_QUANTITY_DISPLACEMENT, step)[0];
            double away = displaced ? state(r, p, VIC_QUANTITY_BELIEF, step)[0] - vhat : 0;
            ck_assert_double_eq_tol(d, away, 1e-15);
        }
    vic_recording_destroy(&r);
    close_subject(&s);
}
END_TEST

START_TEST(energies_are_those_of_the_inference) {
    subject s;
    double totals[STEPS + 1];
    open_chain(&s, VIC_FLOAT32, variant(_i));
    vic_recording *r = record(&s);
    together_assert_ok(vic_inference_collect_energy(s.x, totals));
    for (int step = 0; step <= vic_recording_steps(r); step++)
        together_assert(together_rank() != 0 || vic_recording_free_energy(r, step) == totals[step]);
    vic_recording_destroy(&r);
    close_subject(&s);
}
END_TEST

START_TEST(leaves_what_was_configured) {
    subject s;
    vic_inference_options options = variant(_i);
    options.record = false;
    open_chain(&s, VIC_FLOAT64, options);
    vic_recording *r = record(&s);
    together_assert(!vic_inference_get_options(s.x).record);
    vic_recording_destroy(&r);
    close_subject(&s);
}
END_TEST

START_TEST(what_is_not_finite_is_reported) {
    subject s;
    vic_recording *r;
    open_chain(&s, VIC_FLOAT32, net_options("strict", 1e30, STEPS));
    vic_status status = vic_recording_create(&r, s.x, BATCH, SAMPLES, samples);
    together_assert(status == VIC_NOT_FINITE && r == NULL);
    close_subject(&s);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("recording");
    TCase *tests = tcase_create("recording");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, every_step_ends_as_a_shorter_inference, 0, VARIANTS);
    tcase_add_loop_test(tests, recording_changes_nothing, 0, VARIANTS);
    tcase_add_loop_test(tests, messages_are_those_sent, 0, VARIANTS);
    tcase_add_loop_test(tests, beliefs_move_by_the_rule, 0, VARIANTS);
    tcase_add_loop_test(tests, feedback_begins_with_the_first_error, 0, VARIANTS);
    tcase_add_loop_test(tests, the_output_errs_from_the_sweep_on, 0, VARIANTS);
    tcase_add_loop_test(tests, displacements_are_those_of_strict, 0, VARIANTS);
    tcase_add_loop_test(tests, energies_are_those_of_the_inference, 0, VARIANTS);
    tcase_add_loop_test(tests, leaves_what_was_configured, 0, 3);
    tcase_add_test(tests, what_is_not_finite_is_reported);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
