/* The program whose last rank has no memory for the times of steps: the linker replaces what keeps them, and
 * what makes room. */
#include "observe/step_timing.h"

#include <mpi.h>

static bool keeps_times;

void __real_vic_step_timing_add(vic_step_timing *timing, const vic_step_times *times);
void __wrap_vic_step_timing_add(vic_step_timing *timing, const vic_step_times *times);
vic_status __real_vic_grow(void *array, size_t n, size_t size);
vic_status __wrap_vic_grow(void *array, size_t n, size_t size);

void __wrap_vic_step_timing_add(vic_step_timing *timing, const vic_step_times *times) {
    keeps_times = true;
    __real_vic_step_timing_add(timing, times);
    keeps_times = false;
}

vic_status __wrap_vic_grow(void *array, size_t n, size_t size) {
    int rank, ranks;
    if (!keeps_times)
        return __real_vic_grow(array, n, size);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (rank < ranks - 1)
        return __real_vic_grow(array, n, size);
    return vic_fail(VIC_NO_MEMORY, "out of memory");
}
