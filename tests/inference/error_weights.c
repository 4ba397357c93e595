/* Errors weighted by the precision of their population: the limit, the rates, the instability, and where
 * strict goes instead. */
#include "support/nets.h"
#include "support/together.h"
#include "verify/verify.h"

#include <math.h>
#include <string.h>

enum { BATCH = 5, POPULATIONS = 5 };

/* A chain of 4 layers, and its inference with the precisions at hand. */
typedef struct bench {
    vic_network *network;
    int rank_of[POPULATIONS];
    double scalars[POPULATIONS];
    double diagonal[6];
    vic_error_weight precision[POPULATIONS];
    vic_inference *x;
} bench;

static void set_up(bench *b, const double *scalars, const char *algorithm, double eta, int steps) {
    vic_shape input = {.rank = 1, .dim = {7}};
    *b = (bench){.network = net_chain(VIC_FLOAT64, input,
                                      "linear 6, tanh | linear 6, tanh | linear 5, tanh | linear 3",
                                      "squared-error", VIC_MEAN)};
    for (int p = 1; scalars && p < POPULATIONS - 1; p++) {
        b->scalars[p] = scalars[p - 1];
        b->precision[p] = (vic_error_weight){.count = 1, .values = &b->scalars[p]};
    }
    vic_inference_options options = net_options(algorithm, eta, steps);
    options.error_weights = b->precision;
    together_place(b->network, together_size(), b->rank_of);
    together_assert_ok(
        vic_inference_create(&b->x, together_group(), b->network, b->rank_of, BATCH, true, options));
    net_give(b->x, net_draw(b->network, 3));
    net_data data = net_data_of(b->network, BATCH, 4);
    net_feed(b->x, &data);
}

static void tear_down(bench *b) {
    vic_inference_destroy(&b->x);
    vic_network_destroy(&b->network);
}

static void verify(bench *b, vic_layer_check *checks) {
    together_assert_ok(vic_verify(b->x, BATCH, VIC_WEIGHTS_AND_BIASES, checks));
}

START_TEST(the_limit_is_exact_whatever_the_precision) {
    static const double scalars[] = {0.5, 2, 4};
    bench b;
    vic_layer_check checks[POPULATIONS - 1];
    set_up(&b, scalars, "fixed-prediction", 0.2, 2000);
    verify(&b, checks);
    for (int e = 0; e < POPULATIONS - 1; e++)
        together_assert_msg(together_rank() != 0 || checks[e].relative_error < 1e-12, "layer %d is off by %g",
                            e + 1, checks[e].relative_error);
    tear_down(&b);
}
END_TEST

START_TEST(the_rates_are_eta_times_precision) {
    static const double scalars[] = {0.5, 2, 4};
    for (int steps = 1; steps <= 25; steps += 3) {
        bench b;
        vic_layer_check checks[POPULATIONS - 1];
        set_up(&b, scalars, "fixed-prediction", 0.2, steps);
        verify(&b, checks);
        for (int e = 0; e < POPULATIONS - 1; e++)
            together_assert_msg(together_rank() != 0 ||
                                    (checks[e].kept && fabs(checks[e].scale - checks[e].law) < 1e-12),
                                "n = %d, layer %d: %g times exact, the law says %g", steps, e + 1,
                                checks[e].scale, checks[e].law);
        tear_down(&b);
    }
}
END_TEST

START_TEST(rates_of_one_are_exact_in_as_many_steps_as_layers) {
    static const double scalars[] = {4, 4, 4};
    bench b;
    vic_layer_check checks[POPULATIONS - 1];
    set_up(&b, scalars, "fixed-prediction", 0.25, POPULATIONS - 1);
    verify(&b, checks);
    for (int e = 0; e < POPULATIONS - 1; e++)
        together_assert_msg(together_rank() != 0 || checks[e].ulp == 0, "layer %d is %g ulp away", e + 1,
                            checks[e].ulp);
    tear_down(&b);
}
END_TEST

/* The largest relative error of a hidden layer's update after n steps at rate eta P in every population. */
static double error_at_rate(double rate, int steps) {
    double scalars[] = {rate / 0.1, rate / 0.1, rate / 0.1}, largest = 0;
    bench b;
    vic_layer_check checks[POPULATIONS - 1];
    set_up(&b, scalars, "fixed-prediction", 0.1, steps);
    verify(&b, checks);
    for (int e = 0; e < POPULATIONS - 1; e++)
        largest = fmax(largest, checks[e].relative_error);
    tear_down(&b);
    return largest;
}

START_TEST(it_is_stable_below_a_rate_of_two) {
    double below[] = {error_at_rate(1.9, 100), error_at_rate(1.9, 400)};
    double above[] = {error_at_rate(2.1, 100), error_at_rate(2.1, 400)};
    together_assert(together_rank() != 0 || below[1] < 1e-3 * below[0]);
    together_assert(together_rank() != 0 || above[1] > 1e3 * above[0]);
}
END_TEST

START_TEST(neurons_of_one_population_may_differ) {
    bench b;
    vic_layer_check checks[POPULATIONS - 1];
    set_up(&b, NULL, "fixed-prediction", 0.2, 2000);
    for (int i = 0; i < 6; i++)
        b.diagonal[i] = 0.5 + i;
    b.precision[2] = (vic_error_weight){.count = 6, .values = b.diagonal};
    vic_inference_options options = net_options("fixed-prediction", 0.2, 2000);
    options.error_weights = b.precision;
    together_assert_ok(vic_inference_set_options(b.x, options));
    verify(&b, checks);
    for (int e = 0; e < POPULATIONS - 1; e++)
        together_assert_msg(together_rank() != 0 || checks[e].relative_error < 1e-12, "layer %d is off by %g",
                            e + 1, checks[e].relative_error);
    options.steps = 6;
    together_assert_ok(vic_inference_set_options(b.x, options));
    verify(&b, checks);
    together_assert(together_rank() != 0 || (isnan(checks[1].law) && checks[1].angle > 1e-3));
    tear_down(&b);
}
END_TEST

/* Strict's fixed point minimises a free energy in which P stands, so that it moves with P; that of
 * fixed-prediction does not. */
START_TEST(stricts_fixed_point_depends_on_the_precision) {
    static const double ones[] = {1, 1, 1}, others[] = {3, 3, 3};
    vic_layer_check of_ones[POPULATIONS - 1], of_others[POPULATIONS - 1];
    bench b;
    set_up(&b, ones, "strict", 0.1, 3000);
    verify(&b, of_ones);
    tear_down(&b);
    set_up(&b, others, "strict", 0.1, 3000);
    verify(&b, of_others);
    tear_down(&b);
    together_assert(together_rank() != 0 || fabs(of_ones[0].scale - of_others[0].scale) > 1e-4);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("inference/error_weights");
    TCase *cases = tcase_create("precision");
    tcase_set_timeout(cases, 0);
    tcase_add_test(cases, the_limit_is_exact_whatever_the_precision);
    tcase_add_test(cases, the_rates_are_eta_times_precision);
    tcase_add_test(cases, rates_of_one_are_exact_in_as_many_steps_as_layers);
    tcase_add_test(cases, it_is_stable_below_a_rate_of_two);
    tcase_add_test(cases, neurons_of_one_population_may_differ);
    tcase_add_test(cases, stricts_fixed_point_depends_on_the_precision);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
