/* Every function of vicinal.h with NULL and with handles that are none; designs, models and questions with
 * what is out of range. It returns an error and changes nothing. What has to do with a batch is in
 * wrong_batch.c. */
#include "small.h"

#include <string.h>

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

/* ---- results ---- */

START_TEST(results_have_names) {
    for (int r = -1; r < 12; r++)
        ck_assert_ptr_nonnull(vic_result_name((vic_result)r));
    ck_assert_str_eq(vic_result_name(VIC_RESULT_BAD_FILE), "bad file");
    ck_assert_ptr_nonnull(vic_last_message());
    ck_assert_ptr_nonnull(strchr(vic_library_version(), '.'));
    ck_assert_ptr_nonnull(vic_library_algorithm(0));
    ck_assert_ptr_null(vic_library_algorithm(1000));
    ck_assert_ptr_null(vic_library_algorithm(SIZE_MAX));
}
END_TEST

START_TEST(a_failure_has_a_text) {
    WRONG(vic_design_set(NULL, "inference.eta", "1"));
    ck_assert_ptr_nonnull(strstr(vic_last_message(), "design"));
    BAD_DESIGN((vic_design_set(design, "inference.eta", "-1"), vic_design_check(design, NULL)));
    ck_assert_msg(strncmp(vic_last_message(), "inference.eta=-1: ", 18) == 0, "%s", vic_last_message());
}
END_TEST

START_TEST(levels_are_known_by_name) {
    ck_assert_ptr_nonnull(vic_library_level());
    ck_assert_ptr_nonnull(vic_library_kernel());
    WRONG(vic_library_set_level(NULL));
    WRONG(vic_library_set_level("v0"));
    ck_assert_msg(strstr(vic_last_message(), vic_library_level()) != NULL, "%s", vic_last_message());
    OK(vic_library_set_level(vic_library_level()));
}
END_TEST

/* While there is a model. */
START_TEST(transports_have_names_and_threads_a_number) {
    WRONG(vic_library_set_transport(NULL));
    WRONG(vic_library_set_transport(""));
    WRONG(vic_library_set_transport("pigeon"));
    ck_assert_msg(strstr(vic_last_message(), "auto, mpi or shared") != NULL, "%s", vic_last_message());
    WRONG(vic_library_set_threads(1));
    ck_assert_msg(strstr(vic_last_message(), "before the first") != NULL, "%s", vic_last_message());
    OK(vic_model_destroy(&model));
    WRONG(vic_library_set_threads(-1));
    WRONG(vic_library_set_threads(1025));
    ck_assert_msg(strstr(vic_last_message(), "1 to 1024") != NULL, "%s", vic_last_message());
    OK(vic_library_set_threads(1));
}
END_TEST

/* ---- designs ---- */

START_TEST(designs_are_made_of_something) {
    const size_t dim[] = {2, 3, 4, 5, 6}, none[] = {0}, most[] = {SIZE_MAX, SIZE_MAX};
    vic_design *other = design;
    WRONG(vic_design_create(NULL, 1, dim));
    WRONG(vic_design_create(&other, 1, NULL));
    ck_assert_ptr_null(other);
    WRONG(vic_design_create(&other, 0, dim));
    WRONG(vic_design_create(&other, -1, dim));
    WRONG(vic_design_create(&other, 5, dim));
    WRONG(vic_design_create(&other, 1, none));
    WRONG(vic_design_read(NULL, "x.yaml"));
    WRONG(vic_design_read(&other, NULL));
    together_assert_result(vic_design_read(&other, "there/is/no.yaml"), VIC_RESULT_BAD_FILE);
    WRONG(vic_design_parse(NULL, "network:"));
    WRONG(vic_design_parse(&other, NULL));
    OK(vic_design_create(&other, 2, most));
    OK(vic_design_add_layer(other, "flatten"));
    BAD_DESIGN(vic_design_check(other, NULL));
    OK(vic_design_destroy(&other));
    OK(vic_design_parse(&other, "network: [}"));
    BAD_DESIGN(vic_design_check(other, NULL));
    WRONG(vic_design_add_layer(other, "tanh"));
    OK(vic_design_destroy(&other));
}
END_TEST

/* A function of a design with a handle that is NULL, destroyed, or of another kind. */
static void refuse_design(vic_design *d) {
    const int rank_of[] = {0, 0, 0, 0};
    vic_model *none = model;
    WRONG(vic_design_add_layer(d, "tanh"));
    WRONG(vic_design_connect(d, 0, 2, "{linear: 5}"));
    WRONG(vic_design_set(d, "inference.eta", "1"));
    WRONG(vic_design_place(d, rank_of, 4));
    WRONG(vic_design_check(d, NULL));
    WRONG(vic_model_create(&none, d, MPI_COMM_WORLD, N, ALL));
    ck_assert_ptr_null(none);
}

