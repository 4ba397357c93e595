/* What trajectory finds for every number of steps is what verify finds for that number alone. */
#include "support/learner.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"
#include "verify/verify.h"

#include <math.h>
#include <string.h>

enum { BATCH = 6, MOST = 16, LAYERS = 5, STEPS = 9 };

static const char chain[] = "linear 8, tanh | linear 7, relu | linear 6, sigmoid | tanh | linear 4";

typedef struct subject {
    vic_network *network;
    int rank_of[MOST];
    vic_inference *x;
    vic_layer_check checks[STEPS][LAYERS];
} subject;

static void open_subject(subject *s, vic_precision precision, vic_inference_options options) {
    *s = (subject){.network = net_chain(precision, (vic_shape){1, {9}}, chain, "cross-entropy", VIC_MEAN)};
    together_place(s->network, together_size(), s->rank_of);
    together_assert_ok(
        vic_inference_create(&s->x, together_group(), s->network, s->rank_of, BATCH, true, options));
    learner_attach(s->x, "adam", true);
    net_data data = net_data_of(s->network, BATCH, 1);
    net_give(s->x, net_draw(s->network, 1));
    net_feed(s->x, &data);
}

static void close_subject(subject *s) {
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}

static bool same_number(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static bool same_check(const vic_layer_check *a, const vic_layer_check *b) {
    return a->has_parameters == b->has_parameters && same_number(a->relative_error, b->relative_error) &&
           same_number(a->angle, b->angle) && a->ulp == b->ulp && same_number(a->scale, b->scale) &&
           same_number(a->law, b->law) && same_number(a->law_error, b->law_error) && a->kept == b->kept;
}

static void compare_with_verify(subject *s, vic_inference_options options, vic_scope scope) {
    for (int n = 1; n <= STEPS; n++) {
        vic_layer_check alone[LAYERS];
        options.steps = n;
        together_assert_ok(vic_inference_set_options(s->x, options));
        together_assert_ok(vic_verify(s->x, BATCH, scope, alone));
        for (int l = 0; l < LAYERS; l++)
            together_assert_msg(together_rank() != 0 || same_check(&s->checks[n - 1][l], &alone[l]),
                                "%s, eta %g, after %d steps, layer %d: relative error %.17g, alone %.17g",
                                vic_algorithm_name(options.algorithm), options.eta, n, l + 1,
                                s->checks[n - 1][l].relative_error, alone[l].relative_error);
    }
}

static const char *const algorithms[] = {"strict", "fixed-prediction", "augmented-lagrangian", "incremental"};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms, VARIANTS = 8 * ALGORITHMS };

static vic_inference_options variant(int i) {
    int rest = i / ALGORITHMS;
    vic_inference_options options = net_options(algorithms[i % ALGORITHMS], rest % 2 ? 1 : 0.3, STEPS);
    options.coordinates = rest / 2 % 2 ? VIC_COORDINATES_BELIEF : VIC_COORDINATES_ERROR;
    options.always = rest / 4 % 2;
    return options;
}

START_TEST(every_row_is_that_of_verify) {
    for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
        subject s;
        vic_scope scope = precision == VIC_FLOAT32 ? VIC_WEIGHTS_AND_BIASES : VIC_WEIGHTS_ALONE;
        open_subject(&s, (vic_precision)precision, variant(_i));
        together_assert_ok(vic_trajectory(s.x, BATCH, scope, s.checks[0]));
        compare_with_verify(&s, variant(_i), scope);
        close_subject(&s);
    }
}
END_TEST

START_TEST(exact_takes_one_step) {
    subject s;
    open_subject(&s, VIC_FLOAT64, net_options("exact", 1, STEPS));
    together_assert_ok(vic_trajectory(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, s.checks[0]));
    together_assert(together_rank() != 0 ||
                    (s.checks[0][0].relative_error == 0 && s.checks[0][0].scale == 1));
    close_subject(&s);
}
END_TEST

/* A step size far too large: the numbers overflow and are NaN in the rows, which are complete. */
START_TEST(divergence_is_recorded) {
    subject s;
    vic_inference_options options = net_options("strict", 1e30, STEPS);
    open_subject(&s, VIC_FLOAT32, options);
    vic_status status = vic_trajectory(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, s.checks[0]);
    together_assert_msg(status == VIC_NOT_FINITE && strstr(vic_error_text(), "not a finite number") != NULL,
                        "%s", vic_error_text());
    together_assert(together_rank() != 0 || s.checks[0][0].relative_error == 1);
    together_assert(together_rank() != 0 || isnan(s.checks[STEPS - 1][0].relative_error));
    together_assert(together_rank() != 0 || isnan(s.checks[STEPS - 1][0].angle));
    together_assert_ok(vic_inference_set_options(s.x, net_options("strict", 0.1, STEPS)));
    together_assert_ok(vic_verify(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, s.checks[0]));
    close_subject(&s);
}
END_TEST

/* The options are the configured ones afterwards, silence included. */
START_TEST(leaves_what_was_configured) {
    subject s;
    open_subject(&s, VIC_FLOAT64, net_options("strict", 0.3, STEPS));
    together_assert_ok(vic_trajectory(s.x, BATCH, VIC_WEIGHTS_AND_BIASES, s.checks[0]));
    vic_inference_options options = vic_inference_get_options(s.x);
    together_assert(strcmp(vic_algorithm_name(options.algorithm), "strict") == 0);
    together_assert(options.steps == STEPS && !options.gradients_every_step);
    close_subject(&s);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("trajectory");
    TCase *tests = tcase_create("trajectory");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, every_row_is_that_of_verify, 0, VARIANTS);
    tcase_add_test(tests, exact_takes_one_step);
    tcase_add_test(tests, divergence_is_recorded);
    tcase_add_test(tests, leaves_what_was_configured);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
