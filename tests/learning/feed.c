/* The way of a batch into the network: order, inputs, labels. */
#include "made_data.h"

#include "base/pool.h"
#include "support/numbers.h"
#include "support/together.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- shuffling ---- */

static const size_t counts[] = {0, 1, 2, 3, 10, 1797};

START_TEST(shuffle_is_a_permutation) {
    size_t n = counts[_i], *order = scrap(n + 1, sizeof *order), *seen = scrap(n + 1, sizeof *seen);
    order[n] = 12345;
    vic_shuffle(n, 3, 4, order);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_lt(order[i], n);
        ck_assert_uint_eq(seen[order[i]]++, 0);
    }
    ck_assert_uint_eq(order[n], 12345);
}
END_TEST

START_TEST(shuffle_depends_on_seed_and_epoch_alone) {
    enum { COUNT = 1000 };
    size_t order[COUNT], again[COUNT];
    vic_shuffle(COUNT, 3, 4, order);
    vic_shuffle(COUNT, 3, 4, again);
    ck_assert_int_eq(memcmp(order, again, sizeof order), 0);
    for (int other = 0; other < 2; other++) {
        size_t same = 0;
        vic_shuffle(COUNT, other ? 3 : 4, other ? 5 : 4, again);
        for (size_t i = 0; i < COUNT; i++)
            same += order[i] == again[i];
        ck_assert_uint_lt(same, 10); /* one is expected */
    }
}
END_TEST

/* Every rank draws the same order: compared by a sum that depends on it. */
START_TEST(shuffle_is_the_same_on_every_rank) {
    size_t order[100];
    int64_t sums[2] = {0}, most[2];
    vic_shuffle(100, 8, 9, order);
    for (size_t i = 0; i < 100; i++)
        sums[0] += (int64_t)(order[i] * i * i);
    sums[1] = -sums[0];
    together_assert_ok(vic_group_allreduce_max(together_group(), 2, sums, most));
    ck_assert_int_eq(most[0], -most[1]);
}
END_TEST

/* All orders of three are about equally frequent: 6000 draws, 1000 of each expected, five times the standard
 * deviation allowed. */
START_TEST(shuffle_is_fair) {
    int hits[27] = {0};
    for (uint64_t epoch = 0; epoch < 6000; epoch++) {
        size_t order[3];
        vic_shuffle(3, 1, epoch, order);
        hits[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    static const int all[] = {5, 7, 11, 15, 19, 21};
    for (int i = 0; i < 6; i++)
        ck_assert_msg(abs(hits[all[i]] - 1000) < 145, "order %d came %d times", i, hits[all[i]]);
}
END_TEST

/* ---- feeding ---- */

/* Loop test over (loss, precision). */
START_TEST(feeds_inputs_and_labels_where_they_belong) {
    vic_precision precision = _i % 2 ? VIC_FLOAT64 : VIC_FLOAT32;
    vic_network *network = net_chain(precision, (vic_shape){3, {1, 2, 3}}, "flatten, linear 5 | linear 4",
                                     _i / 2 ? "squared-error" : "cross-entropy", VIC_MEAN);
    const size_t order[] = {7, 2, 2, 9, 0};
    int rank_of[3];
    int64_t labels[6] = {0};
    vic_inference *x;
    made_data data;
    made_data_open(&data, network, 10);
    together_place(network, together_size(), rank_of);
    together_assert_ok(
        vic_inference_create(&x, together_group(), network, rank_of, 6, true, net_options("exact", 1, 1)));
    together_assert_ok(vic_feed(x, &data.source, order, 5, labels));
    net_data expected = made_data_batch(&data, order, 5);
    const void *input = vic_inference_input(x), *target = vic_inference_target(x);
    together_assert(!input || farthest(30, net_rows(network, 0, 5, input), expected.input) == 0);
    together_assert(!target || memcmp(labels, expected.classes, 5 * sizeof *labels) == 0);
    if (_i / 2)
        together_assert(!target || farthest(20, net_rows(network, 2, 5, target), expected.values) == 0);
    else
        together_assert(!target || memcmp(target, expected.classes, 5 * sizeof *labels) == 0);
    together_assert((input != NULL) == (rank_of[0] == together_rank()));
    together_assert((target != NULL) == (rank_of[2] == together_rank()));
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

/* More samples and features than a thread takes at once. */
START_TEST(threads_feed_every_sample) {
    enum { BATCH = 101, DATA = 500, FEATURES = 700 };
    vic_network *network =
        net_chain(VIC_FLOAT32, (vic_shape){1, {FEATURES}}, "linear 4", "cross-entropy", VIC_MEAN);
    size_t order[BATCH];
    int rank_of[2];
    int64_t labels[BATCH];
    vic_inference *x;
    made_data data;
    made_data_open(&data, network, DATA);
    for (size_t i = 0; i < BATCH; i++)
        order[i] = bits_at(5, i) % DATA;
    together_place(network, together_size(), rank_of);
    together_assert_ok(vic_inference_create(&x, together_group(), network, rank_of, BATCH, true,
                                            net_options("exact", 1, 1)));
    together_assert_ok(vic_pool_start(_i, false, NULL));
    together_assert_ok(vic_feed(x, &data.source, order, BATCH, labels));
    vic_pool_stop();
    net_data expected = made_data_batch(&data, order, BATCH);
    const void *input = vic_inference_input(x);
    together_assert(!input ||
                    farthest(FEATURES * BATCH, net_rows(network, 0, BATCH, input), expected.input) == 0);
    vic_inference_destroy(&x);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("feed");
    TCase *tests = tcase_create("feed");
    tcase_add_checked_fixture(tests, NULL, scrap_free);
    tcase_add_loop_test(tests, shuffle_is_a_permutation, 0, sizeof counts / sizeof counts[0]);
    tcase_add_test(tests, shuffle_depends_on_seed_and_epoch_alone);
    tcase_add_test(tests, shuffle_is_the_same_on_every_rank);
    tcase_add_test(tests, shuffle_is_fair);
    tcase_add_loop_test(tests, feeds_inputs_and_labels_where_they_belong, 0, 4);
    tcase_add_loop_test(tests, threads_feed_every_sample, 1, 5);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
