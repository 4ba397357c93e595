/* Arguments beyond the limits of the library's calls: each fails on every rank, and nothing is written. Run
 * with any number of ranks. */
#include "learning/learning.h"
#include "support/nets.h"
#include "support/numbers.h"
#include "support/together.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { CAPACITY = 4 };

typedef struct stage {
    vic_network *network;
    int rank_of[8];
    vic_inference *x;
} stage;

static void start(stage *s, const char *loss, bool learns) {
    s->network = net_chain(VIC_FLOAT32, (vic_shape){1, {5}}, "linear 4, tanh | linear 3", loss, VIC_MEAN);
    together_place(s->network, together_size(), s->rank_of);
    together_assert_ok(vic_inference_create(&s->x, together_group(), s->network, s->rank_of, CAPACITY, learns,
                                            net_options("strict", 0.1, 3)));
    net_give(s->x, net_draw(s->network, 1));
    net_data data = net_data_of(s->network, CAPACITY, 2);
    net_feed(s->x, &data);
}

static void stop(stage *s) {
    vic_inference_destroy(&s->x);
    vic_network_destroy(&s->network);
}

static bool refused(vic_status status, const char *text) {
    return status == VIC_BAD_CONFIG && strstr(vic_error_text(), text) != NULL;
}

START_TEST(batches_that_do_not_fit) {
    static const size_t batches[] = {0, CAPACITY + 1, SIZE_MAX};
    stage s;
    start(&s, "squared-error", true);
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        together_assert(refused(vic_inference_run(s.x, batches[i]), "capacity of 1 to 4"));
        together_assert(refused(vic_inference_sweep(s.x, batches[i]), "capacity of 1 to 4"));
    }
    together_assert(refused(vic_inference_run(NULL, 1), "no inference"));
    together_assert_ok(vic_inference_run(s.x, CAPACITY));
    together_assert_ok(vic_inference_check(s.x));
    stop(&s);
}
END_TEST

START_TEST(classes_that_are_none) {
    static const int64_t wrong[] = {-1, 3, INT64_MAX, INT64_MIN};
    stage s;
    start(&s, "cross-entropy", true);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t *target = vic_inference_target(s.x);
        if (target)
            target[CAPACITY - 1] = wrong[i];
        together_assert_ok(vic_inference_run(s.x, CAPACITY));
        together_assert(refused(vic_inference_check(s.x), "sample 3 is of class"));
        together_assert_ok(vic_inference_run(s.x, CAPACITY - 1));
        together_assert_ok(vic_inference_check(s.x));
        vic_status status = target ? vic_feed_classes(s.x, &wrong[i], 1) : VIC_BAD_FILE;
        together_assert(status == VIC_BAD_FILE);
    }
    stop(&s);
}
END_TEST

START_TEST(options_that_make_no_sense) {
    stage s;
    start(&s, "squared-error", true);
    vic_inference_options options = net_options("strict", 0.1, 3);
    options.algorithm = NULL;
    together_assert(refused(vic_inference_set_options(s.x, options), "algorithm"));
    together_assert(refused(vic_inference_set_options(s.x, net_options("strict", 0, 3)), "inference.eta"));
    together_assert(refused(vic_inference_set_options(s.x, net_options("strict", NAN, 3)), "inference.eta"));
    together_assert(
        refused(vic_inference_set_options(s.x, net_options("strict", 0.1, 0)), "inference.steps"));
    together_assert_ok(vic_inference_set_options(s.x, net_options("exact", 0, 0))); /* which has neither */
    together_assert_ok(vic_inference_set_options(s.x, net_options("strict", 0.1, 3)));
    together_assert_ok(vic_inference_run(s.x, CAPACITY));
    together_assert(vic_inference_energy(s.x, 1, 4) == 0 && vic_inference_energy(s.x, 1, -1) == 0);
    stop(&s);
}
END_TEST

START_TEST(places_that_are_none) {
    stage s;
    vic_inference *x;
    start(&s, "squared-error", true);
    s.rank_of[1] = together_size();
    vic_status status =
        vic_inference_create(&x, together_group(), s.network, s.rank_of, 1, true, net_options("exact", 1, 1));
    together_assert(refused(status, "population 1 is placed on rank") && x == NULL);
    together_place(s.network, together_size(), s.rank_of);
    stop(&s);
}
END_TEST

START_TEST(learning_beyond_the_capacity) {
    stage s;
    vic_trainer *trainer;
    vic_learning_options options = {.optimizer = vic_optimizer_find(VIC_FLOAT32, "sgd"), .batch = CAPACITY};
    start(&s, "squared-error", false);
    together_assert(refused(vic_trainer_create(&trainer, s.x, options, 1), "gradients") && trainer == NULL);
    stop(&s);
    start(&s, "squared-error", true);
    for (options.batch = 0; options.batch <= CAPACITY + 1; options.batch += CAPACITY + 1)
        together_assert(refused(vic_trainer_create(&trainer, s.x, options, 1), "learning.batch"));
    options.batch = CAPACITY;
    options.optimizer = NULL;
    together_assert(refused(vic_trainer_create(&trainer, s.x, options, 1), "optimizer"));
    stop(&s);
}
END_TEST

