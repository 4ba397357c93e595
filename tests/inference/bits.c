/* The same bits on every number of ranks and every placement, with and without silence; and fixed-prediction
 * at eta = 1 is exact, bit for bit. */
#include "support/digest.h"
#include "support/learner.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <stdio.h>
#include <string.h>

enum { BATCHES = 3, MOST = 16 };

typedef struct model {
    vic_shape input;
    const char *layers, *loss;
    size_t batches[BATCHES]; /* one after the other; what a long batch leaves must not show in a short one */
} model;

static const model models[] = {
    {{1, {11}},
     "linear 9, tanh | linear 8, relu | linear 7, sigmoid | linear 6, tanh | linear 5",
     "cross-entropy",
     {8, 3, 8}},
    {{3, {2, 6, 6}},
     "conv2d 3 3 1 1, relu | maxpool2d 2, tanh | flatten, linear 6 | linear 4",
     "squared-error",
     {8, 3, 8}},
    /* So large that batches are taken in blocks. */
    {{3, {1, 20, 20}}, "conv2d 16 1, relu, maxpool2d 4 | flatten, linear 4", "cross-entropy", {48, 19, 48}},
};
enum { N_MODELS = sizeof models / sizeof models[0] };

typedef struct run {
    const char *algorithm;
    double eta;
    int steps;
    vic_coordinates coordinates;
    bool initial;
    int microbatches;
} run;

static const run runs[] = {
    {"exact", 1, 1, VIC_COORDINATES_ERROR, false, 1},
    {"exact", 1, 1, VIC_COORDINATES_ERROR, false, 3},
    {"exact", 1, 1, VIC_COORDINATES_ERROR, false, 8},
    {"fixed-prediction", 1, 5, VIC_COORDINATES_ERROR, false, 1},
    {"fixed-prediction", 1, 9, VIC_COORDINATES_ERROR, false, 1},
    {"fixed-prediction", 1, 2, VIC_COORDINATES_ERROR, false, 1},
    {"fixed-prediction", 0.3, 7, VIC_COORDINATES_ERROR, false, 1},
    {"fixed-prediction", 0.3, 1, VIC_COORDINATES_ERROR, false, 1},
    {"fixed-prediction", 0.3, 7, VIC_COORDINATES_BELIEF, false, 1},
    {"fixed-prediction", 1, 7, VIC_COORDINATES_BELIEF, false, 1},
    {"strict", 0.2, 8, VIC_COORDINATES_ERROR, false, 1},
    {"strict", 0.2, 1, VIC_COORDINATES_ERROR, false, 1},
    {"strict", 0.2, 3, VIC_COORDINATES_ERROR, true, 1},
    {"strict", 1, 8, VIC_COORDINATES_BELIEF, false, 1},
    {"strict", 0.2, 3, VIC_COORDINATES_BELIEF, true, 1},
    {"augmented-lagrangian", 0.1, 7, VIC_COORDINATES_ERROR, false, 1},
    {"augmented-lagrangian", 0.1, 3, VIC_COORDINATES_BELIEF, true, 1},
    {"incremental", 0.1, 7, VIC_COORDINATES_BELIEF, false, 1},
    {"incremental", 0.1, 3, VIC_COORDINATES_BELIEF, true, 1},
};
enum { N_RUNS = sizeof runs / sizeof runs[0] };

static vic_network *network_of(const model *m, int precision) {
    return net_chain((vic_precision)precision, m->input, m->layers, m->loss, VIC_MEAN);
}

static vic_inference_options options_of(const run *r, bool always) {
    vic_inference_options options = net_options(r->algorithm, r->eta, r->steps);
    options.coordinates = r->coordinates;
    options.initial_beliefs = r->initial;
    options.microbatches = r->microbatches;
    options.always = always;
    return options;
}

static vic_inference *infer(const vic_network *network, const int *rank_of, size_t capacity,
                            vic_inference_options options) {
    vic_inference *x;
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, capacity, true, options));
    learner_attach(x, "adam", true);
    net_give(x, net_draw(network, 1));
    return x;
}

/* ---- placements ---- */

enum { ALONE, BLOCKS, DEALT, REVERSED, PLACEMENTS };
static const char *const placement_names[] = {"all on rank 0", "in blocks", "dealt out",
                                              "in blocks from the last"};

