/* Configs that are right: what is read from them, overrides, and the resolved form. */
#include "config/config.h"
#include "support/suite.h"

#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOP "network:\n  input: 4\n  layers: [linear: 3]\n"

static const char *const example = "# A comment first.\n"
                                   "name: example\n"
                                   "precision: float64            # float32 | float64\n"
                                   "seed: 7\n"
                                   "network:\n"
                                   "  input: [1, 4, 6]\n"
                                   "  layers:\n"
                                   "    - [flatten, linear: 50, relu]\n"
                                   "    - [linear: {out: 20, bias: false}, tanh]\n"
                                   "    - [linear: 10]\n"
                                   "  loss: cross-entropy\n"
                                   "  reduction: sum\n"
                                   "inference:\n"
                                   "  algorithm: fixed-prediction\n"
                                   "  eta: 0.25\n"
                                   "  steps: 9\n"
                                   "  coordinates: belief\n"
                                   "  messages: always\n"
                                   "channels: {timeout: 2.5}\n"
                                   "learning:\n"
                                   "  optimizer: {adam: {rate: 0.002}}\n"
                                   "  batch: 300\n"
                                   "  epochs: 2\n"
                                   "  drop_last: true\n"
                                   "data: {format: idx, scale: 255, train: {inputs: a, labels: /b/c},\n"
                                   "  test: {inputs: ../d, labels: e f}}\n";

/* Reads `text`, which must be right; freed by the caller. */
static vic_config *parse_with(const char *path, const char *text, const char *const *overrides, size_t n) {
    vic_config *config = NULL;
    vic_status status = vic_config_parse(&config, path, text, strlen(text), overrides, n);
    ck_assert_msg(status == VIC_OK, "%s\n%s", vic_error_text(), text);
    return config;
}

static vic_config *parse(const char *text) {
    return parse_with("d/x.yaml", text, NULL, 0);
}

static char *resolve(const vic_config *config) {
    char *text;
    ck_assert_int_eq(vic_config_resolved(config, &text), VIC_OK);
    return text;
}

/* Both texts mean the same. */
static void assert_same(const char *a, const char *b) {
    vic_config *config_a = parse(a), *config_b = parse(b);
    char *text_a = resolve(config_a), *text_b = resolve(config_b);
    ck_assert_str_eq(text_a, text_b);
    vic_release(&text_a);
    vic_release(&text_b);
    vic_config_destroy(&config_a);
    vic_config_destroy(&config_b);
}

/* The value of a setting of the optimiser by name. */
static double setting(const vic_config *config, const char *name) {
    const vic_optimizer_kind *kind = config->learning.optimizer;
    for (size_t i = 0; i < kind->n_settings; i++)
        if (strcmp(kind->settings[i].name, name) == 0)
            return config->learning.settings[i];
    ck_abort_msg("no setting %s", name);
}

static void assert_is_file(vic_file_list files, const char *path) {
    ck_assert_uint_eq(files.n, 1);
    ck_assert_str_eq(files.paths[0], path);
}

START_TEST(fills_in_defaults) {
    vic_config *c = parse_with("some/where/tiny.net.yaml", TOP, NULL, 0);
    ck_assert_str_eq(c->path, "some/where/tiny.net.yaml");
    ck_assert_str_eq(c->name, "tiny.net");
    ck_assert_uint_eq(c->seed, 1);
    ck_assert_int_eq(c->network->precision, VIC_FLOAT32);
    ck_assert_int_eq(c->network->n_populations, 2);
    ck_assert_str_eq(c->network->loss->name, "cross-entropy");
    ck_assert_int_eq(c->network->reduction, VIC_MEAN);
    ck_assert_str_eq(vic_algorithm_name(c->inference.algorithm), "fixed-prediction");
    ck_assert_double_eq(c->inference.eta, 1);
    ck_assert_int_eq(c->inference.steps, 1);
    ck_assert_int_eq(c->inference.coordinates, VIC_COORDINATES_ERROR);
    ck_assert(!c->inference.always && !c->inference.record && !c->inference.initial_beliefs);
    ck_assert_double_eq(c->timeout, 0);
    ck_assert(!c->has_learning && !c->has_data);
    vic_config_destroy(&c);
    ck_assert_ptr_null(c);
}
END_TEST

