/* What a run must share with another to go on where it stopped: every key of the schema, and every option of
 * every function and optimiser, belongs to the identity or is named as free to change. */
#include "config/config.h"
#include "functions/level.h"
#include "support/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char base[] =
    "name: base\n"
    "network:\n"
    "  input: [1, 8, 8]\n"
    "  layers:\n"
    "    - [conv2d: {out: 2, kernel: 3}, relu, maxpool2d: 3]\n"
    "    - [flatten, linear: 6, tanh]\n"
    "    - [linear: 10]\n"
    "inference: {algorithm: strict, eta: 0.1, steps: 9}\n"
    "channels: {timeout: 5}\n"
    "learning: {compare: {every: 5}}\n"
    "data: {format: csv, train: {inputs: /a, labels: /b}, test: {inputs: /c, labels: /d}}\n";

/* The identity of `text` with one override, or with none where it is NULL; freed by the caller. */
static vic_identity *identity_of(const char *text, const char *override) {
    vic_config *config;
    vic_identity *identity;
    ck_assert_msg(vic_config_parse(&config, "/x.yaml", text, strlen(text), &override, override ? 1 : 0) ==
                      VIC_OK,
                  "%s", vic_error_text());
    ck_assert_int_eq(vic_identity_of(config, &identity), VIC_OK);
    vic_config_destroy(&config);
    return identity;
}

/* As it comes back from a checkpoint. */
static vic_identity *read_back(const vic_identity *identity) {
    char *text;
    vic_identity *again;
    ck_assert_int_eq(vic_identity_text(identity, &text), VIC_OK);
    ck_assert_int_eq(vic_identity_parse(&again, text, "c"), VIC_OK);
    vic_release(&text);
    return again;
}

typedef struct change {
    int n;
    char key[160], before[400], now[400];
} change;

static void note(void *context, const char *key, const char *before, const char *now) {
    change *c = context;
    c->n++;
    snprintf(c->key, sizeof c->key, "%s", key);
    snprintf(c->before, sizeof c->before, "%s", before ? before : "not recorded");
    snprintf(c->now, sizeof c->now, "%s", now);
}

/* A key, an override of it, the value in the base and the value then. */
typedef struct difference {
    const char *key, *override, *before, *now;
    bool may_change;
} difference;

