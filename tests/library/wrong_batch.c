/* Functions of vicinal.h that take a batch, an order, a tensor, a file or a callback, used wrongly: they
 * return an error, change nothing, and the right use afterwards works. */
#include "small.h"
#include "support/scratch.h"

#include <math.h>

enum { N = SMALL_CAPACITY, ALL = VIC_MODEL_LEARNS | VIC_MODEL_KEEPS_TENSORS };

static vic_design *design;
static vic_model *model;

static void setup(void) {
    design = small_design();
    model = small_model(ALL);
}

static void teardown(void) {
    OK(vic_model_destroy(&model));
    OK(vic_design_destroy(&design));
}

/* ---- batches ---- */

static bool holds(const char *population) {
    int number, rank;
    ck_assert_int_eq(vic_model_find_population(model, population, &number), VIC_RESULT_OK);
    ck_assert_int_eq(vic_model_rank_of(model, number, &rank), VIC_RESULT_OK);
    return rank == together_rank();
}

/* On ranks that do not hold the population its values are not looked at. */
#define WRONG_WHERE(population, call)                                                                        \
    together_assert_result(call, holds(population) ? VIC_RESULT_WRONG_USE : VIC_RESULT_OK)

START_TEST(inputs_fit_the_model) {
    const float singles[N * SMALL_FEATURES] = {0};
    WRONG(vic_model_set_inputs_f64(model, N + 1, small_inputs, (N + 1) * SMALL_FEATURES));
    WRONG(vic_model_set_inputs_f32(model, N + 1, singles, (N + 1) * SMALL_FEATURES));
    WRONG(vic_model_set_inputs_f64(model, 0, small_inputs, 0));
    WRONG(vic_model_set_inputs_f32(model, SIZE_MAX, singles, 0));
    WRONG_WHERE("input", vic_model_set_inputs_f64(model, N, NULL, N * SMALL_FEATURES));
    WRONG_WHERE("input", vic_model_set_inputs_f32(model, N, NULL, N * SMALL_FEATURES));
    WRONG_WHERE("input", vic_model_set_inputs_f64(model, N, small_inputs, N * SMALL_FEATURES - 1));
    WRONG_WHERE("input", vic_model_set_inputs_f32(model, N, singles, N));
    WRONG(vic_model_predict(model, N));
}
END_TEST

START_TEST(classes_fit_the_model) {
    const int64_t low[] = {0, -1, 0, 0}, high[] = {0, 1, SMALL_OUTPUTS, 0};
    WRONG(vic_model_set_classes(model, N + 1, small_classes, N + 1));
    WRONG(vic_model_set_classes(model, 0, small_classes, 0));
    WRONG_WHERE("output", vic_model_set_classes(model, N, NULL, N));
    WRONG_WHERE("output", vic_model_set_classes(model, N, small_classes, N - 1));
    WRONG_WHERE("output", vic_model_set_classes(model, N, low, N));
    WRONG_WHERE("output", vic_model_set_classes(model, N, high, N));
    OK(vic_model_set_inputs_f64(model, N, small_inputs, N * SMALL_FEATURES));
    WRONG(vic_model_infer(model, N));
    const float singles[N * SMALL_OUTPUTS] = {0};
    WRONG(vic_model_set_targets_f64(model, N, small_inputs, N * SMALL_OUTPUTS));
    WRONG(vic_model_set_targets_f32(model, N, singles, N * SMALL_OUTPUTS));
}
END_TEST

