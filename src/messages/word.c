#define _GNU_SOURCE /* syscall */
#include "word.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <time.h>
#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

enum {
    CHECKS = 256,           /* before the first yield, or the first sleep */
    CHECKS_PER_LOOK = 1024, /* at the clock, and at MPI */
    PROBE_TAG = 0,
    FIRST_SLEEP = 1000 * 1000, /* nanoseconds */
    LONGEST_SLEEP = 50 * 1000 * 1000,
    SHORT_SLEEP = 200 * 1000, /* where messages go by MPI, too */
};

static bool has_reached(const _Atomic uint32_t *word, uint32_t value) {
    return (int32_t)(atomic_load_explicit(word, memory_order_acquire) - value) >= 0;
}

/* ---- sleeping ---- */

static void doze(void) {
    nanosleep(&(struct timespec){.tv_nsec = SHORT_SLEEP}, NULL);
}

#if defined __linux__ && !defined VIC_SIMULATED
/* Returns at once where the word has another value by now. A filter of system calls may refuse to sleep so.
 */
static void sleep_at(const _Atomic uint32_t *word, uint32_t seen, long nanoseconds) {
    const struct timespec longest = {.tv_nsec = nanoseconds};
    if (syscall(SYS_futex, word, FUTEX_WAIT, seen, &longest, NULL, 0) == 0)
        return;
    if (errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT)
        doze();
}

static void wake(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}
#else
static void sleep_at(const _Atomic uint32_t *word, uint32_t seen, long nanoseconds) {
    (void)word, (void)seen, (void)nanoseconds;
    doze();
}

static void wake(_Atomic uint32_t *word) {
    (void)word;
}
#endif

/* Either this process sees the new value, or the other one sees that it is awaited. */
static void sleep_until_raised(const _Atomic uint32_t *word, uint32_t value, _Atomic uint32_t *awaited,
                               long nanoseconds) {
    atomic_store(awaited, 1);
    uint32_t seen = atomic_load(word);
    if ((int32_t)(seen - value) < 0)
        sleep_at(word, seen, nanoseconds);
    atomic_store_explicit(awaited, 0, memory_order_relaxed);
}

void vic_word_raise(_Atomic uint32_t *word, const _Atomic uint32_t *is_awaited) {
    atomic_store(word, atomic_load_explicit(word, memory_order_relaxed) + 1);
    if (atomic_load(is_awaited))
        wake(word);
}

/* ---- waiting ---- */

/* MPI may move what other ranks wait for only while it is called. The rank asks for messages of its own: no
 * other one is addressed. */
static void let_mpi_go_on(const vic_waiter *waiter) {
    int unused;
    if (waiter->communicator != MPI_COMM_NULL)
        MPI_Iprobe(waiter->rank, PROBE_TAG, waiter->communicator, &unused, MPI_STATUS_IGNORE);
}

static long sleep_for(const vic_waiter *waiter, unsigned sleeps) {
    if (waiter->by_mpi > 0)
        return SHORT_SLEEP;
    long longest = sleeps < 6 ? (long)FIRST_SLEEP << sleeps : LONGEST_SLEEP;
    return longest < LONGEST_SLEEP ? longest : LONGEST_SLEEP;
}

static vic_status look_around(vic_waiter *waiter, double start) {
    let_mpi_go_on(waiter);
    if (waiter->timeout <= 0 || vic_now() - start <= waiter->timeout)
        return VIC_OK;
    waiter->gave_up = true;
    return vic_fail(VIC_NO_PEER, "no answer in %g s", waiter->timeout);
}

static vic_status spin(vic_waiter *waiter, const _Atomic uint32_t *word, uint32_t value, double start) {
    for (unsigned tries = 1; !has_reached(word, value); tries++) {
        sched_yield();
        if (tries % CHECKS_PER_LOOK == 0 || waiter->by_mpi > 0)
            VIC_TRY(look_around(waiter, start));
    }
    return VIC_OK;
}

vic_status vic_word_wait(vic_waiter *waiter, const _Atomic uint32_t *word, uint32_t value,
                         _Atomic uint32_t *awaited) {
    for (unsigned tries = 0; tries < CHECKS; tries++)
        if (has_reached(word, value))
            return VIC_OK;
    double start = waiter->timeout > 0 ? vic_now() : 0;
    if (waiter->waiting == VIC_SPIN)
        return spin(waiter, word, value, start);
    for (unsigned sleeps = 0;; sleeps++) {
        sleep_until_raised(word, value, awaited, sleep_for(waiter, sleeps));
        if (has_reached(word, value))
            return VIC_OK;
        VIC_TRY(look_around(waiter, start));
    }
}