START_TEST(fills_in_defaults_of_sections) {
    vic_config *c = parse("network:\n  input: 4\n  layers: [linear: 3, relu, linear: 2]\n"
                          "learning: {}\ndata: {}\nchannels:\ninference: ~\n");
    ck_assert_int_eq(c->inference.steps, 3);
    ck_assert(c->has_learning && c->has_data);
    ck_assert_str_eq(c->learning.optimizer->name, "adam");
    ck_assert_double_eq(setting(c, "rate"), 0.001);
    ck_assert_double_eq(setting(c, "beta2"), 0.999);
    ck_assert_uint_eq(c->learning.batch, 64);
    ck_assert_uint_eq(c->learning.epochs, 1);
    ck_assert(!c->learning.drop_last);
    ck_assert_str_eq(c->data.format->name, "idx");
    ck_assert_double_eq(c->data.scale, 1);
    ck_assert_uint_eq(c->data.train_inputs.n, 0);
    ck_assert_uint_eq(c->data.test_labels.n, 0);
    vic_config_destroy(&c);
}
END_TEST

START_TEST(reads_the_network) {
    vic_config *c = parse(example);
    const vic_network *n = c->network;
    ck_assert_int_eq(n->precision, VIC_FLOAT64);
    ck_assert_int_eq(n->n_populations, 4);
    ck_assert_int_eq(n->n_edges, 3);
    ck_assert(vic_shape_equal(n->shapes[0], (vic_shape){3, {1, 4, 6}}));
    ck_assert(vic_shape_equal(n->shapes[1], (vic_shape){1, {50}}));
    ck_assert_uint_eq(n->edges[0].n_functions, 3);
    ck_assert_ptr_eq(n->edges[0].functions[1].kind, vic_function_find(VIC_FLOAT64, "linear"));
    ck_assert_str_eq(n->edges[0].functions[2].kind->name, "relu");
    ck_assert_uint_eq(n->edges[0].functions[1].n_parameters, 2);
    ck_assert_uint_eq(n->edges[1].functions[0].n_parameters, 1);
    ck_assert_uint_eq(vic_network_parameters(n), 24 * 50 + 50 + 50 * 20 + 20 * 10 + 10);
    ck_assert_ptr_eq(n->loss, vic_loss_find(VIC_FLOAT64, "cross-entropy"));
    ck_assert_int_eq(n->reduction, VIC_SUM);
    vic_config_destroy(&c);
}
END_TEST

START_TEST(reads_the_other_sections) {
    vic_config *c = parse(example);
    ck_assert_str_eq(c->name, "example");
    ck_assert_uint_eq(c->seed, 7);
    ck_assert_double_eq(c->inference.eta, 0.25);
    ck_assert_int_eq(c->inference.steps, 9);
    ck_assert_int_eq(c->inference.coordinates, VIC_COORDINATES_BELIEF);
    ck_assert(c->inference.always);
    ck_assert_double_eq(c->timeout, 2.5);
    ck_assert_ptr_eq(c->learning.optimizer, vic_optimizer_find(VIC_FLOAT64, "adam"));
    ck_assert_double_eq(setting(c, "rate"), 0.002);
    ck_assert_double_eq(setting(c, "beta1"), 0.9);
    ck_assert_uint_eq(c->learning.batch, 300);
    ck_assert_uint_eq(c->learning.epochs, 2);
    ck_assert(c->learning.drop_last);
    ck_assert_double_eq(c->data.scale, 255);
    assert_is_file(c->data.train_inputs, "d/a");
    assert_is_file(c->data.train_labels, "/b/c");
    assert_is_file(c->data.test_inputs, "d/../d");
    assert_is_file(c->data.test_labels, "d/e f");
    vic_config_destroy(&c);
}
END_TEST

START_TEST(reads_lists_of_files) {
    static const char *const overrides[] = {"data.test.inputs=[g, ../h]", "data.test.labels=[i]"};
    vic_config *c = parse_with("d/x.yaml",
                               TOP "data:\n  format: cifar10\n  train:\n    inputs: [a, /b, 'c d']\n"
                                   "    labels:\n      - ../e\n      - f\n  test: {inputs: g, labels: g}\n",
                               overrides, 2);
    ck_assert_str_eq(c->data.format->name, "cifar10");
    ck_assert_uint_eq(c->data.train_inputs.n, 3);
    ck_assert_str_eq(c->data.train_inputs.paths[0], "d/a");
    ck_assert_str_eq(c->data.train_inputs.paths[1], "/b");
    ck_assert_str_eq(c->data.train_inputs.paths[2], "d/c d");
    ck_assert_uint_eq(c->data.train_labels.n, 2);
    ck_assert_str_eq(c->data.train_labels.paths[0], "d/../e");
    ck_assert_str_eq(c->data.train_labels.paths[1], "d/f");
    ck_assert_uint_eq(c->data.test_inputs.n, 2);
    ck_assert_str_eq(c->data.test_inputs.paths[1], "d/../h");
    assert_is_file(c->data.test_labels, "d/i");
    vic_config_destroy(&c);
}
END_TEST

