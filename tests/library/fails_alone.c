/* A rank that fails alone: in memory, in an argument, in the call that it makes, or in destroying its model.
 * The call fails on every rank, and none waits for another for ever. */
#include "small.h"
#include "support/scratch.h"

#include <math.h>
#include <string.h>

enum { N = SMALL_CAPACITY, ALL = VIC_MODEL_LEARNS | VIC_MODEL_KEEPS_TENSORS, MOST_ALLOCATIONS = 2000 };

/* ---- memory that ends ---- */

static long left = -1; /* allocations before the one that fails; -1: none fails */
static bool failed;

vic_status __real_vic_allocate(size_t count, size_t size, void *memory);
vic_status __wrap_vic_allocate(size_t count, size_t size, void *memory);
vic_status __real_vic_allocate_counted(vic_memory_counter *memory_counter, size_t count, size_t size,
                                       void *memory);
vic_status __wrap_vic_allocate_counted(vic_memory_counter *memory_counter, size_t count, size_t size,
                                       void *memory);

static bool is_the_end(void *memory) {
    if (left < 0 || left-- > 0)
        return false;
    memset(memory, 0, sizeof(void *));
    vic_fail(VIC_NO_MEMORY, "no memory on rank %d", together_rank());
    return failed = true;
}

vic_status __wrap_vic_allocate(size_t count, size_t size, void *memory) {
    return is_the_end(memory) ? VIC_NO_MEMORY : __real_vic_allocate(count, size, memory);
}

vic_status __wrap_vic_allocate_counted(vic_memory_counter *memory_counter, size_t count, size_t size,
                                       void *memory) {
    return is_the_end(memory) ? VIC_NO_MEMORY
                              : __real_vic_allocate_counted(memory_counter, count, size, memory);
}

/* ---- what is called ---- */

static vic_design *design;
static vic_model *model;
static scratch folder;
static char path[128];

static void setup(void) {
    design = small_design();
    if (together_rank() == 0)
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
    snprintf(path, sizeof path, "%s/file", folder.folder);
}

static void teardown(void) {
    OK(vic_model_destroy(&model));
    OK(vic_design_destroy(&design));
    if (together_rank() == 0)
        scratch_close(&folder);
}

static vic_result make(void) {
    return vic_model_create(&model, design, MPI_COMM_WORLD, N, ALL);
}

static vic_result predict(void) {
    return vic_model_predict(model, N);
}

static vic_result infer(void) {
    return vic_model_infer(model, N);
}

static vic_result learn(void) {
    return vic_model_learn(model, N);
}

static vic_result set(void) {
    return vic_model_set(model, "inference.steps", "5");
}

static vic_result energy(void) {
    double values[SMALL_LAYERS + 1];
    return vic_model_energy(model, values, SMALL_LAYERS + 1);
}

static vic_result save(void) {
    return vic_model_save(model, path);
}

static vic_result load(void) {
    return vic_model_load(model, path);
}

static vic_result save_state(void) {
    return vic_model_save_state(model, path);
}

static vic_result load_state(void) {
    return vic_model_load_state(model, path);
}

typedef struct call {
    vic_result (*make)(void);
    vic_result (*before)(void); /* the right call that has to be made first; NULL: none */
} call;

static const call calls[] = {
    {predict, NULL}, {infer, NULL}, {learn, NULL},      {energy, infer},
    {save, NULL},    {load, save},  {save_state, NULL}, {load_state, save_state},
    {set, NULL}, /* the last: the others know the number of steps */
};
enum { CALLS = sizeof calls / sizeof *calls };

/* Makes a call whose allocation number `k` fails on one rank. Returns whether that rank came so far. */
static bool fails_at(vic_result (*make_call)(void), int rank, long k, vic_result *result) {
    int any, mine;
    failed = false;
    left = together_rank() == rank ? k : -1;
    *result = make_call();
    left = -1;
    mine = failed;
    MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return any;
}

static void fail_everywhere(vic_result (*make_call)(void), int rank) {
    vic_result result;
    long k = 0;
    for (; fails_at(make_call, rank, k, &result); k++) {
        together_assert_msg(result == VIC_RESULT_NO_MEMORY || result == VIC_RESULT_OK,
                            "allocation %ld: %s: %s", k, vic_result_name(result), vic_last_message());
        together_assert_msg(k < MOST_ALLOCATIONS, "no end");
        if (result == VIC_RESULT_OK && make_call == make)
            OK(vic_model_destroy(&model));
    }
    together_assert_msg(result == VIC_RESULT_OK, "%s", vic_last_message());
}

