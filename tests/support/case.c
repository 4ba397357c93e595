#include "case.h"
#include "numbers.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

const char *case_file(const char *name, const char *file) {
    char *path = scrap(512, 1);
    snprintf(path, 512, TEST_DATA "/reference/%s/%s", name, file);
    return path;
}

static json_t *member(json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    ck_assert_msg(value != NULL, "case.json: \"%s\" is missing", key);
    return value;
}

static const char *text(json_t *object, const char *key) {
    const char *value = json_string_value(member(object, key));
    ck_assert_msg(value != NULL, "case.json: \"%s\" is no text", key);
    return value;
}

/* ---- the network ---- */

/* Options go by their names in the library; `in` follows from the shape. */
static void place(json_t *op, vic_shape in, vic_function *f) {
    const vic_function_kind *kind = vic_function_find(VIC_FLOAT64, text(op, "op"));
    size_t option[VIC_MAX_OPTIONS];
    ck_assert_msg(kind != NULL, "case.json: there is no function \"%s\"", text(op, "op"));
    for (size_t i = 0; i < kind->n_options; i++) {
        const vic_option *o = &kind->options[i];
        json_t *value = o->required ? member(op, o->name) : json_object_get(op, o->name);
        option[i] = !value                 ? o->fallback
                    : json_is_true(value)  ? 1
                    : json_is_false(value) ? 0
                                           : (size_t)json_integer_value(value);
    }
    ck_assert_msg(vic_function_place(f, kind, in, option) == VIC_OK, "case.json: %s", vic_error_text());
}

static void grow(vic_network *network, json_t *layer) {
    vic_function functions[10];
    int top = vic_network_output(network);
    vic_shape shape = network->shapes[top];
    size_t n = json_array_size(layer);
    for (size_t k = 0; k < n; k++) {
        place(json_array_get(layer, k), shape, &functions[k]);
        shape = functions[k].out;
    }
    ck_assert_int_eq(vic_network_grow(network, top, n, functions), VIC_OK);
}

static const struct {
    const char *name, *loss;
    vic_reduction reduction;
} losses[] = {
    {"cross_entropy_mean", "cross-entropy", VIC_MEAN},
    {"cross_entropy_sum", "cross-entropy", VIC_SUM},
    {"mse_mean", "squared-error", VIC_MEAN},
    {"mse_sum", "squared-error", VIC_SUM},
};

static void set_loss(vic_network *network, const char *name) {
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
        if (strcmp(losses[i].name, name) == 0) {
            network->loss = vic_loss_find(VIC_FLOAT64, losses[i].loss);
            network->reduction = losses[i].reduction;
        }
    ck_assert_msg(network->loss != NULL, "case.json: there is no loss \"%s\"", name);
}

static void read_network(reference_case *c, json_t *root) {
    json_t *shape = member(root, "input_shape"), *layers = member(root, "layers");
    vic_shape input = {.rank = (int)json_array_size(shape)};
    for (int i = 0; i < input.rank; i++)
        input.dim[i] = (size_t)json_integer_value(json_array_get(shape, (size_t)i));
    ck_assert_int_eq(vic_network_create(&c->network, VIC_FLOAT64, input), VIC_OK);
    for (size_t l = 0; l < json_array_size(layers); l++)
        grow(c->network, json_array_get(layers, l));
    set_loss(c->network, text(root, "loss"));
    c->batch = (size_t)json_integer_value(member(root, "batch"));
}

/* ---- runs and trajectories ---- */

static const struct {
    const char *mode, *algorithm;
} modes[] = {{"Exact", "exact"},
             {"FixedPred", "fixed-prediction"},
             {"Strict", "strict"},
             {"augmented-lagrangian", "augmented-lagrangian"},
             {"incremental", "incremental"}};

static double number_or(json_t *from, const char *key, double otherwise) {
    json_t *value = json_object_get(from, key);
    return value ? json_number_value(value) : otherwise;
}

/* Its settings but the rate are the defaults. */
static void read_learning(vic_learning_options *learning, json_t *from, size_t batch) {
    if (json_object_get(from, "optimizer") == NULL)
        return;
    *learning = (vic_learning_options){.optimizer = vic_optimizer_find(VIC_FLOAT64, text(from, "optimizer")),
                                       .batch = batch};
    ck_assert_ptr_nonnull(learning->optimizer);
    for (size_t i = 0; i < learning->optimizer->n_settings; i++)
        learning->settings[i] = learning->optimizer->settings[i].fallback;
    learning->settings[0] = json_number_value(member(from, "rate"));
}

static void read_run(case_run *run, json_t *from, size_t batch) {
    snprintf(run->tag, sizeof run->tag, "%s", text(from, "tag"));
    run->options = (vic_inference_options){
        .eta = json_number_value(member(from, "eta")),
        .steps = (int)json_integer_value(member(from, "n")),
        .penalty = number_or(from, "penalty", 1),
        .dual_rate = number_or(from, "dual_rate", 1),
        .record = true,
        .initial_beliefs = json_is_true(json_object_get(from, "initial")),
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(modes[i].mode, text(from, "mode")) == 0)
            run->options.algorithm = vic_algorithm_find(modes[i].algorithm);
    read_learning(&run->learning, from, batch);
    if (run->learning.optimizer)
        run->options.learning = vic_step_learning_of(&run->learning);
    ck_assert_msg(run->options.algorithm != NULL, "case.json: there is no mode \"%s\"", text(from, "mode"));
}

static void read_trajectory(case_trajectory *t, json_t *from, size_t batch) {
    const vic_optimizer_kind *kind = vic_optimizer_find(VIC_FLOAT64, text(from, "tag"));
    ck_assert_msg(kind != NULL, "case.json: there is no optimizer \"%s\"", text(from, "tag"));
    snprintf(t->tag, sizeof t->tag, "%s", kind->name);
    t->steps = (int)json_integer_value(member(from, "steps"));
    t->options = (vic_learning_options){.optimizer = kind, .batch = batch};
    for (size_t i = 0; i < kind->n_settings; i++)
        t->options.settings[i] = json_number_value(member(from, kind->settings[i].name));
}

void case_open(reference_case *c, const char *name) {
    json_error_t error;
    json_t *root = json_load_file(case_file(name, "case.json"), 0, &error);
    ck_assert_msg(root != NULL, "%s: %s", name, error.text);
    *c = (reference_case){0};
    read_network(c, root);
    json_t *runs = member(root, "runs"), *trajectories = json_object_get(root, "trajectories");
    c->n_trajectories = (int)json_array_size(trajectories);
    ck_assert(json_array_size(runs) <= CASE_MOST_RUNS && c->n_trajectories <= CASE_MOST_TRAJECTORIES);
    for (size_t i = 0; i < json_array_size(runs); i++)
        read_run(&c->run[c->n_runs++], json_array_get(runs, i), c->batch);
    for (int i = 0; i < c->n_trajectories; i++)
        read_trajectory(&c->trajectory[i], json_array_get(trajectories, (size_t)i), c->batch);
    json_decref(root);
    ck_assert_msg(vic_tensor_file_open(&c->expected, case_file(name, "expected.safetensors")) == VIC_OK, "%s",
                  vic_error_text());
}

void case_close(reference_case *c) {
    vic_tensor_file_close(&c->expected);
    vic_network_destroy(&c->network);
}