static const difference differences[] = {
    {"name", "name=other", "\"base\"", "\"other\"", true},
    {"precision", "precision=float64", "float32", "float64", false},
    {"seed", "seed=2", "1", "2", false},
    {"network.input", "network.input=[1, 8, 9]", "[1, 8, 8]", "[1, 8, 9]", false},
    {"network.layers[1]",
     "network.layers=[[conv2d: {out: 2, kernel: 3}, relu, maxpool2d: 3], [flatten, linear: 6, relu], "
     "[linear: 10]]",
     "[flatten, {linear: {out: 6, bias: true}}, tanh]", "[flatten, {linear: {out: 6, bias: true}}, relu]",
     false},
    {"network.loss", "network.loss=squared-error", "cross-entropy", "squared-error", false},
    {"network.reduction", "network.reduction=sum", "mean", "sum", false},
    {"network.grain", "network.grain=0.25", "absent", "0.25", false},
    {"inference.algorithm", "inference.algorithm=fixed-prediction", "strict", "fixed-prediction", false},
    {"inference.eta", "inference.eta=0.2", "0.1", "0.2", false},
    {"inference.steps", "inference.steps=8", "9", "8", false},
    {"inference.penalty", "inference.penalty=2", "1", "2", false},
    {"inference.dual_rate", "inference.dual_rate=2", "1", "2", false},
    {"inference.coordinates", "inference.coordinates=belief", "error", "belief", false},
    {"inference.messages", "inference.messages=always", "event-driven", "always", true},
    {"inference.precision_weights", "inference.precision_weights=2", "absent", "[2, 2]", false},
    {"channels.timeout", "channels.timeout=6", "5", "6", true},
    {"channels.delay", "channels.delay=1", "0", "1", false},
    {"channels.drop", "channels.drop=0.5", "0", "0.5", false},
    {"channels.noise", "channels.noise=0.5", "0", "0.5", false},
    {"channels.encoding", "channels.encoding=int8", "float32", "int8", false},
    {"channels.keep", "channels.keep=0.5", "1", "0.5", false},
    {"channels.edges", "channels.edges=[{from: 0, to: 1, kind: error, noise: 0.5}]", "absent",
     "[{from: 0, to: 1, kind: error, delay: 0, drop: 0, noise: 0.5, encoding: float32, keep: 1}]", false},
    {"learning.optimizer", "learning.optimizer=sgd", "adam", "sgd", false},
    {"learning.optimizer.adam.rate", "learning.optimizer={adam: {rate: 0.5}}", "0.001", "0.5", true},
    {"learning.optimizer.adam.beta1", "learning.optimizer={adam: {beta1: 0.5}}", "0.9", "0.5", false},
    {"learning.optimizer.adam.beta2", "learning.optimizer={adam: {beta2: 0.5}}", "0.999", "0.5", false},
    {"learning.optimizer.adam.epsilon", "learning.optimizer={adam: {epsilon: 0.5}}", "1e-08", "0.5", false},
    {"learning.batch", "learning.batch=63", "64", "63", false},
    {"learning.epochs", "learning.epochs=7", "1", "7", true},
    {"learning.drop_last", "learning.drop_last=true", "false", "true", false},
    {"learning.compare.every", "learning.compare.every=6", "5", "6", true},
    {"learning.compare.weights_only", "learning.compare.weights_only=true", "false", "true", true},
    {"data.format", "data.format=idx", "csv", "idx", true},
    {"data.scale", "data.scale=16", "1", "16", false},
    {"data.header", "data.header=true", "auto", "true", false},
    {"data.label", "data.label=c", "absent", "\"c\"", false},
    {"data.label_offset", "data.label_offset=-1", "0", "-1", false},
    {"data.train.inputs", "data.train.inputs=/e", "\"/a\"", "\"/e\"", true},
    {"data.train.labels", "data.train.labels=/e", "\"/b\"", "\"/e\"", true},
    {"data.test.inputs", "data.test.inputs=/e", "\"/c\"", "\"/e\"", true},
    {"data.test.labels", "data.test.labels=/e", "\"/d\"", "\"/e\"", true},
};
enum { N_DIFFERENCES = sizeof differences / sizeof *differences };

/* Only the key that differs is named, with both values. */
static void assert_named(const vic_identity *before, const vic_identity *now, const difference *d) {
    change c = {0};
    char expected[800];
    vic_status status = vic_identity_compare(before, now, "c", note, &c);
    if (d->may_change) {
        ck_assert_msg(status == VIC_OK, "%s", vic_error_text());
        ck_assert_int_eq(c.n, 1);
        ck_assert_str_eq(c.key, d->key);
        ck_assert_str_eq(c.before, d->before);
        ck_assert_str_eq(c.now, d->now);
        return;
    }
    ck_assert_int_eq(status, VIC_BAD_FILE);
    snprintf(expected, sizeof expected, ": %s is %s there and %s here", d->key, d->before, d->now);
    ck_assert_msg(strstr(vic_error_text(), expected) != NULL, "%s\nbut: %s", expected, vic_error_text());
    ck_assert_int_eq(strncmp(vic_error_text(), "c: ", 3), 0);
}

