/* What all ranks have to have in common for the same bits: the instruction level and OpenBLAS's kernel. */
#include "group.h"

#include "functions/level.h"

#include <stdio.h>
#include <string.h>

enum {
    KERNEL = 32,
    HOST = MPI_MAX_PROCESSOR_NAME,
    WORDS = KERNEL / sizeof(int32_t),
    NAME = 2 * WORDS, /* numbers of a kernel's name */
};

/* What a rank brings. */
typedef struct machine {
    char kernel[KERNEL], host[HOST];
} machine;

/* -1 until the ranks of a group have agreed. */
static int agreed = -1;

static machine machine_here(void) {
    machine here = {{0}, {0}};
    int length;
    snprintf(here.kernel, KERNEL, "%s", vic_blas_kernel());
    MPI_Get_processor_name(here.host, &length);
    return here;
}

/* ---- the level ---- */

/* Local. The highest that this rank can take part in. */
static vic_status offer(const char *forced, const machine *here, int *level) {
    char text[128];
    *level = vic_level_highest();
    if (forced && vic_level_find(forced, level) != VIC_OK) {
        snprintf(text, sizeof text, "%s", vic_error_text());
        return vic_fail(VIC_BAD_CONFIG, "%s (on %s)", text, here->host);
    }
    if (agreed >= 0 && agreed < *level)
        *level = agreed;
    if (*level >= 0)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG,
                    "the processor of %s can run instruction level %s, and this build has none below %s",
                    here->host, vic_processor_level(), vic_level_name(0));
}

/* `before`: the highest on which a rank has agreed with others, or -1. The same on all ranks. */
static vic_status agree(int level, int before) {
    if (before > level)
        return vic_fail(
            VIC_BAD_CONFIG,
            "a rank computes at instruction level %s since its first model, and all ranks of this "
            "one can only at %s: choose that level before the first model",
            vic_level_name(before), vic_level_name(level));
    agreed = level;
    vic_level_set(level);
    return VIC_OK;
}

/* ---- the kernel ---- */

/* Where all names are the same, the largest number over the ranks is the smallest, too. */
static void write_name(const char kernel[KERNEL], int64_t numbers[NAME]) {
    int32_t words[WORDS];
    memcpy(words, kernel, sizeof words);
    for (int i = 0; i < WORDS; i++) {
        numbers[i] = words[i];
        numbers[WORDS + i] = -(int64_t)words[i];
    }
}

static bool is_one_name(const int64_t largest[NAME]) {
    for (int i = 0; i < WORDS; i++)
        if (largest[i] != -largest[WORDS + i])
            return false;
    return true;
}

/* Local, on rank 0: of `all` machines, one of each rank, not all have the same kernel. */
static vic_status refuse(const machine *all, int ranks) {
    const char *oldest = all[0].kernel;
    int other = 0;
    for (int rank = 1; rank < ranks; rank++) {
        if (other == 0 && strcmp(all[rank].kernel, all[0].kernel) != 0)
            other = rank;
        oldest = vic_blas_older_kernel(oldest, all[rank].kernel);
    }
    return vic_fail(
        VIC_BAD_CONFIG,
        "OpenBLAS computes with its kernel %s on rank 0 (%s) and with %s on rank %d (%s), and their "
        "results differ in the last bits: export OPENBLAS_CORETYPE=%s on all ranks",
        all[0].kernel, all[0].host, all[other].kernel, other, all[other].host, oldest);
}

static vic_status refuse_kernels(vic_group *group, const machine *here) {
    machine *all;
    size_t size;
    VIC_TRY(vic_group_gather(group, here, sizeof *here, &all, &size));
    vic_status status = all ? refuse(all, group->size) : VIC_OK;
    vic_release(&all);
    return vic_group_agree_on_status(group, status);
}

vic_status vic_group_agree_on_level(vic_group *group, const char *forced) {
    enum { LOWEST, BEFORE, KERNEL_NAME, NUMBERS = KERNEL_NAME + NAME };
    const machine here = machine_here();
    int64_t mine[NUMBERS], all[NUMBERS];
    int level;
    VIC_TRY(vic_group_agree_on_status(group, offer(forced, &here, &level)));
    mine[LOWEST] = -level;
    mine[BEFORE] = agreed;
    write_name(here.kernel, mine + KERNEL_NAME);
    VIC_TRY(vic_group_allreduce_max(group, NUMBERS, mine, all));
    VIC_TRY(agree((int)-all[LOWEST], (int)all[BEFORE]));
    return is_one_name(all + KERNEL_NAME) ? VIC_OK : refuse_kernels(group, &here);
}