START_TEST(handles_of_designs_are_known) {
    vic_design *destroyed = small_design(), *copy = destroyed;
    OK(vic_design_destroy(&destroyed));
    ck_assert_ptr_null(destroyed);
    OK(vic_design_destroy(&destroyed));
    WRONG(vic_design_destroy(NULL));
    WRONG(vic_design_destroy(&copy));
    refuse_design(NULL);
    refuse_design(copy);
    refuse_design((vic_design *)(void *)model);
    refuse_design((vic_design *)(void *)&copy);
}
END_TEST

START_TEST(designs_are_checked) {
    const int high[] = {0, 0, 0, 1000}, low[] = {0, -1, 0, 0};
    size_t populations = 99;
    WRONG(vic_design_add_layer(design, NULL));
    WRONG(vic_design_connect(design, 0, 2, NULL));
    WRONG(vic_design_connect(design, 2, 2, "tanh"));
    WRONG(vic_design_connect(design, -1, 2, "tanh"));
    WRONG(vic_design_set(design, NULL, "1"));
    WRONG(vic_design_set(design, "inference.eta", NULL));
    BAD_DESIGN(vic_design_set(design, "", "1"));
    BAD_DESIGN(vic_design_set(design, "a=b", "1"));
    WRONG(vic_design_place(design, NULL, 4));
    WRONG(vic_design_place(design, low, 4));
    WRONG(vic_design_place(design, low, 0));
    WRONG(vic_design_place(design, low, SIZE_MAX));
    OK(vic_design_check(design, &populations));
    ck_assert_uint_eq(populations, SMALL_LAYERS + 1);
    OK(vic_design_place(design, high, 3));
    BAD_DESIGN(vic_design_check(design, NULL));
    OK(vic_design_place(design, high, 4));
    OK(vic_design_check(design, NULL));
    vic_model *none;
    BAD_DESIGN(vic_model_create(&none, design, MPI_COMM_WORLD, N, ALL));
    OK(vic_design_connect(design, 0, 7, "tanh"));
    BAD_DESIGN(vic_design_check(design, NULL));
}
END_TEST

START_TEST(edges_have_to_fit) {
    OK(vic_design_connect(design, 0, 2, "{linear: 4}"));
    BAD_DESIGN(vic_design_check(design, NULL));
}
END_TEST

/* A sweep needs none. */
START_TEST(steps_that_learn_need_an_optimizer) {
    vic_design *bare;
    OK(vic_model_destroy(&model));
    OK(vic_design_parse(&bare, "network: {input: [3], layers: [linear: 2], loss: cross-entropy}\n"
                               "inference: {algorithm: incremental, eta: 0.1}\n"));
    OK(vic_design_check(bare, NULL));
    OK(vic_model_create(&model, bare, MPI_COMM_WORLD, N, ALL));
    OK(vic_design_destroy(&bare));
    small_batch(model, N);
    OK(vic_model_predict(model, N));
    WRONG(vic_model_infer(model, N));
    WRONG(vic_model_learn(model, N));
    ck_assert_msg(strstr(vic_last_message(), "learning.optimizer") != NULL, "%s", vic_last_message());
}
END_TEST

/* ---- models ---- */

START_TEST(models_are_made_of_something) {
    vic_model *other = model;
    WRONG(vic_model_create(NULL, design, MPI_COMM_WORLD, N, ALL));
    WRONG(vic_model_create(&other, NULL, MPI_COMM_WORLD, N, ALL));
    ck_assert_ptr_null(other);
    WRONG(vic_model_create(&other, design, MPI_COMM_NULL, N, ALL));
    WRONG(vic_model_create(&other, design, MPI_COMM_WORLD, 0, ALL));
    WRONG(vic_model_create(&other, design, MPI_COMM_WORLD, SIZE_MAX, ALL));
    WRONG(vic_model_create(&other, design, MPI_COMM_WORLD, N, 4));
    BAD_DESIGN(vic_model_create(&other, design, MPI_COMM_WORLD, SIZE_MAX / 32, ALL));
    ck_assert_ptr_null(other);
    OK(vic_model_destroy(&other));
    WRONG(vic_model_destroy(NULL));
}
END_TEST

static void keep_event(void *context, const vic_model_event *event) {
    (void)context;
    (void)event;
}

