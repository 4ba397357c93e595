/* What all measurements of speed have in common. */
#ifndef VICINAL_TESTS_SPEED_MEASURE_H
#define VICINAL_TESTS_SPEED_MEASURE_H

#include "inference/infer.h"
#include "messages/group_mpi.h"

#include <stdio.h>
#include <stdlib.h>

/* Ends the whole run: a benchmark has nothing to go on with. */
static inline void must(vic_status status) {
    if (status == VIC_OK)
        return;
    fprintf(stderr, "%s\n", vic_error_text());
    MPI_Abort(MPI_COMM_WORLD, 1);
}

static inline int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts its argument. */
static inline double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, by_size);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

#endif
