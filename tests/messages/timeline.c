/* The timeline of an inference has no gaps, has every message at its time and for its population, and clocks
 * agree. */
#include "inference/infer.h"
#include "support/graph.h"
#include "support/learner.h"
#include "support/together.h"

#include <math.h>

enum { LAYERS = 4, BATCH = 3, STEPS = 5 };

static const char *const algorithms[] = {"exact", "fixed-prediction", "strict", "augmented-lagrangian",
                                         "incremental"};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

static vic_network *network;
static int rank_of[LAYERS + 1];
static vic_inference *x;
static vic_timeline *timeline;

static void open_inference(const char *algorithm, bool always, bool learns) {
    const vic_inference_options options = {.algorithm = vic_algorithm_find(algorithm),
                                           .eta = 0.3,
                                           .steps = STEPS,
                                           .penalty = 1,
                                           .dual_rate = 1,
                                           .always = always};
    network = graph_any_chain(VIC_FLOAT64, LAYERS);
    learns = learns || vic_algorithm_traits_of(options.algorithm)->learns_in_steps;
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, learns, options));
    if (learns)
        learner_attach(x, "sgd", true);
    timeline = vic_wiring_timeline(vic_inference_wiring(x));
    graph_feed(x, BATCH, 3);
}

static void close_inference(void) {
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}

static void record(void) {
    vic_ledger_clear(vic_wiring_ledger(vic_inference_wiring(x)));
    vic_timeline_start(timeline);
    together_assert_ok(vic_inference_run(x, BATCH));
    together_assert_ok(vic_timeline_stop(timeline));
}

static bool is_sent(vic_doing doing) {
    return doing == VIC_POSTING || doing == VIC_CLEARING;
}

/* The population that this end of the message belongs to. */
static int owner_of(const vic_span *span) {
    const vic_edge *edge = &network->edges[span->edge];
    return is_sent(span->doing) == (span->kind == VIC_PREDICTION) ? edge->from : edge->to;
}

static bool right_span(const vic_span *span) {
    if (span->end < span->begin || span->population < 0 || rank_of[span->population] != together_rank())
        return false;
    return span->doing == VIC_COMPUTING ? span->end > span->begin && span->edge < 0
                                        : owner_of(span) == span->population;
}

START_TEST(spans_follow_each_other_without_gaps) {
    open_inference(algorithms[_i / 2], false, _i % 2);
    for (int again = 0; again < 2; again++) {
        double before = vic_now(), after;
        size_t count;
        record();
        after = vic_now();
        const vic_span *spans = vic_timeline_spans(timeline, &count);
        bool right = (count > 0) == (together_rank() <= LAYERS);
        for (size_t i = 0; i < count; i++)
            right = right && right_span(&spans[i]) && spans[i].begin >= before && spans[i].end <= after &&
                    (i == 0 || spans[i].begin == spans[i - 1].end);
        together_assert(right);
    }
    close_inference();
}
END_TEST

/* Messages and seconds of one (edge, kind, step) by the timeline. */
static vic_ledger_entry by_timeline(int edge, vic_message_kind kind, int step) {
    size_t count;
    const vic_span *spans = vic_timeline_spans(timeline, &count);
    vic_ledger_entry e = {0};
    for (size_t i = 0; i < count; i++) {
        if (spans[i].edge != edge || spans[i].kind != kind || spans[i].step != step)
            continue;
        double seconds = spans[i].end - spans[i].begin;
        e.messages += spans[i].doing == VIC_POSTING;
        *(is_sent(spans[i].doing) ? &e.seconds_posting : &e.seconds_waiting) += seconds;
    }
    return e;
}

START_TEST(it_agrees_with_the_ledger) {
    open_inference(algorithms[_i / 2], _i % 2, false);
    record();
    const vic_ledger *ledger = vic_wiring_ledger(vic_inference_wiring(x));
    for (int edge = 0; edge < LAYERS; edge++)
        for (int kind = 0; kind < VIC_MESSAGE_KINDS; kind++)
            for (int i = 0; i <= STEPS; i++) {
                vic_ledger_entry a = vic_ledger_at(ledger, edge, kind, i), b = by_timeline(edge, kind, i);
                bool in_range = i <= vic_inference_steps(x);
                together_assert_msg(!in_range || (a.messages == b.messages &&
                                                  fabs(a.seconds_posting - b.seconds_posting) < 1e-12 &&
                                                  fabs(a.seconds_waiting - b.seconds_waiting) < 1e-12),
                                    "edge %d, %s, step %d", edge, vic_message_kind_name(kind), i);
            }
    close_inference();
}
END_TEST

/* A message is received after it was sent; all ranks are on one machine, and so have one clock. Nothing is
 * less certain than the comparison took. */
START_TEST(clocks_of_one_machine_agree) {
    double ahead, uncertainty, start = vic_now();
    together_assert_ok(vic_group_compare_clocks(together_group(), &ahead, &uncertainty));
    double taken = vic_now() - start;
    together_assert_msg(fabs(ahead) <= uncertainty && uncertainty <= taken &&
                            (together_rank() > 0) == (uncertainty > 0),
                        "%g s ahead, give or take %g, in %g s", ahead, uncertainty, taken);
}
END_TEST

START_TEST(nothing_is_recorded_unasked) {
    size_t count;
    open_inference("strict", false, true);
    together_assert_ok(vic_inference_run(x, BATCH));
    vic_timeline_spans(timeline, &count);
    together_assert(count == 0 && vic_timeline_readings(timeline) == 0);
    record();
    vic_timeline_spans(timeline, &count);
    size_t readings = vic_timeline_readings(timeline), later;
    together_assert_ok(vic_inference_run(x, BATCH));
    vic_timeline_spans(timeline, &later);
    together_assert(later == count && readings == vic_timeline_readings(timeline) &&
                    (count == 0) == (readings <= 1));
    close_inference();
}
END_TEST

/* Of the thousands of readings that it takes to measure it. */
START_TEST(noting_costs_something_but_little) {
    double seconds, start = vic_now();
    together_assert_ok(vic_timeline_overhead(&seconds));
    double taken = vic_now() - start;
    together_assert_msg(seconds > 0 && 1000 * seconds < taken, "%g s a reading, in %g s", seconds, taken);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("messages/timeline");
    TCase *test = tcase_create("timeline");
    tcase_add_loop_test(test, spans_follow_each_other_without_gaps, 0, 2 * ALGORITHMS);
    tcase_add_loop_test(test, it_agrees_with_the_ledger, 0, 2 * ALGORITHMS);
    tcase_add_test(test, clocks_of_one_machine_agree);
    tcase_add_test(test, nothing_is_recorded_unasked);
    tcase_add_test(test, noting_costs_something_but_little);
    suite_add_tcase(suite, test);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
