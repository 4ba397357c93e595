/* What is foretold is what happens: every rank speaks, listens and waits in the order of its score, whatever
 * the algorithm, its settings, the network and the placement. */
#include "../../src/study/score.h"

#include "support/graph.h"
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
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static vic_inference_options options_of(const setting *s) {
    return (vic_inference_options){
        .algorithm = vic_algorithm_find(s->algorithm),
        .eta = s->eta,
        .steps = s->steps,
        .always = s->always,
        .initial_beliefs = s->initial,
        .microbatches = s->microbatches,
        .coordinates = s->beliefs ? VIC_COORDINATES_BELIEF : VIC_COORDINATES_ERROR,
    };
}

/* Clearing is left out: what has to have left before an inference has no place in its score. */
static bool counts(vic_doing doing) {
    return doing != VIC_COMPUTING && doing != VIC_CLEARING;
}

static size_t next_span(const vic_span *spans, size_t count, size_t i) {
    while (i < count && !counts(spans[i].doing))
        i++;
    return i;
}

static size_t next_note(const vic_part *part, size_t i) {
    while (i < part->count && !counts(part->notes[i].doing))
        i++;
    return i;
}

static bool alike(const vic_note *note, const vic_span *span) {
    return note->doing == span->doing && note->population == span->population && note->edge == span->edge &&
           note->kind == span->kind && note->step == span->step && note->slice == span->part;
}

/* "" or what differs. */
static const char *compare(const vic_part *part, const vic_span *spans, size_t count) {
    static char text[200];
    size_t s = next_span(spans, count, 0), n = next_note(part, 0), i = 0;
    while (s < count && n < part->count) {
        if (!alike(&part->notes[n], &spans[s])) {
            snprintf(text, sizeof text,
                     "message %zu: doing %d for %d on %d, step %d, and not %d for %d on %d, step %d", i,
                     (int)part->notes[n].doing, part->notes[n].population, part->notes[n].edge,
                     part->notes[n].step, (int)spans[s].doing, spans[s].population, spans[s].edge,
                     spans[s].step);
            return text;
        }
        s = next_span(spans, count, s + 1);
        n = next_note(part, n + 1);
        i++;
    }
    return s == count ? (n == part->count ? "" : "more is foretold than happens")
                      : "more happens than is foretold";
}

static void assert_as_foretold(const vic_network *network, const setting *s) {
    static int rank_of[32];
    vic_group *group = together_group();
    static const vic_part nothing = {0};
    vic_inference *x;
    vic_score *score;
    size_t count;
    vic_place(network, vic_group_size(group), rank_of);
    together_assert_ok(vic_inference_create(&x, group, network, rank_of, BATCH, false, options_of(s)));
    graph_feed(x, BATCH, 1);
    vic_timeline *timeline = vic_wiring_timeline(vic_inference_wiring(x));
    vic_timeline_start(timeline);
    together_assert_ok(vic_inference_run(x, BATCH));
    together_assert_ok(vic_timeline_stop(timeline));
    together_assert_ok(vic_score_create(&score, network, rank_of, BATCH, options_of(s)));
    const vic_span *spans = vic_timeline_spans(timeline, &count);
    int me = vic_group_rank(group);
    const char *difference = compare(me < score->n_ranks ? &score->parts[me] : &nothing, spans, count);
    together_assert_msg(*difference == '\0', "%s, eta %g, %d steps: %s", s->algorithm, s->eta, s->steps,
                        difference);
    vic_score_destroy(&score);
    vic_inference_destroy(&x);
}

START_TEST(a_chain_goes_as_foretold) {
    vic_network *network = graph_any_chain(VIC_FLOAT32, 5);
    assert_as_foretold(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(two_populations_go_as_foretold) {
    vic_network *network = graph_any_chain(VIC_FLOAT64, 1);
    assert_as_foretold(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_graph_goes_as_foretold) {
    vic_network *network = graph_dag(VIC_FLOAT32);
    assert_as_foretold(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_bypass_goes_as_foretold) {
    vic_network *network = graph_bypass(VIC_FLOAT32);
    assert_as_foretold(network, &settings[_i]);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(every_algorithm_can_be_foretold) {
    size_t n;
    const vic_algorithm *const *all = vic_algorithms(&n);
    vic_network *network = graph_any_chain(VIC_FLOAT32, 2);
    static const int rank_of[] = {0, 1, 2};
    for (size_t i = 0; i < n; i++) {
        vic_score *score;
        vic_inference_options options = {.algorithm = all[i], .eta = 1, .steps = 2};
        together_assert_ok(vic_score_create(&score, network, rank_of, BATCH, options));
        vic_score_destroy(&score);
    }
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("study/score");
    TCase *test = tcase_create("score");
    tcase_add_loop_test(test, a_chain_goes_as_foretold, 0, SETTINGS);
    tcase_add_loop_test(test, two_populations_go_as_foretold, 0, SETTINGS);
    tcase_add_loop_test(test, a_graph_goes_as_foretold, 0, SETTINGS);
    tcase_add_loop_test(test, a_bypass_goes_as_foretold, 0, SETTINGS);
    tcase_add_test(test, every_algorithm_can_be_foretold);
    tcase_set_timeout(test, 60);
    suite_add_tcase(suite, test);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