START_TEST(targets_fit_the_model) {
    vic_model *classes = model;
    OK(vic_design_set(design, "network.loss", "squared-error"));
    OK(vic_model_create(&model, design, MPI_COMM_WORLD, N, ALL));
    WRONG(vic_model_set_targets_f64(model, N + 1, small_inputs, (N + 1) * SMALL_OUTPUTS));
    WRONG(vic_model_set_targets_f32(model, 0, NULL, 0));
    WRONG_WHERE("output", vic_model_set_targets_f64(model, N, NULL, N * SMALL_OUTPUTS));
    WRONG_WHERE("output", vic_model_set_targets_f32(model, N, NULL, N * SMALL_OUTPUTS));
    WRONG_WHERE("output", vic_model_set_targets_f64(model, N, small_inputs, N));
    OK(vic_model_set_inputs_f64(model, N, small_inputs, N * SMALL_FEATURES));
    WRONG(vic_model_infer(model, N));
    OK(vic_model_set_targets_f64(model, N, small_inputs, N * SMALL_OUTPUTS));
    OK(vic_model_infer(model, N));
    OK(vic_model_destroy(&model));
    model = classes;
}
END_TEST

/* ---- the order of calls ---- */

START_TEST(batches_are_set_before_they_are_used) {
    WRONG(vic_model_predict(model, N));
    WRONG(vic_model_infer(model, N));
    WRONG(vic_model_learn(model, N));
    OK(vic_model_set_inputs_f64(model, N, small_inputs, N * SMALL_FEATURES));
    WRONG(vic_model_infer(model, N));
    OK(vic_model_predict(model, N));
    OK(vic_model_set_classes(model, N - 1, small_classes, N - 1));
    WRONG(vic_model_infer(model, N));
    WRONG(vic_model_infer(model, N - 1));
    small_batch(model, N);
    WRONG(vic_model_predict(model, N - 1));
    WRONG(vic_model_predict(model, 0));
    WRONG(vic_model_infer(model, N + 1));
    WRONG(vic_model_learn(model, SIZE_MAX));
    OK(vic_model_learn(model, N));
}
END_TEST

START_TEST(answers_come_after_questions) {
    double loss = 7, energy[16] = {7};
    size_t correct = 7;
    int steps;
    OK(vic_model_steps(model, &steps));
    WRONG(vic_model_loss(model, &loss));
    WRONG(vic_model_correct(model, &correct));
    WRONG(vic_model_energy(model, energy, (size_t)steps + 1));
    small_batch(model, N);
    OK(vic_model_predict(model, N));
    WRONG(vic_model_loss(model, &loss));
    ck_assert(loss == 7 && correct == 7 && energy[0] == 7);
    OK(vic_model_correct(model, &correct));
    OK(vic_model_infer(model, N));
    WRONG(vic_model_loss(model, NULL));
    WRONG(vic_model_correct(model, NULL));
    WRONG(vic_model_energy(model, NULL, (size_t)steps + 1));
    WRONG(vic_model_energy(model, energy, (size_t)steps));
    OK(vic_model_energy(model, energy, (size_t)steps + 1));
    OK(vic_model_loss(model, &loss));
    together_assert(loss > 0 && fabs(loss - energy[0]) < 1e-6);
}
END_TEST

START_TEST(what_was_not_asked_for_is_not_there) {
    vic_model *plain = small_model(VIC_MODEL_PLAIN);
    vic_tensor_info info;
    small_batch(plain, N);
    WRONG(vic_model_learn(plain, N));
    OK(vic_model_infer(plain, N));
    WRONG(vic_model_find_tensor(plain, "grad.0.0.weight", &info));
    WRONG(vic_model_find_tensor(plain, "error.1", &info));
    WRONG(vic_model_find_tensor(plain, "prediction.1", &info));
    OK(vic_model_find_tensor(plain, "prediction.output", &info));
    WRONG(vic_model_save_state(plain, "x"));
    WRONG(vic_model_load_state(plain, "x"));
    OK(vic_model_destroy(&plain));
}
END_TEST

/* ---- settings ---- */

START_TEST(where_steps_learn_there_is_no_inference_alone) {
    small_batch(model, N);
    OK(vic_model_set(model, "inference.algorithm", "incremental"));
    WRONG(vic_model_infer(model, N));
    OK(vic_model_learn(model, N));
    OK(vic_model_set(model, "inference.algorithm", "strict"));
    OK(vic_model_infer(model, N));
}
END_TEST