/* For the lowest, the highest and a rank between them. */
static int nth_rank(int n) {
    return n == 0 ? 0 : n == 1 ? together_size() - 1 : together_size() / 2;
}

START_TEST(creating_fails_everywhere) {
    fail_everywhere(make, nth_rank(_i));
}
END_TEST

START_TEST(memory_fails_everywhere) {
    const call *c = &calls[_i];
    for (int n = 0; n < 3; n++) {
        OK(make());
        small_batch(model, N);
        if (c->before)
            OK(c->before());
        fail_everywhere(c->make, nth_rank(n));
        OK(predict());
        OK(vic_model_destroy(&model));
    }
}
END_TEST

/* ---- wires that one rank cannot change ---- */

static vic_result encode(void) {
    return vic_model_set(model, "channels.encoding", "int8");
}

static void infer_and_fetch(double energies[SMALL_LAYERS + 1]) {
    small_batch(model, N);
    OK(infer());
    OK(vic_model_energy(model, energies, SMALL_LAYERS + 1));
}

static void computes(const double expected[SMALL_LAYERS + 1], long k) {
    double energies[SMALL_LAYERS + 1];
    infer_and_fetch(energies);
    together_assert_msg(memcmp(energies, expected, sizeof energies) == 0, "allocation %ld: other bits", k);
}

static void find_expected(const char *encoding, double energies[SMALL_LAYERS + 1]) {
    OK(vic_design_set(design, "channels.encoding", encoding));
    OK(make());
    infer_and_fetch(energies);
    OK(vic_model_destroy(&model));
}

/* Where one rank has no memory for the new wires, all go on with the old ones. */
START_TEST(wires_change_everywhere_or_nowhere) {
    double perfect[SMALL_LAYERS + 1], encoded[SMALL_LAYERS + 1];
    vic_result result = VIC_RESULT_NO_MEMORY;
    find_expected("int8", encoded);
    find_expected("float32", perfect);
    together_assert(memcmp(perfect, encoded, sizeof perfect) != 0);
    OK(make());
    computes(perfect, -1);
    for (long k = 0; fails_at(encode, nth_rank(_i), k, &result); k++) {
        together_assert_result(result, VIC_RESULT_NO_MEMORY);
        computes(perfect, k);
    }
    together_assert_msg(result == VIC_RESULT_OK, "%s", vic_last_message());
    computes(encoded, -1);
}
END_TEST

/* ---- arguments ---- */

static bool is_odd_one(void) {
    return together_rank() == together_size() - 1;
}

START_TEST(arguments_fail_everywhere) {
    double values[SMALL_LAYERS + 1];
    WRONG(vic_model_create(&model, is_odd_one() ? NULL : design, MPI_COMM_WORLD, N, ALL));
    WRONG(vic_model_create(is_odd_one() ? NULL : &model, design, MPI_COMM_WORLD, N, ALL));
    WRONG(vic_model_create(&model, design, MPI_COMM_WORLD, is_odd_one() ? 0 : N, ALL));
    OK(make());
    small_batch(model, N);
    WRONG(vic_model_predict(model, is_odd_one() ? N + 1 : N));
    WRONG(vic_model_infer(model, is_odd_one() ? 0 : N));
    WRONG(vic_model_learn(model, is_odd_one() ? SIZE_MAX : N));
    OK(infer());
    WRONG(vic_model_energy(model, is_odd_one() ? NULL : values, SMALL_LAYERS + 1));
    WRONG(vic_model_energy(model, values, is_odd_one() ? 1 : SMALL_LAYERS + 1));
    WRONG(vic_model_set(model, is_odd_one() ? NULL : "inference.eta", "1"));
    BAD_DESIGN(vic_model_set(model, "inference.eta", is_odd_one() ? "0" : "1"));
    WRONG(vic_model_save(model, is_odd_one() ? NULL : path));
    WRONG(vic_model_load_state(model, is_odd_one() ? NULL : path));
    OK(learn());
}
END_TEST

