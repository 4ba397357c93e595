/* The same bits on every number of ranks and every placement, with and without silence; and fixed-prediction
 * at eta = 1 is exact, bit for bit. */
#include "support/digest.h"
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
    {{3, {1, 20, 20}},
     "conv2d 16 3 1 1, relu, maxpool2d 4 | flatten, linear 4",
     "cross-entropy",
     {48, 19, 48}},
};
enum { N_MODELS = sizeof models / sizeof models[0] };

typedef struct run {
    const char *algorithm;
    double eta;
    int steps;
    vic_coordinates coordinates;
    bool initial;
} run;

static const run runs[] = {
    {"exact", 1, 1, VIC_COORDINATES_ERROR, false},
    {"fixed-prediction", 1, 5, VIC_COORDINATES_ERROR, false},
    {"fixed-prediction", 1, 9, VIC_COORDINATES_ERROR, false},
    {"fixed-prediction", 1, 2, VIC_COORDINATES_ERROR, false},
    {"fixed-prediction", 0.3, 7, VIC_COORDINATES_ERROR, false},
    {"fixed-prediction", 0.3, 1, VIC_COORDINATES_ERROR, false},
    {"fixed-prediction", 0.3, 7, VIC_COORDINATES_BELIEF, false},
    {"fixed-prediction", 1, 7, VIC_COORDINATES_BELIEF, false},
    {"strict", 0.2, 8, VIC_COORDINATES_ERROR, false},
    {"strict", 0.2, 1, VIC_COORDINATES_ERROR, false},
    {"strict", 0.2, 3, VIC_COORDINATES_ERROR, true},
    {"strict", 1, 8, VIC_COORDINATES_BELIEF, false},
    {"strict", 0.2, 3, VIC_COORDINATES_BELIEF, true},
};
enum { N_RUNS = sizeof runs / sizeof runs[0] };

static vic_network *network_of(const model *m, int precision) {
    return net_chain((vic_precision)precision, m->input, m->layers, m->loss, VIC_MEAN);
}

static vic_inference_options options_of(const run *r, bool always) {
    vic_inference_options options = net_options(r->algorithm, r->eta, r->steps);
    options.coordinates = r->coordinates;
    options.initial_beliefs = r->initial;
    options.always = always;
    return options;
}

static vic_inference *infer(const vic_network *network, const int *rank_of, size_t capacity,
                            vic_inference_options options) {
    vic_inference *x;
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, capacity, true, options));
    net_give(x, net_draw(network, 1));
    return x;
}

/* ---- placements ---- */

enum { ALONE, BLOCKS, DEALT, REVERSED, PLACEMENTS };
static const char *const placement_names[] = {"all on rank 0", "in blocks", "dealt out",
                                              "in blocks from the last"};

static void place(const vic_network *network, int placement, int *rank_of) {
    vic_place(network, together_size(), rank_of);
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

typedef struct outcome {
    digest *after[BATCHES];
} outcome;

static outcome outcome_of(const vic_network *network, const size_t *batches, int placement,
                          vic_inference_options options) {
    int rank_of[MOST];
    outcome o;
    place(network, placement, rank_of);
    vic_inference *x = infer(network, rank_of, batches[0], options);
    for (int i = 0; i < BATCHES; i++) {
        net_data data = net_data_of(network, batches[i], (uint64_t)i + 1);
        net_feed(x, &data);
        together_assert_ok(vic_inference_run(x, batches[i]));
        together_assert_ok(vic_inference_check(x));
        o.after[i] = digest_collect(x, batches[i]);
    }
    vic_inference_destroy(&x);
    return o;
}

static void assert_same(const vic_network *network, const run *r, const char *what, outcome a, outcome b) {
    for (int i = 0; i < BATCHES; i++) {
        int population = digest_difference(network, a.after[i], b.after[i]);
        together_assert_msg(
            population < 0, "%s, %s, eta %g, steps %d, %s coordinates, batch %d: population %d differs %s",
            vic_precision_name(network->precision), r->algorithm, r->eta, r->steps,
            r->coordinates == VIC_COORDINATES_BELIEF ? "belief" : "error", i, population, what);
    }
}

/* Loop tests run over (run, model, precision). */
START_TEST(placement_does_not_show) {
    const run *r = &runs[_i / 2 / N_MODELS];
    const model *m = &models[_i / 2 % N_MODELS];
    vic_network *network = network_of(m, _i % 2);
    outcome alone = outcome_of(network, m->batches, ALONE, options_of(r, false));
    for (int placement = BLOCKS; placement < PLACEMENTS; placement++)
        assert_same(network, r, placement_names[placement], alone,
                    outcome_of(network, m->batches, placement, options_of(r, false)));
    vic_network_destroy(&network);
}
END_TEST

START_TEST(silence_does_not_show) {
    const run *r = &runs[_i / 2 / N_MODELS];
    const model *m = &models[_i / 2 % N_MODELS];
    vic_network *network = network_of(m, _i % 2);
    outcome silent = outcome_of(network, m->batches, BLOCKS, options_of(r, false));
    assert_same(network, r, "when everything is said", silent,
                outcome_of(network, m->batches, BLOCKS, options_of(r, true)));
    vic_network_destroy(&network);
}
END_TEST

/* A short batch after a long one is as good as one on a fresh inference. */
START_TEST(nothing_is_left_over) {
    const run *r = &runs[_i / 2 / N_MODELS];
    const model *m = &models[_i / 2 % N_MODELS];
    vic_network *network = network_of(m, _i % 2);
    int rank_of[MOST];
    outcome sequence = outcome_of(network, m->batches, BLOCKS, options_of(r, false));
    place(network, BLOCKS, rank_of);
    vic_inference *x = infer(network, rank_of, m->batches[0], options_of(r, false));
    net_data data = net_data_of(network, m->batches[1], 2);
    net_feed(x, &data);
    together_assert_ok(vic_inference_run(x, m->batches[1]));
    int population = digest_difference(network, digest_collect(x, m->batches[1]), sequence.after[1]);
    together_assert_msg(population < 0, "%s: population %d remembers the batch before", r->algorithm,
                        population);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

/* Differing data have differing digests: the tests above compare something. */
START_TEST(digests_tell_runs_apart) {
    const model *m = &models[0];
    vic_network *network = network_of(m, VIC_FLOAT32);
    outcome exact = outcome_of(network, m->batches, BLOCKS, options_of(&runs[0], false));
    outcome relaxed = outcome_of(network, m->batches, BLOCKS, options_of(&runs[4], false));
    together_assert(digest_difference(network, exact.after[0], exact.after[2]) >= 0);
    together_assert(digest_difference(network, exact.after[0], relaxed.after[0]) >= 0);
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

/* Loop tests run over (model, precision). */
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
    tcase_add_loop_test(tests, placement_does_not_show, 0, N_RUNS * N_MODELS * 2);
    tcase_add_loop_test(tests, silence_does_not_show, 0, N_RUNS * N_MODELS * 2);
    tcase_add_loop_test(tests, nothing_is_left_over, 0, N_RUNS * N_MODELS * 2);
    tcase_add_test(tests, digests_tell_runs_apart);
    tcase_add_loop_test(tests, eta_1_is_exact_bit_for_bit, 0, N_MODELS * 2);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