START_TEST(settings_of_a_model) {
    WRONG(vic_model_set(model, NULL, "1"));
    WRONG(vic_model_set(model, "inference.eta", NULL));
    WRONG(vic_model_set(model, "network.loss", "squared-error"));
    WRONG(vic_model_set(model, "inferences.eta", "1"));
    BAD_DESIGN(vic_model_set(model, "inference.eta", "0"));
    BAD_DESIGN(vic_model_set(model, "inference.algorithm", "none"));
    OK(vic_model_set(model, "inference.eta", "0.5"));
    WRONG(vic_model_set(model, "learning.optimizer", "{sgd: {rate: 0.1}}"));
    vic_model *fixed = small_model(0);
    WRONG(vic_model_set(fixed, "learning.optimizer", "{adam: {rate: 0.1}}"));
    OK(vic_model_destroy(&fixed));
    BAD_DESIGN(vic_model_set(model, "learning.optimizer", "{adam: {rate: -1}}"));
    OK(vic_model_set(model, "learning.optimizer", "{adam: {rate: 0.1}}"));
    small_batch(model, N);
    OK(vic_model_infer(model, N));
}
END_TEST

/* ---- tensors ---- */

START_TEST(tensors_have_names) {
    static const char *const none[] = {
        "",           "x",       "0.0.weights", "3.0.weight",  "-1.0.weight",
        "0.1.weight", "error.0", "belief.",     "prediction.", "error.4",
        "error.1",    "grad.",   "grad.x",      "0.0.bias ",   "99999999999999999999.0.weight"};
    vic_tensor_info info = {.rank = 7};
    size_t count;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        WRONG(vic_model_find_tensor(model, none[i], &info));
    WRONG(vic_model_find_tensor(model, NULL, &info));
    WRONG(vic_model_find_tensor(model, "0.0.weight", NULL));
    WRONG(vic_model_parameters(model, NULL));
    OK(vic_model_parameters(model, &count));
    ck_assert_uint_eq(count, 2 * SMALL_LAYERS);
    WRONG(vic_model_parameter(model, count, &info));
    WRONG(vic_model_parameter(model, SIZE_MAX, &info));
    WRONG(vic_model_parameter(model, 0, NULL));
    ck_assert_int_eq(info.rank, 7);
    OK(vic_model_parameter(model, count - 1, &info));
    ck_assert_str_eq(info.name, "2.0.bias");
    ck_assert_uint_eq(info.count, SMALL_OUTPUTS);
}
END_TEST

START_TEST(tensors_are_where_they_are) {
    double values[SMALL_WEIGHTS] = {7};
    float singles[SMALL_WEIGHTS] = {7};
    WRONG(vic_model_read_f64(model, "0.0.weight", values, SMALL_WEIGHTS - 1));
    WRONG(vic_model_read_f32(model, "0.0.weight", singles, SMALL_WEIGHTS + 1));
    WRONG(vic_model_read_f64(model, "0.0.weight", NULL, SMALL_WEIGHTS));
    WRONG(vic_model_read_f32(model, NULL, singles, SMALL_WEIGHTS));
    WRONG(vic_model_write_f64(model, "0.0.weight", NULL, SMALL_WEIGHTS));
    WRONG(vic_model_write_f32(model, "0.0.weight", singles, 1));
    WRONG(vic_model_write_f64(model, NULL, values, SMALL_WEIGHTS));
    ck_assert(values[0] == 7 && singles[0] == 7);
    vic_result here = holds("input") ? VIC_RESULT_OK : VIC_RESULT_NOT_HERE;
    together_assert_result(vic_model_read_f64(model, "0.0.weight", values, SMALL_WEIGHTS), here);
    together_assert_result(vic_model_write_f64(model, "0.0.weight", values, SMALL_WEIGHTS), here);
    values[5] = INFINITY;
    together_assert_result(vic_model_write_f64(model, "0.0.weight", values, SMALL_WEIGHTS),
                           holds("input") ? VIC_RESULT_NOT_FINITE : VIC_RESULT_NOT_HERE);
    small_batch(model, 2);
    OK(vic_model_infer(model, 2));
    WRONG(vic_model_write_f64(model, "grad.0.0.weight", values, SMALL_WEIGHTS));
    WRONG(vic_model_write_f64(model, "prediction.output", values, 4));
}
END_TEST

