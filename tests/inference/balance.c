/* Placement balances what ranks do: beside the products that the engine itself counts, with a rank for each
 * population, no other cut into blocks is much better. */
#include "support/graph.h"
#include "support/nets.h"
#include "support/suite.h"

#include <check.h>
#include <float.h>

enum { MOST = 40, BATCH = 3 };

static double work[MOST];

/* ---- what each population does ---- */

static void set_current_population(void *context, int population) {
    (void)context, (void)population;
}

static vic_status agree(void *context, vic_dry_message message) {
    (void)context, (void)message;
    return VIC_OK;
}

static bool is_so(void *context, vic_dry_message message) {
    (void)context, (void)message;
    return true;
}

static const vic_dry_messages no_messages = {.set_current_population = set_current_population,
                                             .send = agree,
                                             .clear = agree,
                                             .post_receive = agree,
                                             .receive = agree,
                                             .has_left = is_so,
                                             .has_arrived = is_so};

static void add_steps(vic_inference *x, int population) {
    vic_dry_progress progress = {.moved = true};
    while (progress.moved)
        ck_assert_int_eq(vic_inference_advance_dry(x, population, &progress), VIC_OK);
    work[population] = vic_inference_take_cost(x, population).products;
}

/* The steps are the engine's; the gradients, of which it does none without memory, are added. */
static void count_work(const vic_network *network, vic_inference_options options) {
    int rank_of[MOST];
    vic_inference *x;
    for (int p = 0; p < network->n_populations; p++)
        rank_of[p] = p;
    ck_assert_int_eq(vic_inference_create_dry(&x, network, rank_of, BATCH, options, &no_messages), VIC_OK);
    ck_assert_int_eq(vic_inference_begin_dry(x, BATCH), VIC_OK);
    for (int p = 0; p < network->n_populations; p++)
        add_steps(x, p);
    vic_inference_destroy(&x);
    for (int e = 0; e < network->n_edges; e++)
        work[network->edges[e].from] += vic_edge_cost(network, e, VIC_TASK_GRADIENT, BATCH).products;
}

/* ---- cuts ---- */

static double best_cut(int first, int populations, int blocks) {
    double best = DBL_MAX, load = 0;
    if (blocks == 1) {
        for (int p = first; p < populations; p++)
            load += work[p];
        return load;
    }
    for (int p = first; p < populations - 1; p++) {
        load += work[p];
        double rest = best_cut(p + 1, populations, blocks - 1), worse = rest > load ? rest : load;
        best = worse < best ? worse : best;
    }
    return best;
}

static double largest_load(int populations, const int *rank_of) {
    double load[MOST] = {0}, largest = 0;
    for (int p = 0; p < populations; p++)
        load[rank_of[p]] += work[p];
    for (int r = 0; r < populations; r++)
        largest = load[r] > largest ? load[r] : largest;
    return largest;
}

static void assert_balanced(const vic_network *network, vic_inference_options options) {
    int rank_of[MOST], n = network->n_populations;
    count_work(network, options);
    for (int ranks = 2; ranks <= 4 && ranks <= n; ranks++) {
        ck_assert_int_eq(vic_inference_place(network, options, ranks, rank_of), VIC_OK);
        double load = largest_load(n, rank_of), best = best_cut(0, n, ranks);
        ck_assert_msg(load <= 1.15 * best, "%s, n %d, on %d ranks: %g, but %g is possible",
                      vic_algorithm_name(options.algorithm), options.steps, ranks, load, best);
    }
}

static const struct {
    const char *algorithm;
    double eta;
    int steps;
} settings[] = {
    {"exact", 1, 1},
    {"fixed-prediction", 1, 30},
    {"fixed-prediction", 0.1, 8},
    {"fixed-prediction", 0.1, 50},
    {"strict", 0.1, 8},
    {"strict", 0.1, 50},
    {"augmented-lagrangian", 0.1, 8},
};

START_TEST(no_cut_is_much_better) {
    size_t widths[31];
    for (int i = 0; i <= 30; i++)
        widths[i] = 20;
    vic_network *chain = graph_chain(VIC_FLOAT32, 30, widths);
    vic_inference_options options = net_options(settings[_i].algorithm, settings[_i].eta, settings[_i].steps);
    options.penalty = options.dual_rate = 1;
    assert_balanced(chain, options);
    vic_network_destroy(&chain);
}
END_TEST

/* Of 30 layers the news of 8 steps reaches 8. */
START_TEST(silent_populations_weigh_little) {
    size_t widths[31];
    int rank_of[MOST];
    for (int i = 0; i <= 30; i++)
        widths[i] = 20;
    vic_network *chain = graph_chain(VIC_FLOAT32, 30, widths);
    ck_assert_int_eq(vic_inference_place(chain, net_options("exact", 1, 1), 2, rank_of), VIC_OK);
    ck_assert_int_eq(rank_of[16], 1);
    ck_assert_int_eq(vic_inference_place(chain, net_options("strict", 0.1, 8), 2, rank_of), VIC_OK);
    ck_assert_int_eq(rank_of[20], 0);
    ck_assert_int_eq(rank_of[28], 1);
    vic_network_destroy(&chain);
}
END_TEST

START_TEST(bad_options_are_refused) {
    int rank_of[MOST];
    vic_network *graph = graph_dag(VIC_FLOAT32);
    ck_assert_int_eq(vic_inference_place(graph, net_options("strict", -1, 8), 2, rank_of), VIC_BAD_CONFIG);
    ck_assert_str_eq(vic_error_text(), "inference.eta is -1, it must be above 0");
    vic_network_destroy(&graph);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("inference/balance");
    TCase *tests = tcase_create("balance");
    tcase_add_loop_test(tests, no_cut_is_much_better, 0, (int)(sizeof settings / sizeof settings[0]));
    tcase_add_test(tests, silent_populations_weigh_little);
    tcase_add_test(tests, bad_options_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return run_suite(make_suite());
}
