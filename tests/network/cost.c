/* The work of each rule, against what counting by hand gives. */
#include "support/graph.h"
#include "support/suite.h"

#include <check.h>

static void assert_cost(vic_cost found, double products, double bytes) {
    ck_assert_double_eq(found.products, products);
    ck_assert_double_eq(found.bytes, bytes);
    ck_assert_uint_eq(found.tasks, 1);
}

static vic_function placed(vic_precision precision, const char *name, vic_shape in, size_t first,
                           size_t second) {
    const size_t option[VIC_MAX_OPTIONS] = {first, second, 1, 0, 1};
    vic_function function;
    ck_assert_int_eq(vic_function_place(&function, vic_function_find(precision, name), in, option), VIC_OK);
    return function;
}

/* One edge: conv2d 3x3, relu, maxpool2d 2 and, where `flat`, flatten and linear: 3. */
static vic_network *convolutions(vic_precision precision, vic_shape in, size_t channels, bool flat) {
    vic_network *network;
    ck_assert_int_eq(vic_network_create(&network, precision, in), VIC_OK);
    vic_function layer[5];
    layer[0] = placed(precision, "conv2d", in, channels, 3);
    layer[1] = placed(precision, "relu", layer[0].out, 0, 0);
    layer[2] = placed(precision, "maxpool2d", layer[1].out, 2, 0);
    layer[3] = placed(precision, "flatten", layer[2].out, 0, 0);
    if (flat)
        layer[4] = placed(precision, "linear", layer[3].out, 3, 1);
    ck_assert_int_eq(vic_network_grow(network, 0, flat ? 5 : 3, layer), VIC_OK);
    return network;
}

/* 3 neurons to 4 by linear and tanh, to 2 by linear alone; 5 samples of 4 bytes. */
START_TEST(linear_layers) {
    vic_network *network = graph_chain(VIC_FLOAT32, 2, (const size_t[]){3, 4, 2});
    double first = 2 * 3 * 4 * 5, second = 2 * 4 * 2 * 5;
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_PREDICT, 5), first, (4 + 4) * 5 * 4);
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_VJP, 5), first, 3 * 4 * 5 * 4);
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_GRADIENT, 5), first, 3 * 4 * 5 * 4);
    assert_cost(vic_edge_cost(network, 1, VIC_TASK_PREDICT, 5), second, 0);
    assert_cost(vic_edge_cost(network, 1, VIC_TASK_VJP, 5), second, 0);
    assert_cost(vic_edge_cost(network, 1, VIC_TASK_GRADIENT, 5), second, 0);
    vic_network_destroy(&network);
}
END_TEST

/* Later micro-batches read 3 x 4 weights and 4 biases again; gradients write them, too. */
START_TEST(microbatches_of_a_batch) {
    vic_network *network = graph_chain(VIC_FLOAT32, 2, (const size_t[]){3, 4, 2});
    const vic_sample_range first = {0, 2}, later = {2, 3};
    double each = 2 * 3 * 4, synapses = (3 * 4 + 4) * 4;
    assert_cost(vic_microbatch_cost(network, 0, VIC_TASK_PREDICT, first), each * 2, (4 + 4) * 2 * 4);
    assert_cost(vic_microbatch_cost(network, 0, VIC_TASK_PREDICT, later), each * 3,
                (4 + 4) * 3 * 4 + synapses);
    assert_cost(vic_microbatch_cost(network, 0, VIC_TASK_VJP, later), each * 3, 3 * 4 * 3 * 4 + synapses);
    assert_cost(vic_microbatch_cost(network, 0, VIC_TASK_GRADIENT, later), each * 3,
                3 * 4 * 3 * 4 + 2 * synapses);
    vic_network_destroy(&network);
}
END_TEST

/* What tanh returns moves (3 arrays), since errors that are taken back read it; tanh reads its input and the
 * change of it, and writes another. */
START_TEST(changes_of_linear_layers) {
    vic_network *network = graph_chain(VIC_FLOAT32, 2, (const size_t[]){3, 4, 2});
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_CHANGE, 5), 2 * 3 * 4 * 5, (3 * 4 + 3 * 4) * 5 * 4);
    assert_cost(vic_edge_cost(network, 1, VIC_TASK_CHANGE, 5), 2 * 4 * 2 * 5, 0);
    vic_network_destroy(&network);
}
END_TEST

/* [1, 4, 4] to [2, 2, 2], [2, 1, 1], [2] and [3]; 2 samples of 8 bytes. */
START_TEST(convolutions_in_one_block) {
    vic_network *network = convolutions(VIC_FLOAT64, (vic_shape){3, {1, 4, 4}}, 2, true);
    double conv2d = 2 * 8 * 9, linear = 2 * 2 * 3;
    double back =
        3 * 2 + (2 + 8) + (2 + 2); /* relu, which comes last; maxpool2d, by its saved context; flatten */
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_PREDICT, 2), (conv2d + linear) * 2,
                ((8 + 2) + (2 + 2)) * 2 * 8);
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_VJP, 2), (conv2d + linear) * 2, back * 2 * 8);
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_GRADIENT, 2), (conv2d + linear + linear) * 2,
                back * 2 * 8);
    vic_network_destroy(&network);
}
END_TEST

/* [1, 28, 28] to [4, 26, 26] and [4, 13, 13]: 32 samples fit the cache. Blocks are copied from messages and
 * to them. */
START_TEST(convolutions_in_blocks) {
    vic_network *network = convolutions(VIC_FLOAT32, (vic_shape){3, {1, 28, 28}}, 4, false);
    double in = 784, middle = 2704, out = 676, conv2d = 2 * middle * 9;
    double forward = middle + out + 2 * out, back = middle + out + 3 * out;
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_PREDICT, 80), conv2d * 80,
                (2 * in + 2 * out + forward) * 80 * 4);
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_VJP, 80), conv2d * 80, (2 * in + 2 * out + back) * 80 * 4);
    assert_cost(vic_edge_cost(network, 0, VIC_TASK_GRADIENT, 80), conv2d * 80, (2 * out + back) * 80 * 4);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(arrays_of_a_population) {
    static const struct {
        vic_task task;
        int arrays;
    } cases[] = {
        {VIC_TASK_CLEAR, 1},    {VIC_TASK_COPY, 2}, {VIC_TASK_SUM, 1},   {VIC_TASK_ADD, 3},
        {VIC_TASK_SUBTRACT, 3}, {VIC_TASK_MIX, 3},  {VIC_TASK_RELAX, 4}, {VIC_TASK_LOSS, 3},
    };
    vic_network *network = graph_chain(VIC_FLOAT64, 2, (const size_t[]){3, 4, 2});
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_cost(vic_population_cost(network, 1, cases[i].task, 5), 0, cases[i].arrays * 4 * 5 * 8);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(costs_add_up) {
    vic_cost total = {.products = 1, .bytes = 2, .tasks = 3};
    vic_cost_add(&total, (vic_cost){.products = 10, .bytes = 20, .tasks = 30});
    ck_assert_double_eq(total.products, 11);
    ck_assert_double_eq(total.bytes, 22);
    ck_assert_uint_eq(total.tasks, 33);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("network/work");
    TCase *tests = tcase_create("cost");
    tcase_add_test(tests, linear_layers);
    tcase_add_test(tests, microbatches_of_a_batch);
    tcase_add_test(tests, changes_of_linear_layers);
    tcase_add_test(tests, convolutions_in_one_block);
    tcase_add_test(tests, convolutions_in_blocks);
    tcase_add_test(tests, arrays_of_a_population);
    tcase_add_test(tests, costs_add_up);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return run_suite(make_suite());
}
