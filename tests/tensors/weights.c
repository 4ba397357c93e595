/* Runs on any number of ranks. No rank fails alone: they agree on what they saw, then assert together. */
#include "tensors/weights.h"
#include "messages/group_mpi.h"
#include "support/scratch.h"

static scratch folder;
static vic_group *group;

static bool everywhere(bool ok) {
    int mine = ok, all;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    return all;
}

static void setup(void) {
    ck_assert_int_eq(vic_group_create(&group, MPI_COMM_WORLD), VIC_OK);
    if (vic_group_rank(group) == 0)
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static void teardown(void) {
    MPI_Barrier(MPI_COMM_WORLD);
    if (vic_group_rank(group) == 0)
        scratch_close(&folder);
    vic_group_destroy(&group);
}

/* ---- a network of tests: inputs, then linear layers of these widths ---- */

typedef struct model {
    vic_network *network;
    int rank_of[8];
    vic_inference *inference;
} model;

static bool grow(vic_network *network, size_t width) {
    const size_t option[VIC_MAX_OPTIONS] = {width, 1};
    int top = vic_network_output(network);
    vic_function function;
    return vic_function_place(&function, vic_function_find(network->precision, "linear"),
                              network->shapes[top], option) == VIC_OK &&
           vic_network_grow(network, top, 1, &function) == VIC_OK;
}

static void build(model *m, vic_precision precision, size_t inputs, size_t layers, const size_t *widths,
                  uint64_t seed) {
    bool ok = vic_network_create(&m->network, precision, (vic_shape){1, {inputs}}) == VIC_OK;
    for (size_t i = 0; i < layers; i++)
        ok = ok && grow(m->network, widths[i]);
    ck_assert(everywhere(ok));
    m->network->loss = vic_loss_find(precision, "squared-error");
    vic_inference_options options = {.algorithm = vic_algorithm_find("exact"), .eta = 1, .steps = 1};
    ck_assert(
        everywhere(vic_inference_place(m->network, options, vic_group_size(group), m->rank_of) == VIC_OK));
    ck_assert(everywhere(
        vic_inference_create(&m->inference, group, m->network, m->rank_of, 2, false, options) == VIC_OK));
    for (int id = 0; id < m->network->n_populations; id++)
        if (vic_inference_population(m->inference, id) != NULL)
            vic_population_initialise(vic_inference_population(m->inference, id), seed);
}

static void destroy(model *m) {
    vic_inference_destroy(&m->inference);
    vic_network_destroy(&m->network);
}

static const size_t tanh_widths[] = {5, 4, 3};

/* Are the local parameters of both the same bits? */
static bool same(const model *a, const model *b) {
    for (int id = 0; id < a->network->n_populations; id++) {
        const vic_population *p = vic_inference_population(a->inference, id);
        const vic_population *q = vic_inference_population(b->inference, id);
        for (int k = 0; p != NULL && k < p->n_out; k++)
            for (size_t i = 0; i < p->out[k].n_parameters; i++) {
                size_t count = vic_parameter_slot_at(a->network, p->out[k].edge_index, i).parameter->count;
                if (memcmp(p->out[k].theta[i], q->out[k].theta[i],
                           count * vic_precision_bytes(a->network->precision)) != 0)
                    return false;
            }
    }
    return true;
}

/* ---- tests ---- */

START_TEST(what_is_written_reads_back) {
    const char *path = scratch_path(&folder, "w.safetensors");
    model a, b;
    build(&a, _i == 0 ? VIC_FLOAT32 : VIC_FLOAT64, 6, 3, tanh_widths, 1);
    build(&b, _i == 0 ? VIC_FLOAT32 : VIC_FLOAT64, 6, 3, tanh_widths, 2);
    bool differ = !same(&a, &b);
    ck_assert(!everywhere(!differ));
    ck_assert(everywhere(vic_weights_write(a.inference, path) == VIC_OK));
    ck_assert(everywhere(vic_weights_read(b.inference, path) == VIC_OK));
    ck_assert(everywhere(same(&a, &b)));
    ck_assert(everywhere(scratch_count(&folder) == 1));
    destroy(&a);
    destroy(&b);
}
END_TEST

/* The file as PyTorch wrote it: its first weight is read on the rank of population 0. */
START_TEST(reads_the_weights_of_a_reference) {
    const char *path = TEST_DATA "/reference/mlp_tanh_mse/weights.safetensors";
    model m;
    build(&m, VIC_FLOAT64, 6, 3, tanh_widths, 1);
    vic_status status = vic_weights_read(m.inference, path);
    ck_assert_msg(everywhere(status == VIC_OK), "%s", vic_error_text());
    const vic_population *last = vic_inference_population(m.inference, 2);
    ck_assert(everywhere(last == NULL || ((const double *)last->out[0].theta[1])[2] == 0x1.321460a95e1e0p-5));
    destroy(&m);
}
END_TEST

static const struct {
    size_t inputs, layers, widths[4];
    const char *fragment;
} unfit[] = {
    {6, 4, {5, 4, 3, 2}, "tensor \"3.0.weight\" is missing"},
    {6, 2, {5, 4}, "is unexpected, the network has no such parameter"},
    {7, 3, {5, 4, 3}, "tensor \"0.0.weight\" has shape [5, 6], the network expects [5, 7]"},
    {6, 3, {5, 4, 2}, "tensor \"2.0.weight\" has shape [3, 4], the network expects [2, 4]"},
};

START_TEST(refuses_weights_of_another_network) {
    const char *path = TEST_DATA "/reference/mlp_tanh_mse/weights.safetensors";
    model m;
    build(&m, VIC_FLOAT32, unfit[_i].inputs, unfit[_i].layers, unfit[_i].widths, 1);
    vic_status status = vic_weights_read(m.inference, path);
    bool message =
        strstr(vic_error_text(), path) != NULL && strstr(vic_error_text(), unfit[_i].fragment) != NULL;
    ck_assert_msg(everywhere(status == VIC_BAD_FILE && message), "%s", vic_error_text());
    destroy(&m);
}
END_TEST

START_TEST(fails_everywhere_when_it_cannot_write) {
    const char *path = scratch_path(&folder, "none/w.safetensors");
    model m;
    build(&m, VIC_FLOAT32, 6, 3, tanh_widths, 1);
    vic_status status = vic_weights_write(m.inference, path);
    ck_assert(everywhere(status == VIC_BAD_FILE && strstr(vic_error_text(), path) != NULL));
    destroy(&m);
}
END_TEST

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    Suite *suite = suite_create("weights");
    TCase *cases = tcase_create("weights");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, what_is_written_reads_back, 0, 2);
    tcase_add_test(cases, reads_the_weights_of_a_reference);
    tcase_add_loop_test(cases, refuses_weights_of_another_network, 0, sizeof unfit / sizeof unfit[0]);
    tcase_add_test(cases, fails_everywhere_when_it_cannot_write);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    MPI_Finalize();
    return failed != 0;
}
