#include "together.h"

#include "levels.h"

#include "inference/infer.h"
#include "messages/group_mpi.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static vic_group *everybody;

vic_group *together_group(void) {
    return everybody;
}

int together_rank(void) {
    return vic_group_rank(everybody);
}

int together_size(void) {
    return vic_group_size(everybody);
}

void together_place(const vic_network *network, int ranks, int *rank_of) {
    vic_inference_options options = {.algorithm = vic_algorithm_exact()};
    ck_assert_int_eq(vic_inference_place(network, options, ranks, rank_of), VIC_OK);
}

bool together_agree(bool ok, const char *format, ...) {
    char text[768];
    vic_status mine = VIC_OK;
    if (!ok) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        mine = vic_fail(VIC_CHECK_FAILED, "rank %d: %s", together_rank(), text);
    }
    return vic_group_agree_on_status(everybody, mine) == VIC_OK;
}

static int run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, together_rank() == 0 ? CK_ENV : CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

static void begin(int argc, char **argv) {
    int granted;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &granted);
    if (vic_group_create(&everybody, MPI_COMM_WORLD) != VIC_OK) {
        fprintf(stderr, "%s\n", vic_error_text());
        MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
    }
    /* Tests share their cores with other tests: spinning would keep the others from answering. */
    vic_group_set_waiting(everybody, VIC_BACK_OFF);
}

static int end(int failed) {
    vic_group_destroy(&everybody);
    MPI_Finalize();
    return failed;
}

int together_main(int argc, char **argv, Suite *(*make_suite)(void)) {
    begin(argc, argv);
    return end(run(make_suite()));
}

int together_main_at_each_level(int argc, char **argv, Suite *(*make_suite)(void)) {
    begin(argc, argv);
    return end(run_at_each_level(run, make_suite));
}