START_TEST(takes_the_name_from_the_file) {
    static const char *const names[][2] = {
        {"x", "x"},          {"a.b/x", "x"}, {"/a/x.json", "x"}, {".hidden", ".hidden"},
        {"a/.x.yaml", ".x"}, {"", "config"}, {"a/..", "."},      {"/dev/stdin", "stdin"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        vic_config *c = parse_with(names[i][0], TOP, NULL, 0);
        ck_assert_str_eq(c->name, strcmp(names[i][1], ".") == 0 ? "config" : names[i][1]);
        vic_config_destroy(&c);
    }
}
END_TEST

START_TEST(coordinates_are_those_of_errors_by_default) {
    static const struct {
        const char *text;
        vic_coordinates expected;
    } cases[] = {
        {TOP "inference: {algorithm: strict}\n", VIC_COORDINATES_ERROR},
        {TOP "inference: {algorithm: strict, coordinates: belief}\n", VIC_COORDINATES_BELIEF},
        {TOP "inference: {algorithm: exact, coordinates: belief}\n", VIC_COORDINATES_BELIEF},
    };
    for (size_t i = 0; i < 3; i++) {
        vic_config *c = parse(cases[i].text);
        ck_assert_int_eq(c->inference.coordinates, cases[i].expected);
        vic_config_destroy(&c);
    }
}
END_TEST

START_TEST(other_spellings_mean_the_same) {
    static const char *const json =
        "{\n\t\"network\": {\n\t\t\"input\": [4],\n\t\t\"layers\": [\n\t\t\t[{\"linear\": {\"out\": 3}}, "
        "\"relu\"],\n\t\t\t{\"linear\": 2}\n\t\t]\n\t},\n\t\"learning\": {\"drop_last\": false, "
        "\"optimizer\": "
        "{\"sgd\": {\"rate\": 5e-1}}}\n}\n";
    static const char *const spellings[] = {
        "network: {input: [4], layers: [[linear: 3, relu], linear: 2]}\nlearning: {optimizer: {sgd: {rate: "
        ".5}}}\n",
        "network:\r\n  input: 4 # neurons\r\n  layers:\r\n    - - linear: 3\r\n      - relu\r\n    - linear: "
        "2\r\n"
        "learning:\r\n  optimizer:\r\n    sgd:\r\n      rate: 0.5\r\n",
        "\xef\xbb\xbfnetwork: {input: 4, layers: [[linear: 3, relu: ], {linear: {bias: true, out: +2}}]}\n"
        "learning: {optimizer: {sgd: {rate: +5.E-1, momentum: 0}}}",
        "---\n'network':\n  \"input\": [4]\n  layers:\n  - [linear: {out: 3}, relu: {}]\n  - linear:\n      "
        "out: 2\n"
        "learning: {optimizer: {sgd: {rate: 0.50}}, batch: 64}\n...\n# the end",
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        assert_same(json, spellings[i]);
    assert_same(TOP "learning: {optimizer: sgd}\n", TOP "learning: {optimizer: {sgd: }}\n");
    assert_same(TOP "learning: {optimizer: {sgd: {}}}\n", TOP "learning: {optimizer: \"sgd\"}\n");
}
END_TEST

START_TEST(reads_the_largest_seed) {
    vic_config *c = parse(TOP "seed: 18446744073709551615\n");
    ck_assert_uint_eq(c->seed, UINT64_MAX);
    vic_config_destroy(&c);
    c = parse(TOP "seed: 0\n");
    ck_assert_uint_eq(c->seed, 0);
    vic_config_destroy(&c);
}
END_TEST

START_TEST(overrides_what_the_file_says) {
    static const char *const overrides[] = {"inference.eta=0.5",
                                            "inference.eta=0.1",
                                            "seed=3",
                                            "name=other name",
                                            "channels.timeout=1",
                                            "learning.optimizer={sgd: {rate: 0.3}}",
                                            "network.layers=[[flatten, linear: 5], linear: 2]",
                                            "data.train.inputs=g",
                                            "data.test=",
                                            "network.loss=squared-error"};
    vic_config *c = parse_with("d/x.yaml", example, overrides, sizeof overrides / sizeof overrides[0]);
    ck_assert_double_eq(c->inference.eta, 0.1);
    ck_assert_int_eq(c->inference.steps, 9);
    ck_assert_uint_eq(c->seed, 3);
    ck_assert_str_eq(c->name, "other name");
    ck_assert_double_eq(c->timeout, 1);
    ck_assert_str_eq(c->learning.optimizer->name, "sgd");
    ck_assert_double_eq(setting(c, "rate"), 0.3);
    ck_assert_int_eq(c->network->n_populations, 3);
    assert_is_file(c->data.train_inputs, "d/g");
    assert_is_file(c->data.train_labels, "/b/c");
    ck_assert_uint_eq(c->data.test_inputs.n, 0);
    ck_assert_str_eq(c->network->loss->name, "squared-error");
    vic_config_destroy(&c);
}
END_TEST

START_TEST(overrides_make_what_is_missing) {
    static const char *const overrides[] = {"network.input=4", "network.layers=[linear: 2]",
                                            "learning.optimizer.sgd.rate=1", "inference.steps=5"};
    vic_config *c = parse_with("x", "seed: 1\nnetwork:\n", overrides, 4);
    ck_assert_uint_eq(c->network->shapes[0].dim[0], 4);
    ck_assert_double_eq(setting(c, "rate"), 1);
    ck_assert_int_eq(c->inference.steps, 5);
    vic_config_destroy(&c);
}
END_TEST

START_TEST(overrides_do_not_enter_values) {
    const char *overrides[] = {"network.loss.x=1"};
    vic_config *c;
    ck_assert_int_eq(vic_config_parse(&c, "x", example, strlen(example), overrides, 1), VIC_BAD_CONFIG);
    ck_assert_str_eq(vic_error_text(),
                     "--set network.loss.x=1: network.loss is a single value, nothing in it can be "
                     "set; set it as a whole");
}
END_TEST

/* resolve(parse(resolve(x))) is resolve(x). */
static void assert_round_trip(const char *text) {
    vic_config *once = parse(text);
    char *resolved = resolve(once);
    vic_config *twice = parse(resolved);
    char *again = resolve(twice);
    ck_assert_str_eq(resolved, again);
    ck_assert_str_eq(once->name, twice->name);
    ck_assert(memcmp(&once->inference.eta, &twice->inference.eta, sizeof(double)) == 0);
    ck_assert_int_eq(once->network->n_edges, twice->network->n_edges);
    for (int e = 0; e < once->network->n_edges; e++) {
        const vic_edge *a = &once->network->edges[e], *b = &twice->network->edges[e];
        ck_assert_uint_eq(a->n_functions, b->n_functions);
        for (size_t i = 0; i < a->n_functions; i++)
            ck_assert_mem_eq(&a->functions[i], &b->functions[i], sizeof a->functions[i]);
    }
    vic_release(&resolved);
    vic_release(&again);
    vic_config_destroy(&once);
    vic_config_destroy(&twice);
}

START_TEST(resolved_reads_back_the_same) {
    static const char *const texts[] = {
        TOP,
        TOP "inference: {eta: 0.1, algorithm: strict}\nseed: 18446744073709551615\n",
        TOP "inference: {eta: 0.30000000000000004}\nchannels: {timeout: 1e-300}\nprecision: float64\n",
        TOP "inference: {eta: 5e-324, algorithm: exact}\nlearning: {optimizer: sgd}\n",
        TOP "inference: {eta: 1.7976931348623157e308}\ndata: {scale: 3.3333333333333335}\n",
        TOP "name: \"it's \\\"quoted\\\" \\\\ # \xc3\xa4 \\u2028 \\ufeff \\U0001F600 true\"\n",
        TOP "name: 'null'\ndata: {train: {inputs: \"a\\tb\\n\\x7f\", labels: '{x: [y}'}}\n",
        TOP "data: {train: {inputs: [a, \"b, ]\"], labels: [/c, '\"', e]}, test: {inputs: [f], labels: g}}\n",
        TOP "inference: {algorithm: exact, microbatches: 8}\nlearning: {batch: 8}\n",
        TOP "name: 12\nlearning: {optimizer: {adam: {epsilon: 1e-7, beta1: 0.95}}}\n",
        TOP "learning: {optimizer: {adam: {epsilon: 1e-37, rate: 1e38}}}\n",
        TOP "precision: float64\nlearning: {optimizer: {adam: {epsilon: 1e-300, rate: 1e300}}}\n",
    };
    assert_round_trip(example);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_round_trip(texts[i]);
}
END_TEST

START_TEST(resolved_spells_everything_out) {
    static const char *const lines[] = {
        "# ",
        "\nname: \"x\"\n",
        "\nprecision: float32\n",
        "\nseed: 1\n",
        "\n  input: [4]\n",
        "\n    - [{linear: {out: 3, bias: true}}]\n",
        "\n  loss: cross-entropy\n  reduction: mean\n",
        "\n  algorithm: fixed-prediction\n  eta: 1\n  steps: 1\n",
        "\n  coordinates: error\n  messages: event-driven\n",
        "\n  microbatches: 1\n",
        "\nchannels:\n  delay: 0\n  drop: 0\n  noise: 0\n  encoding: float32\n  keep: 1\n",
        "\n  optimizer: {sgd: {rate: 0.1, momentum: 0}}\n",
        "\n  batch: 64\n  epochs: 1\n  drop_last: false\n"};
    vic_config *c = parse(TOP "learning: {optimizer: {sgd: {rate: 0.1}}}\n");
    char *text = resolve(c);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ck_assert_msg(strstr(text, lines[i]) != NULL, "no \"%s\" in:\n%s", lines[i], text);
    ck_assert_ptr_null(strstr(text, "data:"));
    vic_release(&text);
    vic_config_destroy(&c);
}
END_TEST

START_TEST(grain_is_in_the_resolved_config) {
    vic_config *with = parse(TOP "  grain: 0.25\n"), *without = parse(TOP);
    char *text = resolve(with);
    ck_assert_double_eq(with->grain, 0.25);
    ck_assert_double_eq(without->grain, 0);
    ck_assert_ptr_nonnull(strstr(text, "\n  grain: 0.25\n"));
    vic_release(&text);
    vic_config_destroy(&with);
    vic_config_destroy(&without);
}
END_TEST

START_TEST(resolved_paths_are_absolute) {
    char folder[] = "/tmp/vicinal-config-XXXXXX", path[64], expected[128];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/../%s/x.yaml", folder, strrchr(folder, '/') + 1);
    vic_config *c = parse_with(
        path, TOP "data: {train: {inputs: ./a, labels: none/b}, test: {inputs: /x, labels: y}}\n", NULL, 0);
    char *text = resolve(c);
    snprintf(expected, sizeof expected, "inputs: \"%s/a\"\n", folder);
    ck_assert_msg(strstr(text, expected) != NULL, "no %s in:\n%s", expected, text);
    ck_assert_ptr_nonnull(strstr(text, "inputs: \"/x\"\n"));
    snprintf(expected, sizeof expected, "labels: \"%s/y\"\n", folder);
    ck_assert_msg(strstr(text, expected) != NULL, "no %s in:\n%s", expected, text);
    ck_assert_ptr_nonnull(strstr(text, "/none/b\"\n"));
    vic_release(&text);
    vic_config_destroy(&c);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* A decimal comma changes nothing. LOCPATH says where such a locale is; without it the system may have one.
 */
START_TEST(numbers_do_not_depend_on_the_locale) {
    const char *chosen = setlocale(LC_ALL, "de_DE.UTF-8");
    ck_assert(getenv("LOCPATH") == NULL || chosen != NULL);
    vic_config *c = parse(TOP "inference: {eta: 0.125}\n");
    ck_assert_double_eq(c->inference.eta, 0.125);
    char *text = resolve(c);
    ck_assert_ptr_nonnull(strstr(text, "eta: 0.125\n"));
    vic_release(&text);
    vic_config_destroy(&c);
    setlocale(LC_ALL, "C");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("config");
    TCase *cases = tcase_create("config");
    tcase_add_test(cases, fills_in_defaults);
    tcase_add_test(cases, fills_in_defaults_of_sections);
    tcase_add_test(cases, reads_the_network);
    tcase_add_test(cases, reads_the_other_sections);
    tcase_add_test(cases, reads_lists_of_files);
    tcase_add_test(cases, takes_the_name_from_the_file);
    tcase_add_test(cases, coordinates_are_those_of_errors_by_default);
    tcase_add_test(cases, other_spellings_mean_the_same);
    tcase_add_test(cases, reads_the_largest_seed);
    tcase_add_test(cases, overrides_what_the_file_says);
    tcase_add_test(cases, overrides_make_what_is_missing);
    tcase_add_test(cases, overrides_do_not_enter_values);
    tcase_add_test(cases, resolved_reads_back_the_same);
    tcase_add_test(cases, resolved_spells_everything_out);
    tcase_add_test(cases, grain_is_in_the_resolved_config);
    tcase_add_test(cases, resolved_paths_are_absolute);
    tcase_add_test(cases, numbers_do_not_depend_on_the_locale);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
