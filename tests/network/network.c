/* The network as a graph: growing, connecting, heights, names of parameters, and what is refused. */
#include "support/graph.h"
#include "support/suite.h"

#include <check.h>
#include <string.h>

static vic_function placed(const char *name, vic_shape in, const size_t *option) {
    vic_function function;
    ck_assert_int_eq(vic_function_place(&function, vic_function_find(VIC_FLOAT32, name), in, option), VIC_OK);
    return function;
}

static vic_function linear(vic_shape in, size_t out, bool bias) {
    const size_t option[VIC_MAX_OPTIONS] = {out, bias};
    return placed("linear", in, option);
}

static vic_network *create(vic_shape input) {
    vic_network *network;
    ck_assert_int_eq(vic_network_create(&network, VIC_FLOAT32, input), VIC_OK);
    return network;
}

START_TEST(a_new_network_is_its_input_alone) {
    vic_network *network = create((vic_shape){3, {1, 4, 5}});
    ck_assert_int_eq(network->n_populations, 1);
    ck_assert_int_eq(network->n_edges, 0);
    ck_assert_int_eq(vic_network_output(network), 0);
    ck_assert_uint_eq(vic_network_parameters(network), 0);
    ck_assert(vic_shape_equal(network->shapes[0], (vic_shape){3, {1, 4, 5}}));
    vic_network_destroy(&network);
    ck_assert_ptr_null(network);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(growing_adds_a_population_of_the_predicted_shape) {
    vic_network *network = create((vic_shape){3, {1, 2, 3}});
    vic_function layer[2] = {placed("flatten", network->shapes[0], NULL)};
    layer[1] = linear(layer[0].out, 7, true);
    ck_assert_int_eq(vic_network_grow(network, 0, 2, layer), VIC_OK);
    memset(layer, 0, sizeof layer); /* the network has copies */
    ck_assert_int_eq(network->n_populations, 2);
    ck_assert(vic_shape_equal(network->shapes[1], (vic_shape){1, {7}}));
    ck_assert_int_eq(network->edges[0].from, 0);
    ck_assert_int_eq(network->edges[0].to, 1);
    ck_assert_uint_eq(network->edges[0].n_functions, 2);
    ck_assert_str_eq(network->edges[0].functions[0].kind->name, "flatten");
    ck_assert_str_eq(network->edges[0].functions[1].kind->name, "linear");
    ck_assert_uint_eq(vic_network_parameters(network), 6 * 7 + 7);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(parameters_are_named_as_in_pytorch) {
    static const char *const names[] = {"0.1.weight", "0.1.bias", "1.1.weight", "2.0.weight", "2.0.bias"};
    static const size_t counts[] = {42, 7, 35, 20, 4};
    vic_network *network = create((vic_shape){3, {1, 2, 3}});
    vic_function layer[2] = {placed("flatten", network->shapes[0], NULL)};
    layer[1] = linear(layer[0].out, 7, true);
    ck_assert_int_eq(vic_network_grow(network, 0, 2, layer), VIC_OK);
    layer[0] = placed("relu", network->shapes[1], NULL);
    layer[1] = linear(layer[0].out, 5, false);
    ck_assert_int_eq(vic_network_grow(network, 1, 2, layer), VIC_OK);
    layer[0] = linear(network->shapes[2], 4, true);
    ck_assert_int_eq(vic_network_grow(network, 2, 1, layer), VIC_OK);
    int seen = 0;
    for (int e = 0; e < network->n_edges; e++)
        for (size_t i = 0; i < vic_edge_parameters(&network->edges[e]); i++, seen++) {
            vic_parameter_slot slot = vic_parameter_slot_at(network, e, i);
            ck_assert_str_eq(slot.name, names[seen]);
            ck_assert_uint_eq(slot.parameter->count, counts[seen]);
            ck_assert_ptr_eq(slot.parameter, &network->edges[e].functions[slot.f].parameter[slot.k]);
        }
    ck_assert_int_eq(seen, 5);
    ck_assert_uint_eq(vic_network_parameters(network), 42 + 7 + 35 + 20 + 4);
    vic_network_destroy(&network);
}
END_TEST

/* ---- heights ---- */

static void assert_heights(const vic_network *network, const int *shortest, const int *longest) {
    int low[64], high[64];
    ck_assert_int_eq(vic_network_heights(network, low, high), VIC_OK);
    for (int p = 0; p < network->n_populations; p++) {
        ck_assert_int_eq(low[p], shortest[p]);
        ck_assert_int_eq(high[p], longest[p]);
    }
}

START_TEST(heights_in_a_chain_count_down_to_the_output) {
    int expected[41];
    vic_network *network = graph_any_chain(VIC_FLOAT32, 40);
    for (int l = 0; l <= 40; l++)
        expected[l] = 40 - l;
    assert_heights(network, expected, expected);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(heights_are_the_shortest_and_the_longest_way_up) {
    vic_network *network = graph_dag(VIC_FLOAT32);
    assert_heights(network, (const int[]){2, 1, 1, 1, 0}, (const int[]){3, 2, 1, 1, 0});
    int low[5];
    ck_assert_int_eq(vic_network_heights(network, low, NULL), VIC_OK);
    ck_assert_int_eq(low[0], 2);
    ck_assert_int_eq(vic_network_heights(network, NULL, low), VIC_OK);
    ck_assert_int_eq(low[0], 3);
    ck_assert_int_eq(vic_network_heights(network, NULL, NULL), VIC_OK);
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_population_that_leads_nowhere_is_refused) {
    vic_network *network = create((vic_shape){1, {4}});
    vic_function layer = linear(network->shapes[0], 3, true);
    int low[3], high[3];
    ck_assert_int_eq(vic_network_grow(network, 0, 1, &layer), VIC_OK);
    ck_assert_int_eq(vic_network_grow(network, 0, 1, &layer), VIC_OK);
    ck_assert_int_eq(vic_network_heights(network, low, high), VIC_BAD_CONFIG);
    ck_assert_msg(strstr(vic_error_text(), "population 1 does not lead to the output") != NULL, "%s",
                  vic_error_text());
    ck_assert_int_eq(vic_network_heights(network, NULL, high), VIC_BAD_CONFIG);
    vic_network_destroy(&network);
}
END_TEST

/* ---- connecting ---- */

START_TEST(connecting_adds_an_edge_between_populations_that_are_there) {
    vic_network *network = graph_any_chain(VIC_FLOAT32, 3);
    vic_function layer = linear(network->shapes[0], vic_shape_count(network->shapes[3]), false);
    ck_assert_int_eq(vic_network_connect(network, 0, 3, 1, &layer), VIC_OK);
    ck_assert_int_eq(network->n_populations, 4);
    ck_assert_int_eq(network->n_edges, 4);
    ck_assert_int_eq(network->edges[3].from, 0);
    ck_assert_int_eq(network->edges[3].to, 3);
    ck_assert_str_eq(vic_parameter_slot_at(network, 3, 0).name, "3.0.weight");
    vic_network_destroy(&network);
}
END_TEST

static void assert_refused(vic_network *network, int from, int to, const vic_function *layer,
                           const char *text) {
    int edges = network->n_edges;
    ck_assert_int_eq(vic_network_connect(network, from, to, 1, layer), VIC_BAD_CONFIG);
    ck_assert_msg(strstr(vic_error_text(), text) != NULL, "\"%s\" is not in: %s", text, vic_error_text());
    ck_assert_int_eq(network->n_edges, edges);
}

START_TEST(edges_go_upward_between_populations_that_are_there) {
    vic_network *network = graph_chain(VIC_FLOAT32, 3, (const size_t[]){4, 4, 4, 4});
    vic_function layer = linear(network->shapes[0], 4, true);
    assert_refused(network, 2, 1, &layer, "from population 2 to 1: edges go upward");
    assert_refused(network, 2, 2, &layer, "from population 2 to 2: edges go upward");
    assert_refused(network, -1, 2, &layer, "from population -1 to 2");
    assert_refused(network, 1, 4, &layer, "to a population below 4");
    vic_network_destroy(&network);
}
END_TEST

START_TEST(the_shapes_of_an_edge_must_fit) {
    vic_network *network = graph_chain(VIC_FLOAT32, 3, (const size_t[]){4, 5, 4, 6});
    vic_function four_to_four = linear(network->shapes[0], 4, true);
    assert_refused(network, 0, 1, &four_to_four, "predicts [4], population 1 is [5]");
    assert_refused(network, 1, 2, &four_to_four,
                   "the edge from population 1 to 2 takes [4], population 1 is [5]");
    vic_network_destroy(&network);
}
END_TEST

/* relu goes behind the pooling, whose output has fewer numbers; tanh may not, for it is not flat where
 * rounding makes different inputs the same. */
START_TEST(monotone_functions_are_computed_after_pooling) {
    static const char *const listed[] = {"relu", "maxpool2d", "tanh", "relu", "maxpool2d"};
    static const char *const computed[] = {"maxpool2d", "relu", "tanh", "maxpool2d", "relu"};
    const size_t option[VIC_MAX_OPTIONS] = {2};
    vic_function layer[5];
    vic_shape shape = {3, {1, 8, 8}};
    vic_network *network;
    ck_assert_int_eq(vic_network_create(&network, VIC_FLOAT32, shape), VIC_OK);
    for (int k = 0; k < 5; k++, shape = layer[k - 1].out)
        ck_assert_int_eq(
            vic_function_place(&layer[k], vic_function_find(VIC_FLOAT32, listed[k]), shape, option), VIC_OK);
    ck_assert_int_eq(vic_network_grow(network, 0, 5, layer), VIC_OK);
    const vic_edge *edge = &network->edges[0];
    for (int k = 0; k < 5; k++) {
        ck_assert_str_eq(edge->functions[k].kind->name, listed[k]);
        ck_assert_str_eq(edge->computed[k].kind->name, computed[k]);
        ck_assert(k == 0 || vic_shape_equal(edge->computed[k].in, edge->computed[k - 1].out));
    }
    ck_assert(vic_shape_equal(edge->computed[4].out, layer[4].out));
    vic_network_destroy(&network);
}
END_TEST

START_TEST(a_converted_network_is_the_same_in_the_other_precision) {
    const size_t option[VIC_MAX_OPTIONS] = {3};
    vic_network *network = create((vic_shape){3, {1, 6, 6}}), *converted;
    vic_function layer[2] = {placed("maxpool2d", network->shapes[0], option)};
    layer[1] = placed("flatten", layer[0].out, NULL);
    ck_assert_int_eq(vic_network_grow(network, 0, 2, layer), VIC_OK);
    vic_function upper = linear(network->shapes[1], 4, false), skip = linear(network->shapes[1], 4, true);
    ck_assert_int_eq(vic_network_grow(network, 1, 1, &upper), VIC_OK);
    ck_assert_int_eq(vic_network_connect(network, 1, 2, 1, &skip), VIC_OK);
    network->loss = vic_loss_find(VIC_FLOAT32, "squared-error");
    network->reduction = VIC_SUM;
    ck_assert_int_eq(vic_network_convert(&converted, network, VIC_FLOAT64), VIC_OK);
    ck_assert(converted->precision == VIC_FLOAT64 && converted->reduction == VIC_SUM);
    ck_assert_ptr_eq(converted->loss, vic_loss_find(VIC_FLOAT64, "squared-error"));
    ck_assert_int_eq(converted->n_populations, 3);
    ck_assert_int_eq(converted->n_edges, 3);
    ck_assert_ptr_eq(converted->edges[0].functions[0].kind, vic_function_find(VIC_FLOAT64, "maxpool2d"));
    ck_assert_uint_eq(converted->edges[0].functions[0].option[0], 3);
    ck_assert(converted->edges[2].from == 1 && converted->edges[2].to == 2);
    ck_assert_uint_eq(vic_edge_parameters(&converted->edges[1]), 1);
    ck_assert_uint_eq(vic_network_parameters(converted), vic_network_parameters(network));
    vic_network_destroy(&converted);
    vic_network_destroy(&network);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("network/network");
    TCase *tests = tcase_create("network");
    tcase_add_test(tests, a_new_network_is_its_input_alone);
    tcase_add_test(tests, growing_adds_a_population_of_the_predicted_shape);
    tcase_add_test(tests, monotone_functions_are_computed_after_pooling);
    tcase_add_test(tests, parameters_are_named_as_in_pytorch);
    tcase_add_test(tests, heights_in_a_chain_count_down_to_the_output);
    tcase_add_test(tests, heights_are_the_shortest_and_the_longest_way_up);
    tcase_add_test(tests, a_population_that_leads_nowhere_is_refused);
    tcase_add_test(tests, connecting_adds_an_edge_between_populations_that_are_there);
    tcase_add_test(tests, edges_go_upward_between_populations_that_are_there);
    tcase_add_test(tests, the_shapes_of_an_edge_must_fit);
    tcase_add_test(tests, a_converted_network_is_the_same_in_the_other_precision);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void) {
    return run_suite(make_suite());
}