START_TEST(arguments_are_the_same_on_all_ranks) {
    vic_result expected = together_size() > 1 ? VIC_RESULT_WRONG_USE : VIC_RESULT_OK;
    together_assert_result(vic_model_create(&model, design, MPI_COMM_WORLD, is_odd_one() ? N + 1 : N, ALL),
                           expected);
    OK(vic_model_destroy(&model));
    OK(vic_design_set(design, "seed", is_odd_one() ? "7" : "8"));
    together_assert_result(make(), expected);
    OK(vic_model_destroy(&model));
    OK(vic_design_set(design, "seed", "7"));
    vic_design *same = small_design();
    OK(vic_model_create(&model, same, MPI_COMM_WORLD, N, ALL));
    OK(vic_design_destroy(&same));
    together_assert_result(vic_model_set(model, "inference.eta", is_odd_one() ? "0.5" : "1"), expected);
    together_assert_result(vic_model_save(model, is_odd_one() ? "/tmp" : path),
                           together_size() > 1 ? VIC_RESULT_WRONG_USE : VIC_RESULT_BAD_FILE);
    small_batch(model, N);
    OK(learn());
}
END_TEST

/* What a rank has not set is missed by all. */
START_TEST(batches_that_one_rank_misses) {
    int holder;
    OK(make());
    OK(vic_model_rank_of(model, SMALL_LAYERS, &holder));
    OK(vic_model_set_inputs_f64(model, N, small_inputs, N * SMALL_FEATURES));
    if (together_rank() == holder)
        ck_assert_int_eq(vic_model_set_classes(model, N, NULL, N), VIC_RESULT_WRONG_USE);
    else
        ck_assert_int_eq(vic_model_set_classes(model, N, NULL, 0), VIC_RESULT_OK);
    WRONG(infer());
    ck_assert_ptr_nonnull(strstr(vic_last_message(), "targets"));
    small_batch(model, N);
    OK(infer());
}
END_TEST

/* ---- different calls ---- */

START_TEST(calls_are_the_same_on_all_ranks) {
    OK(make());
    small_batch(model, N);
    if (together_size() > 1) {
        WRONG(is_odd_one() ? infer() : learn());
        ck_assert_ptr_nonnull(strstr(vic_last_message(), "vic_model_learn"));
        WRONG(is_odd_one() ? save() : predict());
    }
    OK(learn());
}
END_TEST

START_TEST(a_destroyed_model_is_missed) {
    OK(make());
    small_batch(model, N);
    if (together_size() > 1) {
        together_assert_result(is_odd_one() ? vic_model_destroy(&model) : learn(), VIC_RESULT_NO_PEER);
        together_assert((model == NULL) == is_odd_one());
        together_assert_result(predict(), is_odd_one() ? VIC_RESULT_WRONG_USE : VIC_RESULT_NO_PEER);
    }
    OK(vic_model_destroy(&model));
    OK(make());
    small_batch(model, N);
    OK(learn());
}
END_TEST

START_TEST(a_rank_that_does_not_call_is_not_waited_for) {
    OK(vic_design_set(design, "channels.timeout", "0.3"));
    OK(make());
    small_batch(model, N);
    if (together_size() > 1)
        together_assert_result(vic_model_learn(is_odd_one() ? NULL : model, N),
                               is_odd_one() ? VIC_RESULT_WRONG_USE : VIC_RESULT_NO_PEER);
    vic_result last = vic_model_destroy(&model);
    together_assert(last == VIC_RESULT_OK || (is_odd_one() && last == VIC_RESULT_NO_PEER));
}
END_TEST

/* ---- numbers that are not finite ---- */

START_TEST(faults_are_known_everywhere) {
    double inputs[N * SMALL_FEATURES] = {0};
    inputs[4] = NAN;
    OK(make());
    small_batch(model, N);
    OK(vic_model_set_inputs_f64(model, N, inputs, N * SMALL_FEATURES));
    together_assert_result(predict(), VIC_RESULT_NOT_FINITE);
    together_assert_result(infer(), VIC_RESULT_NOT_FINITE);
    together_assert_result(learn(), VIC_RESULT_NOT_FINITE);
    ck_assert_ptr_nonnull(strstr(vic_last_message(), "population"));
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("fails alone");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 300);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, creating_fails_everywhere, 0, 3);
    tcase_add_loop_test(all, memory_fails_everywhere, 0, CALLS);
    tcase_add_loop_test(all, wires_change_everywhere_or_nowhere, 0, 3);
    tcase_add_test(all, arguments_fail_everywhere);
    tcase_add_test(all, arguments_are_the_same_on_all_ranks);
    tcase_add_test(all, batches_that_one_rank_misses);
    tcase_add_test(all, calls_are_the_same_on_all_ranks);
    tcase_add_test(all, a_destroyed_model_is_missed);
    tcase_add_test(all, a_rank_that_does_not_call_is_not_waited_for);
    tcase_add_test(all, faults_are_known_everywhere);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