/* ---- sizes ---- */

START_TEST(products_of_sizes) {
    ck_assert_uint_eq(vic_size_product((size_t)1 << 32, (size_t)1 << 31), (size_t)1 << 63);
    ck_assert_uint_eq(vic_size_product((size_t)1 << 32, (size_t)1 << 32), SIZE_MAX);
    ck_assert_uint_eq(vic_size_product(SIZE_MAX, 2), SIZE_MAX);
    ck_assert_uint_eq(vic_size_product(SIZE_MAX, 0), 0);
    ck_assert_uint_eq(vic_size_sum(SIZE_MAX, 1), SIZE_MAX);
    ck_assert_uint_eq(vic_size_sum(SIZE_MAX - 1, 1), SIZE_MAX);
    ck_assert_uint_eq(vic_shape_count((vic_shape){3, {(size_t)1 << 40, (size_t)1 << 40, 2}}), SIZE_MAX);
}
END_TEST

/* 2^40 numbers for each of 2^24 samples: 2^64, which a size_t takes for 0. */
START_TEST(batches_that_nothing_holds) {
    static const size_t batches[] = {0, (size_t)1 << 24, (size_t)1 << 31, SIZE_MAX};
    size_t wide = (size_t)1 << 20, bytes;
    bool here[] = {true, true};
    int rank_of[] = {0, 0};
    vic_inference *x;
    vic_network *network =
        net_chain(VIC_FLOAT32, (vic_shape){2, {wide, wide}}, "relu, flatten", "squared-error", VIC_MEAN);
    vic_inference_options options = net_options("exact", 1, 1);
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        together_assert(refused(vic_network_check_batch(network, batches[i]), "batch of"));
        together_assert(
            refused(vic_inference_forecast(&bytes, network, here, batches[i], true, options), "batch of"));
        together_assert(
            refused(vic_inference_create(&x, together_group(), network, rank_of, batches[i], true, options),
                    "batch of"));
    }
    vic_network_destroy(&network);
}
END_TEST

START_TEST(functions_that_nothing_holds) {
    const vic_function_kind *conv = vic_function_find(VIC_FLOAT32, "conv2d");
    const vic_function_kind *relu = vic_function_find(VIC_FLOAT32, "relu");
    size_t most = INT_MAX, deep = (size_t)1 << 50;
    vic_function f;
    ck_assert(refused(
        vic_function_place(&f, conv, (vic_shape){3, {deep, 100, 100}}, (const size_t[]){most, 50, 1, 0, 1}),
        "too many numbers"));
    ck_assert(refused(
        vic_function_place(&f, conv, (vic_shape){3, {1, 9, 9}}, (const size_t[]){SIZE_MAX, 3, 1, 0, 1}),
        "out is"));
    ck_assert(
        refused(vic_function_place(&f, conv, (vic_shape){3, {1, 9, 9}}, (const size_t[]){1, 3, 0, 0, 1}),
                "stride is 0"));
    ck_assert(refused(vic_function_place(&f, relu, (vic_shape){2, {deep, deep}}, NULL), "too many numbers"));
    ck_assert(refused(vic_function_place(&f, relu, (vic_shape){2, {3, 0}}, NULL), "without numbers"));
    ck_assert(refused(vic_function_place(&f, relu, (vic_shape){9, {1}}, NULL), "without numbers"));
}
END_TEST

START_TEST(networks_that_do_not_fit_together) {
    vic_network *network;
    vic_function f;
    const vic_function_kind *linear = vic_function_find(VIC_FLOAT32, "linear");
    ck_assert(refused(vic_network_create(&network, VIC_FLOAT32, (vic_shape){1, {0}}), "network.input"));
    ck_assert(
        refused(vic_network_create(&network, VIC_FLOAT32, (vic_shape){2, {SIZE_MAX, 2}}), "network.input"));
    ck_assert_int_eq(vic_network_create(&network, VIC_FLOAT32, (vic_shape){1, {3}}), VIC_OK);
    ck_assert_int_eq(vic_function_place(&f, linear, (vic_shape){1, {4}}, (const size_t[]){2, 1}), VIC_OK);
    ck_assert(refused(vic_network_grow(network, 0, 1, &f), "takes [4] and gets [3]"));
    ck_assert(refused(vic_network_grow(network, 0, 0, &f), "at least one function"));
    ck_assert(refused(vic_network_grow(network, 1, 1, &f), "there are 1"));
    ck_assert(refused(vic_network_grow(network, -1, 1, &f), "there are 1"));
    ck_assert_int_eq(network->n_populations, 1);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("limits");
    TCase *tests = tcase_create("limits");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_test(tests, batches_that_do_not_fit);
    tcase_add_test(tests, classes_that_are_none);
    tcase_add_test(tests, options_that_make_no_sense);
    tcase_add_test(tests, places_that_are_none);
    tcase_add_test(tests, learning_beyond_the_capacity);
    tcase_add_test(tests, products_of_sizes);
    tcase_add_test(tests, batches_that_nothing_holds);
    tcase_add_test(tests, functions_that_nothing_holds);
    tcase_add_test(tests, networks_that_do_not_fit_together);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