/* ---- files ---- */

START_TEST(files_are_in_order) {
    scratch folder = {0};
    if (together_rank() == 0)
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
    const char *path = scratch_path(&folder, "weights.safetensors");
    WRONG(vic_model_save(model, NULL));
    WRONG(vic_model_load(model, NULL));
    WRONG(vic_model_save_state(model, NULL));
    WRONG(vic_model_load_state(model, NULL));
    together_assert_result(vic_model_save(model, "there/is/no/folder"), VIC_RESULT_BAD_FILE);
    together_assert_result(vic_model_load(model, "there/is/no.safetensors"), VIC_RESULT_BAD_FILE);
    together_assert_result(vic_model_save_state(model, "there/is/no/folder"), VIC_RESULT_BAD_FILE);
    together_assert_result(vic_model_load_state(model, "there/is/no.safetensors"), VIC_RESULT_BAD_FILE);
    OK(vic_model_save(model, path));
    together_assert_result(vic_model_load_state(model, path), VIC_RESULT_BAD_FILE);
    OK(vic_model_load(model, path));
    if (together_rank() == 0)
        scratch_close(&folder);
}
END_TEST

/* A model of the same synapses with another optimizer. */
static vic_model *model_with(const char *optimizer) {
    vic_model *other;
    vic_design *different = small_design();
    OK(vic_design_set(different, "learning.optimizer", optimizer));
    OK(vic_design_set(different, "inference.steps", "5"));
    OK(vic_model_create(&other, different, MPI_COMM_WORLD, N, ALL));
    OK(vic_design_destroy(&different));
    return other;
}

static double first_weight(const vic_model *from) {
    double weights[SMALL_WEIGHTS] = {0};
    vic_model_read_f64(from, "0.0.weight", weights, SMALL_WEIGHTS);
    return weights[0];
}

START_TEST(states_of_others_change_nothing) {
    scratch folder = {0};
    if (together_rank() == 0)
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
    const char *path = scratch_path(&folder, "state.safetensors");
    vic_model *other = model_with("{sgd: {rate: 0.1}}"), *alike = model_with("{adam: {rate: 0.01}}");
    small_batch(other, N);
    OK(vic_model_learn(other, N));
    OK(vic_model_save_state(other, path));
    double before = first_weight(model);
    together_assert_result(vic_model_load_state(model, path), VIC_RESULT_BAD_FILE);
    together_assert(first_weight(model) == before);
    OK(vic_model_set(model, "inference.steps", "5"));
    OK(vic_model_save_state(model, path));
    OK(vic_model_load_state(alike, path));
    OK(vic_model_destroy(&other));
    OK(vic_model_destroy(&alike));
    if (together_rank() == 0)
        scratch_close(&folder);
}
END_TEST

/* ---- callbacks ---- */

/* What a callback tries. */
typedef struct attempts {
    vic_subscription *mine, *other;
    bool all_refused, has_values;
    int calls;
} attempts;

static bool is_refused(vic_result result) {
    return result == VIC_RESULT_WRONG_USE;
}

static void try(void *context, const vic_model_event *event) {
    attempts *a = context;
    double values[64] = {0};
    size_t count = event->samples * event->features;
    vic_subscription *more;
    vic_model *same = model;
    bool refused = is_refused(vic_model_learn(model, N)) && is_refused(vic_model_predict(model, N)) &&
                   is_refused(vic_model_set(model, "inference.eta", "1")) &&
                   is_refused(vic_model_set_inputs_f64(model, N, small_inputs, N * SMALL_FEATURES)) &&
                   is_refused(vic_model_write_f64(model, "0.0.weight", values, SMALL_WEIGHTS)) &&
                   is_refused(vic_model_subscribe(model, VIC_ON_END, try, a, &more)) &&
                   is_refused(vic_model_save(model, "x")) && is_refused(vic_model_destroy(&same)) &&
                   is_refused(vic_model_event_read_f64(event, values, count + 1)) &&
                   is_refused(vic_model_event_read_f64(NULL, values, count)) &&
                   is_refused(vic_model_event_read_f64(event, NULL, count));
    a->all_refused = a->all_refused && refused;
    a->has_values =
        a->has_values && (count == 0 || vic_model_event_read_f64(event, values, count) == VIC_RESULT_OK);
    if (a->calls++ == 1) { /* the other one is next in the list, and ends before it is called */
        a->all_refused = a->all_refused && vic_model_unsubscribe(&a->other) == VIC_RESULT_OK;
        a->all_refused = a->all_refused && vic_model_unsubscribe(&a->mine) == VIC_RESULT_OK;
    }
}

