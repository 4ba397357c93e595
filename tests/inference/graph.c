/* Networks that are no chains: predictions that converge are added, and so are the errors that come back. */
#include "support/digest.h"
#include "support/learner.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/slow_inference.h"
#include "support/together.h"
#include "verify/verify.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_EDGES = 8, MOST = 8, BATCH = 5 };

typedef struct arc {
    int from, to;
    const char *functions;
} arc;

/* The first edge to a population makes it. */
typedef struct graph {
    const char *name, *loss;
    arc arcs[MOST_EDGES];
} graph;

static const graph graphs[] = {
    {"diamond",
     "cross-entropy",
     {{0, 1, "linear 6, tanh"},
      {1, 2, "linear 5, relu"},
      {1, 3, "linear 4, sigmoid"},
      {2, 4, "linear 3"},
      {3, 4, "linear 3 0"}}},
    {"skip",
     "squared-error",
     {{0, 1, "linear 5, tanh"},
      {1, 2, "tanh"},
      {0, 2, "linear 5"},
      {2, 3, "linear 4"},
      {1, 3, "linear 4, sigmoid"}}},
    /* Population 2 has an error from the short way and later one from the long way, and 1 receives both. */
    {"kite",
     "cross-entropy",
     {{0, 1, "linear 6, tanh"},
      {1, 2, "linear 5, tanh"},
      {2, 3, "linear 4, sigmoid"},
      {3, 4, "linear 3"},
      {2, 4, "linear 3, tanh"}}},
    /* Ways from 0 to the top of 2, 3, 4 and 5 edges, edges out of order, two between the same populations. */
    {"ladder",
     "cross-entropy",
     {{0, 1, "linear 6, tanh"},
      {1, 2, "linear 5, sigmoid"},
      {2, 3, "linear 4, tanh"},
      {3, 4, "linear 4, tanh"},
      {4, 5, "linear 3"},
      {0, 3, "linear 4, tanh"},
      {1, 5, "linear 3, tanh"},
      {3, 4, "linear 4, relu"}}},
};
enum { N_GRAPHS = sizeof graphs / sizeof graphs[0] };

/* Loop tests run over (graph, precision). */
static const graph *graph_at(int i) {
    return &graphs[i / 2];
}

static vic_network *network_of(int i) {
    const graph *g = graph_at(i);
    vic_network *network;
    vic_precision precision = i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    ck_assert_int_eq(vic_network_create(&network, precision, (vic_shape){1, {7}}), VIC_OK);
    for (int e = 0; e < MOST_EDGES && g->arcs[e].functions; e++) {
        vic_function functions[10];
        const arc *a = &g->arcs[e];
        size_t n = net_layer(precision, network->shapes[a->from], a->functions, functions);
        if (a->to == network->n_populations)
            ck_assert_int_eq(vic_network_grow(network, a->from, n, functions), VIC_OK);
        else
            ck_assert_int_eq(vic_network_connect(network, a->from, a->to, n, functions), VIC_OK);
    }
    network->loss = vic_loss_find(precision, g->loss);
    return network;
}

static vic_inference *infer(const vic_network *network, const int *rank_of, vic_inference_options options) {
    vic_inference *x;
    net_data data = net_data_of(network, BATCH, 1);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true, options));
    learner_attach(x, "sgd", true);
    net_give(x, net_draw(network, 1));
    net_feed(x, &data);
    return x;
}

static void run(vic_inference *x, vic_inference_options options) {
    vic_status status = vic_inference_set_options(x, options);
    if (status == VIC_OK)
        status = vic_inference_run(x, BATCH);
    if (status == VIC_OK)
        status = vic_inference_check(x);
    together_assert_ok(status);
}

/* Placements of an inference: in blocks, or round-robin so that most edges cross ranks. */
static void place(const vic_network *network, bool deal, int *rank_of) {
    together_place(network, together_size(), rank_of);
    for (int p = 0; deal && p < network->n_populations; p++)
        rank_of[p] = (p * 3 + 1) % together_size();
}

static int longest_way(const vic_network *network) {
    int longest[MOST];
    ck_assert_int_eq(vic_network_heights(network, NULL, longest), VIC_OK);
    return longest[0];
}

/* ---- against plain loops ---- */

/* A hundred roundings of numbers of this size, and some of those of beliefs, of size 1, which errors are the
 * differences of. */
static bool near(vic_precision precision, size_t n, const double *got, const double *expected) {
    double epsilon = precision == VIC_FLOAT32 ? FLT_EPSILON : DBL_EPSILON;
    return farthest(n, got, expected) <= 100 * epsilon * (largest(n, expected) + 0.1);
}