static void place(const vic_network *network, int placement, int *rank_of) {
    together_place(network, together_size(), rank_of);
    for (int p = 0; p < network->n_populations; p++)
        switch (placement) {
        case ALONE:
            rank_of[p] = 0;
            break;
        case DEALT:
            rank_of[p] = p % together_size();
            break;
        case REVERSED:
            rank_of[p] = together_size() - 1 - rank_of[p];
            break;
        default:
            break;
        }
}

/* ---- the same bits everywhere ---- */

/* Runs batches first..last of the model and adds what each leaves. */
static void run_batches(vic_inference *x, const model *m, int first, int last, vic_inference_options options,
                        digest d) {
    vic_status status = vic_inference_set_options(x, options);
    for (int i = first; i <= last && status == VIC_OK; i++) {
        net_data data = net_data_of(vic_inference_network(x), m->batches[i], (uint64_t)i + 1);
        net_feed(x, &data);
        status = vic_inference_run(x, m->batches[i]);
        if (status == VIC_OK)
            status = vic_inference_check(x);
        if (status == VIC_OK)
            digest_add(d, x, m->batches[i]);
    }
    together_assert_ok(status);
}

static void assert_same(vic_inference *x, const run *r, const char *how, digest a, digest b) {
    const vic_network *network = vic_inference_network(x);
    int population = digest_difference(network, a, b);
    together_assert_msg(population < 0, "%s, %s, eta %g, steps %d, %s coordinates: population %d differs %s",
                        vic_precision_name(network->precision), r->algorithm, r->eta, r->steps,
                        r->coordinates == VIC_COORDINATES_BELIEF ? "belief" : "error", population, how);
}

/* All placements, event-driven and with all messages, after batches of several lengths. */
static void compare_ways(vic_inference *const x[PLACEMENTS], const model *m, const run *r) {
    digest first = {NULL};
    for (int way = 0; way < 2 * PLACEMENTS; way++) {
        vic_inference *here = x[way / 2];
        digest d = digest_new(vic_inference_network(here));
        run_batches(here, m, 0, BATCHES - 1, options_of(r, way % 2), d);
        digest_collect(d, here);
        first = first.hash ? first : d;
        char how[64];
        snprintf(how, sizeof how, "%s, %s", placement_names[way / 2],
                 way % 2 ? "all messages" : "event-driven");
        assert_same(here, r, how, first, d);
    }
}

/* Loop tests run over (model, precision). */
START_TEST(neither_placement_nor_silence_shows) {
    const model *m = &models[_i / 2];
    vic_network *network = network_of(m, _i % 2);
    int rank_of[PLACEMENTS][MOST];
    vic_inference *x[PLACEMENTS];
    for (int i = 0; i < PLACEMENTS; i++) {
        place(network, i, rank_of[i]);
        x[i] = infer(network, rank_of[i], m->batches[0], options_of(&runs[0], false));
    }
    for (int i = 0; i < N_RUNS; i++)
        compare_ways(x, m, &runs[i]);
    for (int i = 0; i < PLACEMENTS; i++)
        vic_inference_destroy(&x[i]);
    vic_network_destroy(&network);
}
END_TEST

/* A short batch after a long one, and after other algorithms, is as good as one on a fresh inference. */
START_TEST(nothing_is_left_over) {
    const model *m = &models[_i / 2];
    vic_network *network = network_of(m, _i % 2);
    int rank_of[MOST];
    place(network, BLOCKS, rank_of);
    vic_inference *used = infer(network, rank_of, m->batches[0], options_of(&runs[0], false));
    for (int i = 0; i < N_RUNS; i++) {
        vic_inference_options options = options_of(&runs[i], false);
        vic_inference *fresh = infer(network, rank_of, m->batches[0], options);
        digest d[2] = {digest_new(network), digest_new(network)};
        run_batches(used, m, 0, 0, options, digest_new(network));
        run_batches(used, m, 1, 1, options, d[0]);
        run_batches(fresh, m, 1, 1, options, d[1]);
        digest_collect(d[0], used);
        digest_collect(d[1], fresh);
        assert_same(fresh, &runs[i], "from a used inference", d[0], d[1]);
        vic_inference_destroy(&fresh);
    }
    vic_inference_destroy(&used);
    vic_network_destroy(&network);
}
END_TEST

