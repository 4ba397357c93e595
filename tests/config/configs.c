/* The configs that are shipped: each can be read, and is what its name and its comments state. */
#include "config/config.h"
#include "support/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

typedef struct shipped {
    const char *name;
    size_t parameters;
    int layers;
    vic_shape input;
    size_t outputs, batch, epochs; /* batch 0: it does not learn */
    double rate;
    size_t n_train, n_test; /* files */
} shipped;

static const shipped configs[] = {
    {"digits", 18986, 4, {1, {64}}, 10, 64, 30, 0.002, 1, 1},
    {"mnist", 266610, 3, {1, {784}}, 10, 300, 5, 0.002, 1, 1},
    {"paper/mnist-5", 32695, 5, {3, {1, 28, 28}}, 10, 300, 2, 0.002, 1, 1},
    {"paper/digits-5", 6445, 5, {3, {1, 8, 8}}, 10, 64, 10, 0.002, 1, 1},
    {"paper/cifar-6", 4633738, 6, {3, {3, 32, 32}}, 10, 256, 2, 0.01, 5, 1},
    {"paper/vgg-19", 143667240, 19, {3, {3, 224, 224}}, 1000, 0, 0, 0, 0, 0},
    {"bench/mnist-5", 32695, 5, {3, {1, 28, 28}}, 10, 300, 1, 0.001, 1, 0},
    {"bench/mlp-300-100", 266610, 3, {1, {784}}, 10, 300, 1, 0.001, 1, 0},
    {"bench/mlp-1024", 3962890, 5, {1, {784}}, 10, 256, 1, 0.001, 1, 0},
    {"bench/cifar-6", 4633738, 6, {3, {3, 32, 32}}, 10, 64, 1, 0.001, 1, 0},
    {"bench/chain-64", 266890, 65, {1, {64}}, 10, 32, 1, 0.001, 1, 0},
};

static vic_config *read_config(const char *name) {
    char *path, *text;
    size_t size;
    vic_config *config = NULL;
    ck_assert_int_eq(vic_format(&path, TEST_DATA "/../configs/%s.yaml", name), VIC_OK);
    ck_assert_int_eq(vic_read_file(path, VIC_BAD_CONFIG, &text, &size), VIC_OK);
    vic_status status = vic_config_parse(&config, path, text, size, NULL, 0);
    ck_assert_msg(status == VIC_OK, "%s", vic_error_text());
    vic_release(&text);
    vic_release(&path);
    return config;
}

START_TEST(networks_are_those_of_the_comments) {
    const shipped *s = &configs[_i];
    vic_config *c = read_config(s->name);
    const vic_network *n = c->network;
    ck_assert_uint_eq(vic_network_parameters(n), s->parameters);
    ck_assert_int_eq(n->n_edges, s->layers);
    ck_assert(vic_shape_equal(n->shapes[0], s->input));
    ck_assert(vic_shape_equal(n->shapes[vic_network_output(n)], (vic_shape){1, {s->outputs}}));
    ck_assert_str_eq(n->loss->name, "cross-entropy");
    ck_assert_int_eq(n->reduction, VIC_MEAN);
    ck_assert_str_eq(vic_algorithm_name(c->inference.algorithm), "fixed-prediction");
    ck_assert_double_eq(c->inference.eta, 1);
    ck_assert_int_eq(c->inference.steps, s->layers);
    vic_config_destroy(&c);
}
END_TEST

START_TEST(learning_is_that_of_the_comments) {
    const shipped *s = &configs[_i];
    vic_config *c = read_config(s->name);
    ck_assert_int_eq(c->has_learning, s->batch > 0);
    ck_assert_int_eq(c->has_data, s->batch > 0);
    ck_assert_uint_eq(c->data.train_inputs.n, s->n_train);
    ck_assert_uint_eq(c->data.train_labels.n, s->n_train);
    if (s->batch > 0) {
        ck_assert_uint_eq(c->learning.batch, s->batch);
        ck_assert_uint_eq(c->learning.epochs, s->epochs);
        ck_assert_str_eq(c->learning.optimizer->name, "adam");
        ck_assert_double_eq(c->learning.settings[0], s->rate);
        ck_assert_uint_eq(c->data.test_inputs.n, s->n_test);
    }
    vic_config_destroy(&c);
}
END_TEST

/* What the Python lines of configs/paper/README.md rely on. */
START_TEST(vgg_has_its_parameters_at_the_start_of_each_layer) {
    vic_config *c = read_config("paper/vgg-19");
    for (int layer = 0; layer < c->network->n_edges; layer++) {
        char weight[32], bias[32];
        snprintf(weight, sizeof weight, "%d.0.weight", layer);
        snprintf(bias, sizeof bias, "%d.0.bias", layer);
        ck_assert_uint_eq(vic_edge_parameters(&c->network->edges[layer]), 2);
        ck_assert_str_eq(vic_parameter_slot_at(c->network, layer, 0).name, weight);
        ck_assert_str_eq(vic_parameter_slot_at(c->network, layer, 1).name, bias);
    }
    const vic_parameter *first_linear = vic_parameter_slot_at(c->network, 16, 0).parameter;
    ck_assert_uint_eq(first_linear->dim[0], 4096);
    ck_assert_uint_eq(first_linear->dim[1], 512 * 7 * 7);
    vic_config_destroy(&c);
}
END_TEST

int main(void) {
    enum { N = sizeof configs / sizeof configs[0] };
    Suite *suite = suite_create("configs");
    TCase *cases = tcase_create("configs");
    tcase_add_loop_test(cases, networks_are_those_of_the_comments, 0, N);
    tcase_add_loop_test(cases, learning_is_that_of_the_comments, 0, N);
    tcase_add_test(cases, vgg_has_its_parameters_at_the_start_of_each_layer);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