static bool updates_agree(const vic_population *p, const slow_result *slow) {
    const vic_network *network = p->network;
    for (int k = 0; k < p->n_out; k++)
        for (size_t i = 0; i < p->out[k].n_parameters; i++) {
            int edge = p->out[k].edge_index;
            size_t n = vic_parameter_slot_at(network, edge, i).parameter->count;
            if (!near(network->precision, n, doubles_of(network->precision, n, p->out[k].gradient[i]),
                      slow->gradient[edge][i]))
                return false;
        }
    return true;
}

/* What of a population is not as it should be, or NULL. */
static const char *difference(vic_inference *x, int id, const slow_result *slow, bool beliefs) {
    const vic_network *network = vic_inference_network(x);
    const vic_population *p = vic_inference_population(x, id);
    size_t n = vic_shape_count(network->shapes[id]) * BATCH;
    bool hidden = id > 0 && id < vic_network_output(network);
    if (id > 0 && !near(network->precision, n,
                        net_rows(network, id, BATCH, vic_inference_recorded_error(x, id)), slow->error[id]))
        return "errors";
    if (hidden && beliefs &&
        !near(network->precision, n, net_rows(network, id, BATCH, vic_inference_recorded_belief(x, id)),
              slow->value[id]))
        return "beliefs";
    return updates_agree(p, slow) ? NULL : "updates";
}

static void compare(vic_inference *x, const char *what, const slow_result *slow, bool beliefs) {
    const char *wrong = NULL;
    int where = 0;
    for (int id = 0; !wrong && id < vic_inference_network(x)->n_populations; id++)
        if (vic_inference_population(x, id)) {
            wrong = difference(x, id, slow, beliefs);
            where = id;
        }
    together_assert_msg(wrong == NULL, "%s: %s of population %d", what, wrong, where);
}

