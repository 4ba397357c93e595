/* What the audit's wrappers cost a call of MPI, in nanoseconds: without and with a record. The call is one
 * that does nothing else, a message to MPI_PROC_NULL; what is left is compared in one run, in turns. */
#include "observe/audit/mpi_interposer.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { TURNS = 41, CALLS = 20000 };

typedef int sender(const void *buffer, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm);

static double seconds_a_call(sender *send) {
    int word = 1;
    double start = vic_now();
    for (int i = 0; i < CALLS; i++)
        send(&word, 1, MPI_INT, MPI_PROC_NULL, 0, MPI_COMM_WORLD);
    return (vic_now() - start) / CALLS;
}

static int ascending(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *values) {
    qsort(values, TURNS, sizeof *values, ascending);
    return values[TURNS / 2];
}

int main(int argc, char **argv) {
    static double bare[TURNS], off[TURNS];
    MPI_Init(&argc, &argv);
    for (int i = 0; i < TURNS; i++) {
        bare[i] = seconds_a_call(PMPI_Send);
        off[i] = seconds_a_call(MPI_Send);
    }
    printf("off %.2f ns, on %.2f ns\n", 1e9 * (median(off) - median(bare)), 1e9 * vic_interposer_overhead());
    MPI_Finalize();
    return 0;
}
