/* How far the clocks of the ranks are apart: rank 0 asks each rank for the time, as in Cristian's algorithm
 * (Cristian, Distributed Computing 3, 1989), and uses the fastest answer. */
#include "group.h"

#include <math.h>

enum { QUESTIONS = 16, CLOCK_TAG = 2 };

static vic_status send(vic_group *group, int to, double *values, int n) {
    MPI_Request request;
    MPI_Isend(values, n, MPI_DOUBLE, to, CLOCK_TAG, group->communicator, &request);
    return vic_wait(&group->waiter, &request);
}

static vic_status receive(vic_group *group, int from, double *values, int n) {
    MPI_Request request;
    MPI_Irecv(values, n, MPI_DOUBLE, from, CLOCK_TAG, group->communicator, &request);
    return vic_wait(&group->waiter, &request);
}

/* result: how far the rank is ahead, and how wrong that can be. */
static vic_status ask(vic_group *group, int rank, double result[2]) {
    result[1] = INFINITY;
    for (int i = 0; i < QUESTIONS; i++) {
        double there = 0, asked = vic_now();
        VIC_TRY(send(group, rank, &there, 1));
        VIC_TRY(receive(group, rank, &there, 1));
        double half = (vic_now() - asked) / 2;
        if (half >= result[1])
            continue;
        result[0] = there - (asked + half);
        result[1] = half;
    }
    return send(group, rank, result, 2);
}

static vic_status answer(vic_group *group, double result[2]) {
    for (int i = 0; i < QUESTIONS; i++) {
        double now;
        VIC_TRY(receive(group, 0, &now, 1));
        now = vic_now();
        VIC_TRY(send(group, 0, &now, 1));
    }
    return receive(group, 0, result, 2);
}

vic_status vic_group_compare_clocks(vic_group *group, double *ahead, double *uncertainty) {
    double result[2] = {0, 0};
    for (int rank = 1; group->rank == 0 && rank < group->size; rank++)
        VIC_TRY(ask(group, rank, result));
    if (group->rank != 0)
        VIC_TRY(answer(group, result));
    *ahead = group->rank == 0 ? 0 : result[0];
    *uncertainty = group->rank == 0 ? 0 : result[1];
    return VIC_OK;
}
