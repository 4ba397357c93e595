/* One rank has no memory for the k-th thing that a collective call makes, for every k: the call fails on
 * every rank, and none waits for another. The linker puts this between the library and its memory. */
#include "learning/checkpoint.h"
#include "learning/made_data.h"
#include "messages/group_mpi.h"
#include "observe/recording.h"
#include "observe/trace.h"
#include "support/scratch.h"
#include "support/together.h"
#include "tensors/weights.h"

#include <string.h>

enum { BATCH = 4, COUNT = 10, MOST = 16, MOST_CALLS = 2000 };

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

/* ---- what is made ---- */

static scratch folder;
static vic_network *network;
static int rank_of[MOST];
static made_data data;
static vic_inference *inference;
static vic_trainer *trainer;

static vic_learning_options learning(void) {
    return (vic_learning_options){.optimizer = vic_optimizer_find(VIC_FLOAT32, "adam"),
                                  .settings = {0.01, 0.9, 0.999, 1e-8},
                                  .batch = BATCH};
}

static void setup(void) {
    network = net_chain(VIC_FLOAT32, (vic_shape){1, {5}}, "linear 4, tanh | linear 6, relu | linear 3",
                        "cross-entropy", VIC_MEAN);
    together_place(network, together_size(), rank_of);
    made_data_open(&data, network, COUNT);
    together_assert_ok(vic_inference_create(&inference, together_group(), network, rank_of, BATCH, true,
                                            net_options("fixed-prediction", 0.5, 3)));
    net_give(inference, net_draw(network, 1));
    together_assert_ok(vic_trainer_create(&trainer, inference, learning(), 1));
    if (together_rank() == 0)
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static void teardown(void) {
    vic_trainer_destroy(&trainer);
    vic_inference_destroy(&inference);
    vic_network_destroy(&network);
    MPI_Barrier(MPI_COMM_WORLD);
    if (together_rank() == 0)
        scratch_close(&folder);
}

static vic_status make_group(void) {
    vic_group *group;
    vic_status status = vic_group_create(&group, MPI_COMM_WORLD);
    vic_group_destroy(&group);
    return status;
}

static vic_status make_wiring(void) {
    vic_wiring *wiring;
    vic_status status = vic_wiring_create(&wiring, together_group(), network, rank_of, BATCH, 3);
    vic_wiring_destroy(&wiring);
    return status;
}

static vic_status make_inference(void) {
    vic_inference *x;
    vic_inference_options options = net_options("exact", 1, 1);
    options.microbatches = 2;
    vic_status status = vic_inference_create(&x, together_group(), network, rank_of, BATCH, true, options);
    vic_inference_destroy(&x);
    return status;
}

static vic_status make_trainer(void) {
    vic_trainer *other;
    vic_status status = vic_trainer_create(&other, inference, learning(), 1);
    vic_trainer_destroy(&other);
    return status;
}

static vic_status share(void) {
    char *text = NULL;
    size_t size = 4;
    static char words[] = "word";
    if (together_rank() == 0)
        text = words;
    vic_status status = vic_group_broadcast(together_group(), &text, &size);
    if (together_rank() != 0)
        vic_release(&text);
    return status;
}

static vic_status gather(void) {
    char *all;
    size_t size;
    vic_status status = vic_group_gather(together_group(), "word", 4, &all, &size);
    vic_release(&all);
    return status;
}

static vic_status collect(void) {
    double mine[MOST] = {0}, all[MOST];
    return vic_group_gather_rows(together_group(), rank_of, network->n_populations, 1, mine, all);
}

static vic_status write_weights(void) {
    char path[128];
    snprintf(path, sizeof path, "%s/weights", folder.folder);
    return vic_weights_write(inference, path);
}

static vic_status write_checkpoint(void) {
    char path[128];
    snprintf(path, sizeof path, "%s/checkpoint", folder.folder);
    return vic_checkpoint_write(trainer, inference, path, "this run");
}

static vic_status record(void) {
    vic_recording *recording;
    const size_t samples[1] = {0};
    vic_status status = vic_recording_create(&recording, inference, BATCH, 1, samples);
    vic_recording_destroy(&recording);
    return status;
}

static vic_status trace(void) {
    vic_trace *t;
    vic_status status = vic_trace_open(&t, together_group());
    vic_trace_close(&t);
    return status;
}

static const struct {
    const char *name;
    vic_status (*make)(void);
    bool allocates; /* on every rank */
} things[] = {
    {"group", make_group, true},     {"wiring", make_wiring, true},    {"inference", make_inference, true},
    {"trainer", make_trainer, true}, {"share", share, false},          {"gather", gather, true},
    {"collect", collect, false},     {"weights", write_weights, true}, {"checkpoint", write_checkpoint, true},
    {"recording", record, true},     {"trace", trace, true},
};
enum { THINGS = sizeof things / sizeof *things };

/* Collective. Whether the call came to its k-th allocation on the rank that runs out of memory. */
static bool fails_together(const char *name, vic_status (*make)(void), int victim, long k) {
    failed = false;
    left = together_rank() == victim ? k : -1;
    vic_status status = make();
    left = -1;
    int here = failed, anywhere;
    MPI_Allreduce(&here, &anywhere, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    together_assert_msg(status == (anywhere ? VIC_NO_MEMORY : VIC_OK), "%s, rank %d, allocation %ld: %s",
                        name, victim, k, status ? vic_error_text() : "made");
    return anywhere;
}

/* Loop test over things that are made. */
START_TEST(fails_on_every_rank) {
    for (int victim = 0; victim < together_size(); victim++) {
        long k = 0;
        while (k < MOST_CALLS && fails_together(things[_i].name, things[_i].make, victim, k))
            k++;
        together_assert_msg(k < MOST_CALLS && (k > 0 || !things[_i].allocates),
                            "%s: %ld allocations on rank %d", things[_i].name, k, victim);
    }
    together_assert(scratch_count(&folder) <= 1);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("out_of_memory");
    TCase *tests = tcase_create("out_of_memory");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, fails_on_every_rank, 0, THINGS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