/* Other data and other algorithms have other digests: the tests above compare something. */
START_TEST(digests_of_different_runs_differ) {
    const model *m = &models[0];
    vic_network *network = network_of(m, VIC_FLOAT32);
    int rank_of[MOST];
    digest d[3] = {digest_new(network), digest_new(network), digest_new(network)};
    place(network, BLOCKS, rank_of);
    vic_inference *x = infer(network, rank_of, m->batches[0], options_of(&runs[0], false));
    run_batches(x, m, 0, 0, options_of(&runs[0], false), d[0]);
    run_batches(x, m, 2, 2, options_of(&runs[0], false), d[1]);
    run_batches(x, m, 0, 0, options_of(&runs[6], false), d[2]);
    for (int i = 0; i < 3; i++)
        digest_collect(d[i], x);
    together_assert(digest_difference(network, d[0], d[1]) >= 0);
    together_assert(digest_difference(network, d[0], d[2]) >= 0);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

/* ---- eta = 1 is exact ---- */

typedef struct copies {
    void *error[MOST];
    void *gradient[MOST][8];
} copies;

static void *copy_of(const vic_network *network, size_t n, const void *from) {
    size_t bytes = n * vic_precision_bytes(network->precision);
    return memcpy(scrap(bytes, 1), from, bytes);
}

/* Visits the errors and gradients of the local populations: copies them, or returns their largest distance
 * from the copies in units in the last place. */
static int64_t visit(vic_inference *x, size_t batch, copies *c, bool copy) {
    const vic_network *network = vic_inference_network(x);
    const vic_arithmetic *arithmetic = vic_arithmetic_of(network->precision);
    int64_t most = 0;
    for (int id = 0; id < network->n_populations; id++) {
        const vic_population *p = vic_inference_population(x, id);
        for (int k = -1; p && k < p->n_out; k++)
            for (size_t i = 0; i < (k < 0 ? id > 0 : p->out[k].n_parameters); i++) {
                int edge = k < 0 ? 0 : p->out[k].edge_index;
                const void *now = k < 0 ? p->error : p->out[k].gradient[i];
                void **then = k < 0 ? &c->error[id] : &c->gradient[edge][i];
                size_t n =
                    k < 0 ? p->count * batch : vic_parameter_slot_at(network, edge, i).parameter->count;
                if (copy)
                    *then = copy_of(network, n, now);
                int64_t distance = arithmetic->ulp_distance(n, now, *then);
                most = distance > most ? distance : most;
            }
    }
    return most;
}

static int64_t distance_from_exact(vic_inference *x, const copies *exact, int steps, bool always,
                                   size_t batch) {
    vic_inference_options options = net_options("fixed-prediction", 1, steps);
    options.always = always;
    together_assert_ok(vic_inference_set_options(x, options));
    together_assert_ok(vic_inference_run(x, batch));
    return visit(x, batch, (copies *)exact, false);
}

START_TEST(eta_1_is_exact_bit_for_bit) {
    const model *m = &models[_i / 2];
    size_t batch = m->batches[0];
    vic_network *network = network_of(m, _i % 2);
    int rank_of[MOST], layers = network->n_edges;
    copies exact = {0};
    place(network, BLOCKS, rank_of);
    vic_inference *x = infer(network, rank_of, batch, net_options("exact", 1, 1));
    net_data data = net_data_of(network, batch, 3);
    net_feed(x, &data);
    together_assert_ok(vic_inference_run(x, batch));
    visit(x, batch, &exact, true);
    for (int variant = 0; variant < 4; variant++) {
        int64_t ulp = distance_from_exact(x, &exact, layers + variant / 2 * 3, variant % 2, batch);
        together_assert_msg(ulp == 0, "%s, variant %d: %lld units in the last place",
                            vic_precision_name(network->precision), variant, (long long)ulp);
    }
    /* One step too few does not reach the lowest layer. */
    int64_t ulp = distance_from_exact(x, &exact, layers - 1, false, batch);
    together_assert(ulp > 0 || rank_of[0] != together_rank());
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("bits");
    TCase *tests = tcase_create("bits");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, neither_placement_nor_silence_shows, 0, N_MODELS * 2);
    tcase_add_loop_test(tests, nothing_is_left_over, 0, N_MODELS * 2);
    tcase_add_test(tests, digests_of_different_runs_differ);
    tcase_add_loop_test(tests, eta_1_is_exact_bit_for_bit, 0, N_MODELS * 2);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