static void count_calls(void *context, const vic_model_event *event) {
    (void)event;
    ++*(int *)context;
}

START_TEST(callbacks_change_nothing) {
    attempts a = {.all_refused = true, .has_values = true};
    int calls = 0;
    const unsigned kinds = VIC_ON_SENT | VIC_ON_RECEIVED | VIC_ON_STEP | VIC_ON_ERROR;
    OK(vic_model_subscribe(model, kinds, count_calls, &calls, &a.other));
    OK(vic_model_subscribe(model, kinds, try, &a, &a.mine));
    small_batch(model, N);
    OK(vic_model_infer(model, N));
    together_assert(a.all_refused && a.has_values && a.calls == 2 && calls == 1);
    ck_assert(a.mine == NULL && a.other == NULL);
    OK(vic_model_infer(model, N));
    together_assert(a.calls == 2 && calls == 1);
}
END_TEST

START_TEST(subscriptions_are_known) {
    vic_subscription *s = NULL, *copy;
    float single = 0;
    double real = 0;
    const vic_model_event made_up = {.samples = 1, .features = 1};
    int calls = 0;
    WRONG(vic_model_subscribe(model, VIC_ON_STEP, NULL, NULL, &s));
    WRONG(vic_model_subscribe(model, VIC_ON_STEP, count_calls, NULL, NULL));
    WRONG(vic_model_subscribe(model, 0, count_calls, NULL, &s));
    WRONG(vic_model_subscribe(model, 1u << 6, count_calls, NULL, &s));
    WRONG(vic_model_unsubscribe(NULL));
    OK(vic_model_unsubscribe(&s));
    OK(vic_model_subscribe(model, VIC_ON_STEP, count_calls, &calls, &s));
    copy = s;
    OK(vic_model_unsubscribe(&s));
    WRONG(vic_model_unsubscribe(&copy));
    copy = (vic_subscription *)(void *)model;
    WRONG(vic_model_unsubscribe(&copy));
    WRONG(vic_model_event_read_f32(NULL, &single, 1));
    WRONG(vic_model_event_read_f32(&made_up, &single, 1));
    WRONG(vic_model_event_read_f64(&made_up, &real, 1));
    vic_model *other = small_model(VIC_MODEL_PLAIN);
    OK(vic_model_subscribe(other, VIC_ON_STEP, count_calls, &calls, &copy));
    OK(vic_model_destroy(&other));
    WRONG(vic_model_unsubscribe(&copy));
    together_assert(calls == 0);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("wrong batch");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, inputs_fit_the_model);
    tcase_add_test(all, classes_fit_the_model);
    tcase_add_test(all, targets_fit_the_model);
    tcase_add_test(all, batches_are_set_before_they_are_used);
    tcase_add_test(all, answers_come_after_questions);
    tcase_add_test(all, what_was_not_asked_for_is_not_there);
    tcase_add_test(all, where_steps_learn_there_is_no_inference_alone);
    tcase_add_test(all, settings_of_a_model);
    tcase_add_test(all, tensors_have_names);
    tcase_add_test(all, tensors_are_where_they_are);
    tcase_add_test(all, files_are_in_order);
    tcase_add_test(all, states_of_others_change_nothing);
    tcase_add_test(all, callbacks_change_nothing);
    tcase_add_test(all, subscriptions_are_known);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