START_TEST(agrees_with_plain_loops) {
    vic_network *network = network_of(_i);
    int rank_of[MOST];
    net_data data = net_data_of(network, BATCH, 1);
    net_parameters theta = net_draw(network, 1);
    place(network, true, rank_of);
    vic_inference *x = infer(network, rank_of, net_options("exact", 1, 1));
    slow_result slow = slow_backprop(network, theta, &data);
    run(x, net_options("exact", 1, 1));
    compare(x, "exact", &slow, false);
    for (int steps = 1; steps <= 7; steps += 2) {
        slow = slow_fixed_prediction(network, theta, &data, 0.3, steps);
        run(x, net_options("fixed-prediction", 0.3, steps));
        compare(x, "fixed-prediction", &slow, true);
        for (int initial = 0; initial < 2; initial++) {
            vic_inference_options options = net_options("strict", 0.2, steps);
            options.initial_beliefs = initial;
            together_assert_ok(vic_inference_set_options(x, options));
            net_feed(x, &data);
            slow = slow_strict(network, theta, &data, 0.2, steps, initial);
            run(x, options);
            compare(x, "strict", &slow, true);
            options.coordinates = VIC_COORDINATES_BELIEF;
            run(x, options);
            compare(x, "strict in beliefs", &slow, true);
        }
        vic_inference_options options = net_options("incremental", 0.2, steps);
        options.learning.moves_on = false;
        slow = slow_incremental(network, theta, &data, 0.2, steps, 0.1);
        run(x, options);
        compare(x, "incremental", &slow, true);
    }
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

/* ---- bit for bit ---- */

/* Errors and updates, as a copy or to compare. */
typedef struct outcome {
    void *error[MOST], *gradient[MOST_EDGES][8];
} outcome;

static int64_t meet(const vic_network *network, size_t n, const void *now, void **then) {
    size_t bytes = n * vic_precision_bytes(network->precision);
    if (*then == NULL)
        *then = memcpy(scrap(bytes, 1), now, bytes);
    return vic_arithmetic_of(network->precision)->ulp_distance(n, now, *then);
}

/* The largest distance of what is local from the outcome, in units in the last place; an empty outcome
 * becomes a copy. */
static int64_t distance_from(vic_inference *x, outcome *o) {
    const vic_network *network = vic_inference_network(x);
    int64_t most = 0;
    for (int id = 0; id < network->n_populations; id++) {
        const vic_population *p = vic_inference_population(x, id);
        if (p && id > 0)
            most |= meet(network, p->count * BATCH, p->error, &o->error[id]);
        for (int k = 0; p && k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                int edge = p->out[k].edge_index;
                most |= meet(network, vic_parameter_slot_at(network, edge, i).parameter->count,
                             p->out[k].gradient[i], &o->gradient[edge][i]);
            }
    }
    return most;
}

START_TEST(eta_1_is_exact_bit_for_bit) {
    vic_network *network = network_of(_i);
    int rank_of[MOST], longest = longest_way(network);
    outcome exact = {0};
    place(network, true, rank_of);
    vic_inference *x = infer(network, rank_of, net_options("exact", 1, 1));
    run(x, net_options("exact", 1, 1));
    distance_from(x, &exact);
    for (int steps = longest; steps <= longest + 3; steps++)
        for (int always = 0; always < 2; always++) {
            vic_inference_options options = net_options("fixed-prediction", 1, steps);
            options.always = always;
            run(x, options);
            together_assert_msg(distance_from(x, &exact) == 0, "%s, steps %d, always %d", graph_at(_i)->name,
                                steps, always);
        }
    run(x, net_options("fixed-prediction", 1, longest - 1));
    together_assert(distance_from(x, &exact) != 0 || rank_of[0] != together_rank());
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

static const struct {
    const char *algorithm;
    double eta;
    vic_coordinates coordinates;
} silences[] = {
    {"strict", 0.2, VIC_COORDINATES_ERROR},
    {"strict", 0.2, VIC_COORDINATES_BELIEF},
    {"strict", 1, VIC_COORDINATES_BELIEF},
    {"augmented-lagrangian", 0.1, VIC_COORDINATES_ERROR},
    {"augmented-lagrangian", 0.1, VIC_COORDINATES_BELIEF},
    {"incremental", 0.1, VIC_COORDINATES_BELIEF},
    {"fixed-prediction", 0.3, VIC_COORDINATES_ERROR},
    {"fixed-prediction", 0.3, VIC_COORDINATES_BELIEF},
    {"fixed-prediction", 1, VIC_COORDINATES_ERROR},
};
enum { N_SILENCES = sizeof silences / sizeof silences[0] };

enum { STEPS = 6 };

/* What inferences of 1 to STEPS steps leave. */
static digest digest_of(vic_inference *x, vic_inference_options options) {
    digest d = digest_new(vic_inference_network(x));
    vic_status status = VIC_OK;
    for (options.steps = 1; options.steps <= STEPS && status == VIC_OK; options.steps++) {
        status = vic_inference_set_options(x, options);
        if (status == VIC_OK)
            status = vic_inference_run(x, BATCH);
        if (status == VIC_OK)
            digest_add(d, x, BATCH);
    }
    together_assert_ok(status);
    digest_collect(d, x);
    return d;
}

/* Loop test over (silence, graph, precision): neither silence nor placement changes a bit. */
START_TEST(silence_and_placement_do_not_show) {
    int which = _i % (2 * N_GRAPHS), kind = _i / (2 * N_GRAPHS), rank_of[3][MOST] = {{0}};
    vic_network *network = network_of(which);
    vic_inference_options options = net_options(silences[kind].algorithm, silences[kind].eta, STEPS);
    digest d[6];
    options.coordinates = silences[kind].coordinates;
    options.learning.moves_on = false;
    place(network, false, rank_of[1]);
    place(network, true, rank_of[2]);
    for (int variant = 0; variant < 6; variant++) {
        vic_inference *x = infer(network, rank_of[variant / 2], options);
        options.always = variant % 2;
        d[variant] = digest_of(x, options);
        int population = digest_difference(network, d[variant], d[0]);
        together_assert_msg(population < 0, "%s, %s, placement %d, always %d: population %d",
                            graph_at(which)->name, silences[kind].algorithm, variant / 2, variant % 2,
                            population);
        vic_inference_destroy(&x);
    }
    vic_network_destroy(&network);
}
END_TEST

/* ---- the law is known where all ways up are equally long ---- */

START_TEST(law_only_where_ways_are_equally_long) {
    vic_network *network = network_of(_i);
    int rank_of[MOST], shortest[MOST], longest[MOST];
    vic_layer_check layer[MOST_EDGES];
    place(network, false, rank_of);
    ck_assert_int_eq(vic_network_heights(network, shortest, longest), VIC_OK);
    vic_inference *x = infer(network, rank_of, net_options("fixed-prediction", 0.3, 6));
    together_assert_ok(vic_verify(x, BATCH, VIC_WEIGHTS_AND_BIASES, layer));
    for (int e = 0; e < network->n_edges; e++) {
        int to = network->edges[e].to;
        bool known = shortest[to] == longest[to];
        bool right = known ? layer[e].law == vic_law(0.3, 6, shortest[to]) : isnan(layer[e].law);
        together_assert_msg(together_rank() != 0 || (right && layer[e].kept), "%s, edge %d: law %g",
                            graph_at(_i)->name, e, layer[e].law);
    }
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("graph");
    TCase *tests = tcase_create("graph");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, agrees_with_plain_loops, 0, 2 * N_GRAPHS);
    tcase_add_loop_test(tests, eta_1_is_exact_bit_for_bit, 0, 2 * N_GRAPHS);
    tcase_add_loop_test(tests, silence_and_placement_do_not_show, 0, 2 * N_GRAPHS * N_SILENCES);
    tcase_add_loop_test(tests, law_only_where_ways_are_equally_long, 0, 2 * N_GRAPHS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
