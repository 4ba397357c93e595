#include "launcher.h"

#include <stdlib.h>
#include <string.h>

typedef struct launcher {
    const char *size, *rank;
} launcher;

/* Slurm's number of tasks of the job is no sign: a script of the job has it too. That of a step is none where
 * an mpirun in the step has started one process: it is then of the step's tasks. */
static const launcher launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
    {"PMI_SIZE", "PMI_RANK"},
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
};
enum { LAUNCHERS = sizeof launchers / sizeof *launchers, SLURM = LAUNCHERS - 1 };

/* PMIx gives a process its rank, and not the number of processes. */
static const char pmix_rank[] = "PMIX_RANK";

/* -1 where there is no whole number; the largest that there is where it is larger. */
static long number_of(vic_environment *environment, const char *name) {
    const char *text = environment(name);
    char *end;
    if (text == NULL || *text == '\0')
        return -1;
    long value = strtol(text, &end, 10);
    while (*end == ' ')
        end++;
    return *end == '\0' && value >= 0 ? value : -1;
}

/* Of the launcher's own variable, or of any other. */
static long rank_of(vic_environment *environment, const char *own) {
    long rank = number_of(environment, own);
    for (int i = 0; i < LAUNCHERS && rank < 0; i++)
        rank = number_of(environment, launchers[i].rank);
    return rank < 0 ? number_of(environment, pmix_rank) : rank;
}

vic_launch vic_launch_read(vic_environment *environment) {
    const char *alone = environment("VICINAL_ALONE");
    if (alone && strcmp(alone, "1") == 0)
        return (vic_launch){0};
    bool is_one = false;
    for (int i = 0; i < LAUNCHERS && !(is_one && i == SLURM); i++) {
        long size = number_of(environment, launchers[i].size);
        if (size > 1)
            return (vic_launch){launchers[i].size, size, rank_of(environment, launchers[i].rank) <= 0};
        is_one = is_one || size == 1;
    }
    if (number_of(environment, pmix_rank) > 0)
        return (vic_launch){pmix_rank, 0, true};
    return (vic_launch){0};
}

vic_status vic_launch_check(const vic_launch *launch, int world, const char *mpi) {
    static const char advice[] =
        "start it with the mpirun of that MPI, or set VICINAL_ALONE=1 to run each process by "
        "itself";
    if (launch->variable == NULL || world > 1)
        return VIC_OK;
    if (launch->processes == 0)
        return vic_fail(
            VIC_BAD_CONFIG,
            "started by a launcher of several processes (%s), but this program's MPI, %s, sees only "
            "one: %s",
            launch->variable, mpi, advice);
    return vic_fail(
        VIC_BAD_CONFIG,
        "started by a launcher of %ld processes (%s), but this program's MPI, %s, sees only one: %s",
        launch->processes, launch->variable, mpi, advice);
}