START_TEST(every_key_counts_in_the_identity) {
    const difference *d = &differences[_i];
    vic_identity *first = identity_of(base, NULL), *before = read_back(first);
    vic_identity *now = identity_of(base, d->override);
    assert_named(before, now, d);
    vic_identity_destroy(&first);
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

START_TEST(the_same_run_is_the_same) {
    change c = {0};
    vic_identity *now = identity_of(base, NULL), *before = read_back(now);
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_OK);
    ck_assert_int_eq(c.n, 0);
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

/* When a run saves itself changes none of its results. */
START_TEST(checkpoints_are_no_part_of_it) {
    change c = {0};
    vic_identity *before = identity_of(base, NULL);
    vic_identity *now = identity_of(base, "learning.checkpoint={steps: 5, minutes: 2.5, keep: 7}");
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_OK);
    ck_assert_int_eq(c.n, 0);
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

START_TEST(precisions_of_1_are_the_default) {
    static const char *const ones[] = {
        "inference.precision_weights=1", "inference.precision_weights=[1, 1.0]",
        "inference.precision_weights=[[1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]]"};
    change c = {0};
    vic_identity *none = identity_of(base, NULL), *now = identity_of(base, ones[_i]);
    ck_assert_msg(vic_identity_compare(none, now, "c", note, &c) == VIC_OK, "%s", vic_error_text());
    ck_assert_msg(vic_identity_compare(now, none, "c", note, &c) == VIC_OK, "%s", vic_error_text());
    ck_assert_int_eq(c.n, 0);
    vic_identity_destroy(&none);
    vic_identity_destroy(&now);
}
END_TEST

/* A key of the schema that has no row above was forgotten here. */
START_TEST(no_key_is_forgotten) {
    char *help, *line, *rest;
    size_t size;
    int keys = 0;
    FILE *to = open_memstream(&help, &size);
    ck_assert_int_eq(vic_config_help(to, NULL), VIC_OK);
    ck_assert_int_eq(fclose(to), 0);
    for (line = strtok_r(help, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *colon = strstr(line, ": ");
        bool is_key = line[0] >= 'a' && line[0] <= 'z' && colon != NULL, found = false;
        bool has_identity =
            rest != NULL && strstr(rest, "on --resume") != NULL &&
            strstr(rest, "on --resume") < strstr(rest, "\n") + 1 + strcspn(strstr(rest, "\n") + 1, "\n");
        if (!is_key || !has_identity || strstr(line, "[]") != NULL ||
            strncmp(line, "inference.microbatches", 22) == 0 || /* below */
            strncmp(line, "learning.checkpoint.", 20) == 0)
            continue;
        *colon = '\0';
        for (int i = 0; i < N_DIFFERENCES; i++)
            found = found || strncmp(differences[i].key, line, strlen(line)) == 0;
        ck_assert_msg(found, "%s is in no row of this test", line);
        keys++;
    }
    ck_assert_int_ge(keys, 30);
    free(help);
}
END_TEST

START_TEST(microbatches_count_in_the_identity) {
    static const char text[] = "network: {input: 4, layers: [linear: 3]}\ninference: {algorithm: exact}\n";
    const difference d = {"inference.microbatches", NULL, "1", "2", false};
    vic_identity *before = identity_of(text, NULL), *now = identity_of(text, "inference.microbatches=2");
    assert_named(before, now, &d);
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

/* ---- options of functions ---- */

/* "[conv2d: {out: 2, kernel: 3, ...}]" with option number `other` one larger, or switched. */
static void write_layer(const vic_function_kind *kind, size_t other, char *text) {
    char *end = text + sprintf(text, "network.layers=[[%s", kind->name);
    for (size_t i = 0; i < kind->n_options; i++) {
        const vic_option *o = &kind->options[i];
        size_t value = o->required ? 2 : o->fallback;
        if (o->is_switch)
            end += sprintf(end, "%s%s: %s", i == 0 ? ": {" : ", ", o->name,
                           (value != 0) != (i == other) ? "true" : "false");
        else
            end += sprintf(end, "%s%s: %zu", i == 0 ? ": {" : ", ", o->name, value + (i == other));
    }
    sprintf(end, "%s, flatten, linear: 10]]", kind->n_options > 0 ? "}" : "");
}

START_TEST(every_option_of_every_function_counts_in_the_identity) {
    size_t count, options = 0;
    const vic_function_kind *const *kinds = vic_function_kinds(VIC_FLOAT32, &count);
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < kinds[k]->n_options; i++, options++) {
            static const char flat[] = "network: {input: 64, layers: [linear: 10]}\n",
                              image[] = "network: {input: [1, 8, 8], layers: [[flatten, linear: 10]]}\n";
            char text[2][400];
            change c = {0};
            const char *top = strcmp(kinds[k]->name, "linear") == 0 ? flat : image;
            write_layer(kinds[k], SIZE_MAX, text[0]);
            write_layer(kinds[k], i, text[1]);
            vic_identity *before = identity_of(top, text[0]), *now = identity_of(top, text[1]);
            ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_BAD_FILE);
            ck_assert_msg(strstr(vic_error_text(), "network.layers[0] is [{") != NULL, "%s",
                          vic_error_text());
            ck_assert_ptr_nonnull(strstr(vic_error_text(), kinds[k]->options[i].name));
            vic_identity_destroy(&before);
            vic_identity_destroy(&now);
        }
    ck_assert_uint_ge(options, 8); /* linear 2, conv2d 5, maxpool2d 1 */
}
END_TEST

START_TEST(layers_more_or_fewer_are_named) {
    change c = {0};
    vic_identity *before = identity_of("network: {input: 4, layers: [linear: 3, linear: 2]}\n", NULL);
    vic_identity *now = identity_of("network: {input: 4, layers: [linear: 3]}\n", NULL);
    static const char there[] = "network.layers[1] is [{linear: {out: 2, bias: true}}] there and absent here";
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_BAD_FILE);
    ck_assert_msg(strstr(vic_error_text(), there) != NULL, "%s", vic_error_text());
    ck_assert_int_eq(vic_identity_compare(now, before, "c", note, &c), VIC_BAD_FILE);
    ck_assert_ptr_nonnull(strstr(vic_error_text(), "network.layers[1] is absent there and [{linear"));
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

/* Values that are long and differ at their end. */
START_TEST(long_values_are_shown_where_they_differ) {
    change c = {0};
    char long_value[600];
    memset(long_value, 'x', sizeof long_value);
    long_value[sizeof long_value - 1] = '\0';
    vic_identity *before = identity_of(base, NULL), *now = identity_of(base, NULL);
    ck_assert_int_eq(vic_identity_add(before, "k", false, "%s-then-%s", long_value, long_value), VIC_OK);
    ck_assert_int_eq(vic_identity_add(now, "k", false, "%s-now", long_value), VIC_OK);
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_BAD_FILE);
    const char *text = strstr(vic_error_text(), "k is ...xxx");
    ck_assert_msg(text != NULL, "%s", vic_error_text());
    ck_assert_ptr_nonnull(strstr(text, "x-then-xxx"));
    ck_assert_ptr_nonnull(strstr(text, "xxx... there and ...xxx"));
    ck_assert_ptr_nonnull(strstr(text, "x-now here"));
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

START_TEST(another_level_or_kernel_is_refused_with_what_to_do) {
    change c = {0};
    vic_identity *before = identity_of(base, NULL), *now = identity_of(base, NULL);
    ck_assert_int_eq(vic_identity_set(before, "instruction level", false, "v0"), VIC_OK);
    ck_assert_int_eq(vic_identity_set(before, "OpenBLAS kernel", false, "Abacus"), VIC_OK);
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_BAD_FILE);
    ck_assert_int_eq(c.n, 0);
    const char *text = strstr(vic_error_text(), "instruction level is v0 there and ");
    ck_assert_msg(text != NULL && strstr(text, vic_level_name(vic_level())) != NULL, "%s", vic_error_text());
    ck_assert_ptr_nonnull(strstr(text, " here (pass --level v0); OpenBLAS kernel is Abacus there and "));
    ck_assert_ptr_nonnull(strstr(text, " here (export OPENBLAS_CORETYPE=Abacus); "));
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

/* Such as version 0.1.0 wrote. */
START_TEST(a_checkpoint_that_knows_no_level_goes_on) {
    change c = {0};
    char *text;
    vic_identity *now = identity_of(base, NULL), *before = read_back(now);
    vic_identity_forget_machine(before);
    ck_assert_int_eq(vic_identity_text(before, &text), VIC_OK);
    ck_assert_msg(strncmp(text, "~ name: ", 8) == 0, "%s", text);
    vic_release(&text);
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_OK);
    ck_assert_int_eq(c.n, 2);
    ck_assert_str_eq(c.key, "OpenBLAS kernel");
    ck_assert_str_eq(c.before, "not recorded");
    ck_assert_str_eq(c.now, vic_blas_kernel());
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

START_TEST(damaged_lists_are_refused) {
    static const char *const texts[] = {"= a: 1", "x a: 1\n", "= a\n", "=a: 1\n", "\n", "= a: 1\n\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        vic_identity *identity;
        ck_assert_int_eq(vic_identity_parse(&identity, texts[i], "c"), VIC_BAD_FILE);
        ck_assert_ptr_nonnull(strstr(vic_error_text(), "c: the checkpoint's list of settings is damaged"));
    }
}
END_TEST

START_TEST(keys_that_are_new_are_named_with_their_value) {
    change c = {0};
    vic_identity *now = identity_of(base, NULL), *before = read_back(now);
    ck_assert_int_eq(vic_identity_add(now, "what is new", false, "%d", 7), VIC_OK);
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_BAD_FILE);
    ck_assert_ptr_nonnull(strstr(vic_error_text(), "what is new is absent there and 7 here"));
    ck_assert_int_eq(vic_identity_add(before, "what is new", false, "%d", 7), VIC_OK);
    ck_assert_int_eq(vic_identity_add(now, "free", true, "a\nb"), VIC_OK);
    ck_assert_int_eq(vic_identity_compare(before, now, "c", note, &c), VIC_OK);
    ck_assert_str_eq(c.now, "a b");
    vic_identity_destroy(&before);
    vic_identity_destroy(&now);
}
END_TEST

