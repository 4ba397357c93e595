/* The law of fixed-prediction on a deep chain: errors and updates are those of exact, shortened by a number
 * that is known beforehand. */
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"
#include "verify/verify.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LAYERS = 32, WIDTH = 4, BATCH = 3, STEPS = 40 };

static const double etas[] = {0.05, 0.1, 0.3, 0.5, 0.9, 1};
enum { N_ETAS = sizeof etas / sizeof etas[0] };

static vic_network *deep_chain(void) {
    char words[LAYERS * 16] = "linear 4, tanh";
    for (int l = 2; l < LAYERS; l++)
        strcat(words, "| linear 4, tanh");
    strcat(words, "| linear 4");
    return net_chain(VIC_FLOAT64, (vic_shape){1, {WIDTH}}, words, "cross-entropy", VIC_MEAN);
}

/* Of the local populations: errors by population, updates (weights, then biases) by edge. */
typedef struct outcome {
    double error[LAYERS + 1][WIDTH * BATCH];
    double update[LAYERS][WIDTH * WIDTH + WIDTH];
} outcome;

static outcome *outcome_of(vic_inference *x, vic_inference_options options) {
    outcome *o = scrap(1, sizeof *o);
    together_assert_ok(vic_inference_set_options(x, options));
    together_assert_ok(vic_inference_run(x, BATCH));
    for (int id = 0; id <= LAYERS; id++) {
        const vic_population *p = vic_inference_population(x, id);
        if (p && id > 0)
            memcpy(o->error[id], p->error, sizeof o->error[id]);
        if (p == NULL || id == LAYERS)
            continue;
        memcpy(o->update[id], p->out[0].gradient[0], WIDTH * WIDTH * sizeof(double));
        memcpy(o->update[id] + WIDTH * WIDTH, p->out[0].gradient[1], WIDTH * sizeof(double));
    }
    return o;
}

/* |x - law exact| / |law exact|; infinite where the law is 0 and x is not exactly that. */
static double departure(size_t n, const double *x, const double *exact, double law) {
    double off = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        off += (x[i] - law * exact[i]) * (x[i] - law * exact[i]);
        length += exact[i] * exact[i];
    }
    if (law == 0)
        return largest(n, x) == 0 ? 0 : INFINITY;
    return sqrt(off) / (law * sqrt(length));
}

static bool lives_here(vic_inference *x, int id) {
    return vic_inference_population(x, id) != NULL;
}

/* The largest departure among the local errors and updates, and where it is. */
static double largest_departure(vic_inference *x, const outcome *o, const outcome *exact, double eta,
                                int steps, int *where) {
    double most = 0;
    for (int l = 1; l <= LAYERS; l++) {
        double law = vic_law(eta, steps, LAYERS - l);
        double error = lives_here(x, l) ? departure(WIDTH * BATCH, o->error[l], exact->error[l], law) : 0;
        double update = lives_here(x, l - 1)
                            ? departure(WIDTH * WIDTH + WIDTH, o->update[l - 1], exact->update[l - 1], law)
                            : 0;
        double larger = error > update ? error : update;
        if (!(larger <= most)) {
            most = larger;
            *where = l;
        }
    }
    return most;
}

/* Loop test over eta. */
START_TEST(holds_on_a_deep_chain) {
    vic_network *network = deep_chain();
    int rank_of[LAYERS + 1], where = 0;
    vic_inference *x;
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true,
                                            net_options("exact", 1, 1)));
    net_data data = net_data_of(network, BATCH, 1);
    net_parameters theta = net_draw(network, 1);
    for (int e = 0; e < LAYERS; e++) /* so that errors do not fade on their way */
        for (int i = 0; i < WIDTH * WIDTH; i++)
            theta[e][0][i] *= 3;
    net_give(x, theta);
    net_feed(x, &data);
    const outcome *exact = outcome_of(x, net_options("exact", 1, 1));
    for (int steps = 1; steps <= STEPS; steps++) {
        const outcome *o = outcome_of(x, net_options("fixed-prediction", etas[_i], steps));
        double off = largest_departure(x, o, exact, etas[_i], steps, &where);
        together_assert_msg(off <= 1e-12, "eta %g, steps %d, layer %d: off by %g of law * exact", etas[_i],
                            steps, where, off);
    }
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("law on a chain");
    TCase *tests = tcase_create("law on a chain");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, holds_on_a_deep_chain, 0, N_ETAS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
