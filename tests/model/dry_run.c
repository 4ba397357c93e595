/* What is predicted is what happens: every rank sends, posts receives and waits in the order of its dry run,
 * whatever the algorithm, its settings, the network and the placement. */
#include "model/dry_run.h"
#include "support/graph.h"
#include "support/learner.h"
#include "support/together.h"

#include <stdio.h>

enum { BATCH = 3 };

typedef struct setting {
    const char *algorithm;
    double eta;
    int steps;
    bool always, initial, beliefs;
    int microbatches;
} setting;

static const setting settings[] = {
    {"exact", 1, 1, false, false, false, 1},
    {"exact", 0.5, 3, true, false, true, 1},
    {"exact", 1, 1, false, false, false, 2},
    {"exact", 1, 1, false, false, false, 9},
    {"fixed-prediction", 1, 3, false, false, false, 1},
    {"fixed-prediction", 1, 9, false, false, false, 1},
    {"fixed-prediction", 0.3, 9, false, false, false, 1},
    {"fixed-prediction", 0.3, 9, true, false, false, 1},
    {"fixed-prediction", 0.3, 9, false, false, true, 1},
    {"fixed-prediction", 1, 7, false, false, true, 1},
    {"strict", 0.1, 3, false, false, false, 1},
    {"strict", 0.1, 12, false, false, false, 1},
    {"strict", 0.1, 9, true, false, false, 1},
    {"strict", 0.1, 9, false, true, false, 1},
    {"strict", 0.1, 9, false, false, true, 1},
    {"strict", 0.1, 9, true, true, true, 1},
    {"augmented-lagrangian", 0.1, 3, false, false, false, 1},
    {"augmented-lagrangian", 0.1, 9, true, false, true, 1},
    {"augmented-lagrangian", 0.1, 9, false, true, false, 1},
    {"incremental", 0.1, 3, false, false, true, 1},
    {"incremental", 0.1, 9, false, false, true, 1},
    {"incremental", 0.1, 9, true, true, true, 1},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static vic_inference_options options_of(const setting *s) {
    return (vic_inference_options){
        .algorithm = vic_algorithm_find(s->algorithm),
        .eta = s->eta,
        .steps = s->steps,
        .penalty = 2,
        .dual_rate = 0.5,
        .always = s->always,
        .initial_beliefs = s->initial,
        .microbatches = s->microbatches,
        .coordinates = s->beliefs ? VIC_COORDINATES_BELIEF : VIC_COORDINATES_ERROR,
    };
}

/* Clearing is left out: what has to have left before an inference has no place in its dry run. */
static bool counts(vic_doing doing) {
    return doing != VIC_COMPUTING && doing != VIC_CLEARING;
}

static size_t next_span(const vic_span *spans, size_t count, size_t i) {
    while (i < count && !counts(spans[i].doing))
        i++;
    return i;
}

static bool alike(const vic_span *a, const vic_span *b) {
    return a->doing == b->doing && a->population == b->population && a->edge == b->edge &&
           a->kind == b->kind && a->step == b->step && a->microbatch_index == b->microbatch_index;
}

/* "" or what differs. */
static const char *compare(vic_rank_timeline predicted, const vic_span *spans, size_t count) {
    static char text[200];
    size_t s = next_span(spans, count, 0), n = next_span(predicted.spans, predicted.count, 0), i = 0;
    while (s < count && n < predicted.count) {
        const vic_span *a = &predicted.spans[n], *b = &spans[s];
        if (!alike(a, b)) {
            snprintf(text, sizeof text,
                     "message %zu: doing %d for %d on %d, step %d, and not %d for %d on %d, step %d", i,
                     (int)a->doing, a->population, a->edge, a->step, (int)b->doing, b->population, b->edge,
                     b->step);
            return text;
        }
        s = next_span(spans, count, s + 1);
        n = next_span(predicted.spans, predicted.count, n + 1);
        i++;
    }
    return s == count ? (n == predicted.count ? "" : "more is predicted than happens")
                      : "more happens than is predicted";
}

static vic_link_piece piece = {.latency = 1e-6, .gap_per_byte = 1e-9, .send = 1e-7, .receive = 1e-7};
static vic_machine machine = {
    .nodes = 1,
    .cores = 32,
    .speed = {{.products = 1e9, .bandwidth = 1e9}, {.products = 1e9, .bandwidth = 1e9}},
    .node = {1, &piece},
    .network = {1, &piece},
};

static void assert_as_predicted(const vic_network *network, const setting *s) {
    static int rank_of[32];
    vic_group *group = together_group();
    vic_inference *x;
    vic_dry_run *run;
    size_t count;
    together_place(network, vic_group_size(group), rank_of);
    bool learns = vic_algorithm_traits_of(options_of(s).algorithm)->learns_in_steps;
    together_assert_ok(vic_inference_create(&x, group, network, rank_of, BATCH, learns, options_of(s)));
    if (learns)
        learner_attach(x, "sgd", true);
    graph_feed(x, BATCH, 1);
    vic_timeline *timeline = vic_wiring_timeline(vic_inference_wiring(x));
    vic_timeline_start(timeline);
    together_assert_ok(vic_inference_run(x, BATCH));
    together_assert_ok(vic_timeline_stop(timeline));
    together_assert_ok(vic_dry_run_create(&run, &machine, network, rank_of, BATCH, options_of(s)));
    together_assert_ok(vic_dry_run_play(run, false, true));
    const vic_span *spans = vic_timeline_spans(timeline, &count);
    int me = vic_group_rank(group);
    const char *difference = compare(
        me < vic_dry_run_ranks(run) ? vic_dry_run_records(run)[me] : (vic_rank_timeline){0}, spans, count);
    together_assert_msg(*difference == '\0', "%s, eta %g, %d steps: %s", s->algorithm, s->eta, s->steps,
                        difference);
    vic_dry_run_destroy(&run);
    vic_inference_destroy(&x);
}

START_TEST(a_chain_goes_as_predicted) {
    vic_network *network = graph_any_chain(VIC_FLOAT32, 5);
    assert_as_predicted(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(two_populations_go_as_predicted) {
    vic_network *network = graph_any_chain(VIC_FLOAT64, 1);
    assert_as_predicted(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_graph_goes_as_predicted) {
    vic_network *network = graph_dag(VIC_FLOAT32);
    assert_as_predicted(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_bypass_goes_as_predicted) {
    vic_network *network = graph_bypass(VIC_FLOAT32);
    assert_as_predicted(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(every_algorithm_can_be_predicted) {
    size_t n;
    const vic_algorithm *const *all = vic_algorithms(&n);
    vic_network *network = graph_any_chain(VIC_FLOAT32, 2);
    static const int rank_of[] = {0, 1, 2};
    for (size_t i = 0; i < n; i++) {
        vic_dry_run *run;
        vic_inference_options options = {
            .algorithm = all[i], .eta = 1, .steps = 2, .penalty = 1, .dual_rate = 1};
        together_assert_ok(vic_dry_run_create(&run, &machine, network, rank_of, BATCH, options));
        vic_dry_run_destroy(&run);
    }
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("model/dry_run");
    TCase *test = tcase_create("dry run");
    tcase_add_loop_test(test, a_chain_goes_as_predicted, 0, SETTINGS);
    tcase_add_loop_test(test, two_populations_go_as_predicted, 0, SETTINGS);
    tcase_add_loop_test(test, a_graph_goes_as_predicted, 0, SETTINGS);
    tcase_add_loop_test(test, a_bypass_goes_as_predicted, 0, SETTINGS);
    tcase_add_test(test, every_algorithm_can_be_predicted);
    tcase_set_timeout(test, 60);
    suite_add_tcase(suite, test);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
