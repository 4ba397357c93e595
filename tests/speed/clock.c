/* Measurements of time: how much shorter the critical path of a pipeline is, and how little measuring takes.
 * For a machine that does nothing else meanwhile. */
#include "observe/cost.h"
#include "support/graph.h"
#include "support/nets.h"
#include "support/together.h"

#include <math.h>

static vic_inference_options options_of(const char *algorithm, double eta, int steps, int microbatches) {
    vic_inference_options options = net_options(algorithm, eta, steps);
    options.microbatches = microbatches;
    return options;
}

/* Takes the costs of a few inferences on this rank and all others. */
static vic_communication measure(vic_network *network, size_t batch, vic_inference_options options) {
    vic_inference *x;
    vic_communication cost;
    int rank_of[16];
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, batch, false, options));
    graph_feed(x, batch, 1);
    together_assert_ok(vic_communication_measure(&cost, x, batch, 3));
    vic_inference_destroy(&x);
    return cost;
}

static double path(vic_network *network, int microbatches) {
    vic_communication cost = measure(network, 192, options_of("exact", 1, 1, microbatches));
    double seconds = cost.path;
    vic_communication_release(&cost);
    return seconds;
}

/* With six layers alike, each population on a processor of its own, six micro-batches take (6 + 5) / 6 of a
 * layer's time each way, where the whole batch takes 6. Of several rounds the shortest paths are compared. */
START_TEST(the_critical_path_of_a_pipeline_is_shorter) {
    static const size_t widths[] = {256, 256, 256, 256, 256, 256, 256};
    enum { ROUNDS = 7 };
    if (together_size() > 1)
        return;
    vic_network *network = graph_chain(VIC_FLOAT32, 6, widths);
    double whole = INFINITY, parts = INFINITY;
    for (int i = 0; i < ROUNDS; i++) {
        whole = fmin(whole, path(network, 1));
        parts = fmin(parts, path(network, 6));
    }
    vic_network_destroy(&network);
    ck_assert_msg(parts < 0.7 * whole, "%g s in parts, %g s as a whole", parts, whole);
}
END_TEST

typedef struct algorithm_case {
    const char *name;
    double eta;
    int microbatches;
} algorithm_case;

static const algorithm_case algorithms[] = {{"exact", 1, 1},
                                            {"exact", 1, 2},
                                            {"fixed-prediction", 1, 1},
                                            {"fixed-prediction", 0.3, 1},
                                            {"strict", 0.2, 1}};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

START_TEST(measuring_takes_less_than_2_percent) {
    static const size_t middling[] = {256, 256, 256, 256, 10};
    const algorithm_case *a = &algorithms[_i];
    vic_network *network = graph_chain(VIC_FLOAT32, 4, middling);
    vic_communication cost = measure(network, 128, options_of(a->name, a->eta, 5, a->microbatches));
    together_assert_msg(together_rank() != 0 || (cost.most_readings > 0 && cost.reading_cost > 0 &&
                                                 vic_communication_overhead(&cost) < 0.02),
                        "%s: %zu readings of %g s in %g s", a->name, cost.most_readings, cost.reading_cost,
                        cost.seconds);
    vic_communication_release(&cost);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_note_takes_less_than_a_tenth_of_a_millisecond) {
    double seconds;
    together_assert_ok(vic_timeline_overhead(&seconds));
    together_assert_msg(seconds > 1e-10 && seconds < 1e-4, "%g s", seconds);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("speed/clock");
    TCase *test = tcase_create("clock");
    tcase_add_test(test, the_critical_path_of_a_pipeline_is_shorter);
    tcase_add_loop_test(test, measuring_takes_less_than_2_percent, 0, ALGORITHMS);
    tcase_add_test(test, a_note_takes_less_than_a_tenth_of_a_millisecond);
    suite_add_tcase(suite, test);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
