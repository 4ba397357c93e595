#include "threads.h"

#include "agreement.h"
#include "result.h"

#include "base/pool.h"

enum { OWN_CORES = 0, NOT_SET = -1, MOST = 1024 };

static int wanted = NOT_SET;
static int n_models; /* that use the threads */

/* The number of threads that is set, on a rank with so many cores of its own. */
static vic_status choose(int cores, int *threads) {
    bool allowed = vic_mpi_allows_threads();
    *threads = wanted == NOT_SET || (wanted == OWN_CORES && !allowed) ? 1
               : wanted == OWN_CORES                                  ? cores
                                                                      : wanted;
    if (*threads > 1 && !allowed)
        return VIC_FAIL_WRONG_USE("%d threads need an MPI that allows them: call MPI_Init_thread with "
                                  "MPI_THREAD_FUNNELED or more",
                                  *threads);
    return VIC_OK;
}

/* Threads poll only where each has a core. */
static vic_status start(int cores) {
    int threads;
    VIC_TRY(choose(cores, &threads));
    if (wanted != NOT_SET)
        vic_blas_use_one_thread();
    return vic_pool_start(threads, threads <= cores, vic_blas_use_one_thread);
}

vic_status vic_library_begin_threads(vic_group *group) {
    vic_status mine = n_models > 0 ? VIC_OK : start(vic_group_cores(group));
    vic_status status = vic_group_agree_on_status(group, mine);
    if (status == VIC_OK)
        n_models++;
    else if (n_models == 0)
        vic_pool_stop();
    return status;
}

void vic_library_end_threads(void) {
    if (--n_models == 0)
        vic_pool_stop();
}

static vic_status set(int threads) {
    if (threads < OWN_CORES || threads > MOST)
        return VIC_FAIL_WRONG_USE("%d threads: a number from 1 to %d is needed, or 0 for a rank's own cores",
                                  threads, MOST);
    if (n_models > 0)
        return VIC_FAIL_WRONG_USE(
            "models use the threads: their number is set before the first, or after the "
            "last is destroyed");
    wanted = threads;
    return VIC_OK;
}

vic_result vic_library_set_threads(int threads) {
    return vic_result_of(set(threads));
}
