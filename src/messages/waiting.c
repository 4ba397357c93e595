#include "waiting.h"

#include <sched.h>
#include <time.h>

enum {
    SPINS_PER_CHECK = 1024,  /* between two looks at the clock */
    SPINS = 256,             /* before the first yield of a rank that has a core of its own */
    YIELDS = 128,            /* before the first sleep of one that has not */
    FIRST_SLEEP = 20 * 1000, /* nanoseconds */
    LONGEST_SLEEP = 200 * 1000,
};

/* Leaves the core to other ranks; sleeps longer the longer the wait. */
static void back_off(unsigned tries) {
    if (tries < YIELDS) {
        sched_yield();
        return;
    }
    unsigned sleeps = tries - YIELDS;
    long nanoseconds = sleeps < 4 ? FIRST_SLEEP << sleeps : LONGEST_SLEEP;
    nanosleep(&(struct timespec){.tv_nsec = nanoseconds < LONGEST_SLEEP ? nanoseconds : LONGEST_SLEEP}, NULL);
}

static vic_status poll_until_done(vic_waiter *waiter, MPI_Request *request) {
    double start = waiter->timeout > 0 ? vic_now() : 0;
    for (unsigned tries = 0;; tries++) {
        int done;
        if (MPI_Test(request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            return vic_fail(VIC_NO_PEER, "a message failed on its way");
        if (done)
            return VIC_OK;
        bool check = waiter->waiting == VIC_BACK_OFF || tries % SPINS_PER_CHECK == 0;
        if (waiter->timeout > 0 && check && vic_now() - start > waiter->timeout) {
            waiter->gave_up = true;
            return vic_fail(VIC_NO_PEER, "no answer in %g s", waiter->timeout);
        }
        if (waiter->waiting == VIC_BACK_OFF)
            back_off(tries);
        else if (tries >= SPINS)
            sched_yield(); /* costs little alone, and other programs may want the core */
    }
}

vic_status vic_wait(vic_waiter *waiter, MPI_Request *request) {
    if (*request == MPI_REQUEST_NULL)
        return VIC_OK;
    if (waiter->waiting != VIC_BLOCK)
        return poll_until_done(waiter, request);
    if (MPI_Wait(request, MPI_STATUS_IGNORE) != MPI_SUCCESS)
        return vic_fail(VIC_NO_PEER, "a message failed on its way");
    return VIC_OK;
}