/* The identity without a key, as a checkpoint has it from before there was that key. */
static vic_identity *without(const vic_identity *identity, const char *key) {
    char *text, *line, *behind;
    vic_identity *older;
    ck_assert_int_eq(vic_identity_text(identity, &text), VIC_OK);
    line = strstr(text, key);
    ck_assert_ptr_nonnull(line);
    behind = strchr(line, '\n') + 1;
    memmove(line - strlen("= "), behind, strlen(behind) + 1);
    ck_assert_int_eq(vic_identity_parse(&older, text, "c"), VIC_OK);
    vic_release(&text);
    return older;
}

START_TEST(keys_that_are_new_had_their_default) {
    static const char *const keys[] = {"inference.penalty", "inference.dual_rate", "network.reduction"};
    change c = {0};
    vic_identity *now = identity_of(base, NULL), *other = identity_of(base, "inference.penalty=2");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        vic_identity *older = without(now, keys[i]);
        ck_assert_msg(vic_identity_compare(older, now, "c", note, &c) == VIC_OK, "%s", vic_error_text());
        vic_identity_destroy(&older);
    }
    ck_assert_int_eq(c.n, 0);
    vic_identity *older = without(other, "inference.penalty");
    ck_assert_int_eq(vic_identity_compare(older, other, "c", note, &c), VIC_BAD_FILE);
    ck_assert_ptr_nonnull(strstr(vic_error_text(), "inference.penalty is absent there and 2 here"));
    vic_identity_destroy(&older);
    vic_identity_destroy(&other);
    vic_identity_destroy(&now);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("identity");
    TCase *cases = tcase_create("identity");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, every_key_counts_in_the_identity, 0, N_DIFFERENCES);
    tcase_add_test(cases, the_same_run_is_the_same);
    tcase_add_test(cases, checkpoints_are_no_part_of_it);
    tcase_add_loop_test(cases, precisions_of_1_are_the_default, 0, 3);
    tcase_add_test(cases, no_key_is_forgotten);
    tcase_add_test(cases, microbatches_count_in_the_identity);
    tcase_add_test(cases, every_option_of_every_function_counts_in_the_identity);
    tcase_add_test(cases, layers_more_or_fewer_are_named);
    tcase_add_test(cases, long_values_are_shown_where_they_differ);
    tcase_add_test(cases, another_level_or_kernel_is_refused_with_what_to_do);
    tcase_add_test(cases, a_checkpoint_that_knows_no_level_goes_on);
    tcase_add_test(cases, damaged_lists_are_refused);
    tcase_add_test(cases, keys_that_are_new_are_named_with_their_value);
    tcase_add_test(cases, keys_that_are_new_had_their_default);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