/* Questions and local calls with a handle that is none. */
static void refuse_local(vic_model *m) {
    size_t count = 7;
    int number = 7;
    double real = 7;
    float single = 7;
    vic_tensor_info info;
    vic_subscription *subscription;
    WRONG(vic_model_capacity(m, &count));
    WRONG(vic_model_populations(m, &number));
    WRONG(vic_model_steps(m, &number));
    WRONG(vic_model_find_population(m, "input", &number));
    WRONG(vic_model_rank_of(m, 0, &number));
    WRONG(vic_model_features(m, 0, &count));
    WRONG(vic_model_set_inputs_f32(m, 1, &single, 1));
    WRONG(vic_model_set_inputs_f64(m, 1, &real, 1));
    WRONG(vic_model_set_targets_f32(m, 1, &single, 1));
    WRONG(vic_model_set_targets_f64(m, 1, &real, 1));
    WRONG(vic_model_set_classes(m, 1, small_classes, 1));
    WRONG(vic_model_loss(m, &real));
    WRONG(vic_model_correct(m, &count));
    WRONG(vic_model_parameters(m, &count));
    WRONG(vic_model_parameter(m, 0, &info));
    WRONG(vic_model_find_tensor(m, "0.0.weight", &info));
    WRONG(vic_model_read_f32(m, "0.0.weight", &single, 1));
    WRONG(vic_model_read_f64(m, "0.0.weight", &real, 1));
    WRONG(vic_model_write_f32(m, "0.0.weight", &single, 1));
    WRONG(vic_model_write_f64(m, "0.0.weight", &real, 1));
    WRONG(vic_model_subscribe(m, VIC_ON_STEP, keep_event, NULL, &subscription));
    ck_assert(count == 7 && number == 7 && real == 7 && single == 7);
}

static void refuse_collective(vic_model *m) {
    double energy[1] = {7};
    WRONG(vic_model_set(m, "inference.eta", "1"));
    WRONG(vic_model_predict(m, 1));
    WRONG(vic_model_infer(m, 1));
    WRONG(vic_model_learn(m, 1));
    WRONG(vic_model_energy(m, energy, 1));
    WRONG(vic_model_save(m, "x.safetensors"));
    WRONG(vic_model_load(m, "x.safetensors"));
    WRONG(vic_model_save_state(m, "x.safetensors"));
    WRONG(vic_model_load_state(m, "x.safetensors"));
    ck_assert(energy[0] == 7);
}

START_TEST(handles_of_models_are_known) {
    vic_model *destroyed = small_model(ALL), *copy = destroyed;
    OK(vic_model_destroy(&destroyed));
    ck_assert_ptr_null(destroyed);
    refuse_local(NULL);
    refuse_collective(NULL);
    refuse_local(copy);
    refuse_collective(copy);
    refuse_local((vic_model *)(void *)design);
    refuse_collective((vic_model *)(void *)design);
    WRONG(vic_model_destroy(&copy));
}
END_TEST

START_TEST(questions_need_a_place_for_the_answer) {
    int number = 7;
    size_t count = 7;
    WRONG(vic_model_capacity(model, NULL));
    WRONG(vic_model_populations(model, NULL));
    WRONG(vic_model_steps(model, NULL));
    WRONG(vic_model_find_population(model, "input", NULL));
    WRONG(vic_model_find_population(model, NULL, &number));
    WRONG(vic_model_find_population(model, "inputs", &number));
    WRONG(vic_model_find_population(model, "4", &number));
    WRONG(vic_model_find_population(model, "-1", &number));
    WRONG(vic_model_find_population(model, "99999999999999999999", &number));
    WRONG(vic_model_rank_of(model, 0, NULL));
    WRONG(vic_model_rank_of(model, 4, &number));
    WRONG(vic_model_rank_of(model, -1, &number));
    WRONG(vic_model_features(model, 0, NULL));
    WRONG(vic_model_features(model, 4, &count));
    ck_assert(number == 7 && count == 7);
    OK(vic_model_find_population(model, "output", &number));
    ck_assert_int_eq(number, SMALL_LAYERS);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("wrong use");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, results_have_names);
    tcase_add_test(all, a_failure_has_a_text);
    tcase_add_test(all, levels_are_known_by_name);
    tcase_add_test(all, transports_have_names_and_threads_a_number);
    tcase_add_test(all, designs_are_made_of_something);
    tcase_add_test(all, handles_of_designs_are_known);
    tcase_add_test(all, designs_are_checked);
    tcase_add_test(all, edges_have_to_fit);
    tcase_add_test(all, steps_that_learn_need_an_optimizer);
    tcase_add_test(all, models_are_made_of_something);
    tcase_add_test(all, handles_of_models_are_known);
    tcase_add_test(all, questions_need_a_place_for_the_answer);
    suite_add_tcase(suite, all);
    return suite;
}

/* A model before MPI_Init, or after MPI_Finalize. Returns whether it is refused. */
static bool is_refused_without_mpi(void) {
    const size_t dim[] = {1};
    vic_design *plain;
    vic_model *none = NULL;
    vic_result made = vic_design_create(&plain, 1, dim);
    vic_result refused = vic_model_create(&none, plain, MPI_COMM_WORLD, 1, VIC_MODEL_PLAIN);
    return made == VIC_RESULT_OK && refused == VIC_RESULT_WRONG_USE && none == NULL &&
           vic_design_destroy(&plain) == VIC_RESULT_OK;
}

int main(int argc, char **argv) {
    bool early = is_refused_without_mpi();
    int failed = together_main(argc, argv, make_suite);
    return failed || !early || !is_refused_without_mpi();
}
