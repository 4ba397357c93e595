/* Transport and threads of the models of a process: which ones they get, when they may be chosen, what
 * happens where ranks differ, and that no bit of a result depends on them. */
#include "small.h"

#include "base/pool.h"
#include "library/model.h"

#include <string.h>

enum { N = SMALL_CAPACITY, ALL = VIC_MODEL_LEARNS | VIC_MODEL_KEEPS_TENSORS };

static vic_design *design;
static vic_model *model;
static int granted; /* the threads that MPI allows, as it is made to say */

/* In the place of MPI's. */
int MPI_Query_thread(int *provided) {
    *provided = granted;
    return MPI_SUCCESS;
}

static void setup(void) {
    granted = MPI_THREAD_FUNNELED;
    design = small_design();
}

static void teardown(void) {
    OK(vic_model_destroy(&model));
    OK(vic_library_set_transport("auto"));
    OK(vic_library_set_threads(1));
    OK(vic_design_destroy(&design));
}

static vic_result make(void) {
    return vic_model_create(&model, design, MPI_COMM_WORLD, N, ALL);
}

static bool is_odd_one(void) {
    return together_rank() == together_size() - 1;
}

/* The energies of populations after two updates. */
static void learn(double energies[SMALL_LAYERS + 1]) {
    small_batch(model, N);
    for (int update = 0; update < 2; update++)
        OK(vic_model_learn(model, N));
    OK(vic_model_infer(model, N));
    OK(vic_model_energy(model, energies, SMALL_LAYERS + 1));
}

/* ---- transport ---- */

/* Edges of the model that have a segment of shared memory on this rank. */
static int segments_of(const vic_model *m) {
    int n = 0;
    for (int e = 0; e < m->config->network->n_edges; e++) {
        const char *name;
        size_t bytes;
        vic_wiring_segment(vic_inference_wiring(m->inference), e, &name, &bytes);
        n += bytes > 0;
    }
    return n;
}

/* Edges that join a population of this rank to one of another. */
static int edges_between(const vic_model *m) {
    int n = 0, me = together_rank();
    for (int e = 0; e < m->config->network->n_edges; e++) {
        const vic_edge *edge = &m->config->network->edges[e];
        n += (m->rank_of[edge->from] == me) != (m->rank_of[edge->to] == me);
    }
    return n;
}

START_TEST(models_take_the_transport_that_is_set) {
    vic_model *earlier;
    double by_mpi[SMALL_LAYERS + 1], shared[SMALL_LAYERS + 1];
    OK(vic_library_set_transport("mpi"));
    OK(make());
    earlier = model;
    together_assert(segments_of(earlier) == 0);
    learn(by_mpi);
    OK(vic_library_set_transport("shared"));
    OK(make());
    together_assert(segments_of(model) == edges_between(model));
    together_assert(segments_of(earlier) == 0);
    learn(shared);
    together_assert(memcmp(by_mpi, shared, sizeof shared) == 0);
    OK(vic_model_destroy(&earlier));
}
END_TEST

START_TEST(a_name_that_is_none_changes_nothing) {
    OK(vic_library_set_transport("mpi"));
    WRONG(vic_library_set_transport("pigeon"));
    ck_assert_msg(strstr(vic_last_message(), "pigeon") != NULL, "%s", vic_last_message());
    WRONG(vic_library_set_transport(NULL));
    OK(make());
    together_assert(segments_of(model) == 0);
}
END_TEST

START_TEST(all_ranks_have_the_same_transport) {
    OK(vic_library_set_transport(is_odd_one() ? "shared" : "mpi"));
    if (together_size() > 1) {
        WRONG(make());
        ck_assert_msg(strstr(vic_last_message(), "vic_library_set_transport") != NULL, "%s",
                      vic_last_message());
    }
    OK(vic_library_set_transport("mpi"));
    OK(make());
}
END_TEST

/* ---- threads ---- */

START_TEST(threads_begin_with_the_first_model_and_end_with_the_last) {
    vic_model *first;
    OK(vic_library_set_threads(3));
    together_assert(vic_pool_threads() == 1);
    OK(make());
    together_assert(vic_pool_threads() == 3);
    WRONG(vic_library_set_threads(2));
    first = model;
    OK(make());
    OK(vic_model_destroy(&first));
    together_assert(vic_pool_threads() == 3);
    WRONG(vic_library_set_threads(2));
    OK(vic_model_destroy(&model));
    together_assert(vic_pool_threads() == 1);
    OK(vic_library_set_threads(2));
    OK(make());
    together_assert(vic_pool_threads() == 2);
}
END_TEST

START_TEST(a_model_that_fails_leaves_no_threads) {
    OK(vic_library_set_threads(2));
    WRONG(vic_model_create(&model, is_odd_one() ? NULL : design, MPI_COMM_WORLD, N, ALL));
    together_assert(vic_pool_threads() == 1);
    OK(vic_library_set_threads(1));
}
END_TEST

/* A layer that is wide enough for threads to share it. */
START_TEST(threads_may_differ_and_change_no_bit) {
    double alone[SMALL_LAYERS + 1], shared[SMALL_LAYERS + 1];
    OK(vic_design_connect(design, 0, 3, "{linear: 5000}, tanh, {linear: 2}"));
    OK(make());
    learn(alone);
    OK(vic_model_destroy(&model));
    OK(vic_library_set_threads(together_rank() + 2));
    OK(make());
    together_assert(vic_pool_threads() == together_rank() + 2);
    learn(shared);
    together_assert(memcmp(alone, shared, sizeof shared) == 0);
}
END_TEST

START_TEST(threads_of_0_are_the_cores_of_a_rank) {
    OK(vic_library_set_threads(0));
    OK(make());
    together_assert(vic_pool_threads() == vic_group_cores(model->group));
}
END_TEST

START_TEST(an_mpi_without_threads_has_none) {
    granted = is_odd_one() ? MPI_THREAD_SINGLE : MPI_THREAD_FUNNELED;
    OK(vic_library_set_threads(2));
    WRONG(make());
    ck_assert_msg(strstr(vic_last_message(), "MPI_THREAD_FUNNELED") != NULL, "%s", vic_last_message());
    together_assert(vic_pool_threads() == 1);
    OK(vic_library_set_threads(is_odd_one() ? 0 : 2));
    OK(make());
    together_assert(vic_pool_threads() == (is_odd_one() ? 1 : 2));
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("library/settings");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, models_take_the_transport_that_is_set);
    tcase_add_test(all, a_name_that_is_none_changes_nothing);
    tcase_add_test(all, all_ranks_have_the_same_transport);
    tcase_add_test(all, threads_begin_with_the_first_model_and_end_with_the_last);
    tcase_add_test(all, a_model_that_fails_leaves_no_threads);
    tcase_add_test(all, threads_may_differ_and_change_no_bit);
    tcase_add_test(all, threads_of_0_are_the_cores_of_a_rank);
    tcase_add_test(all, an_mpi_without_threads_has_none);
    suite_add_tcase(suite, all);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
