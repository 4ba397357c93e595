/* Rounds: vic_pool_run opens one, workers join it, every thread takes the next task until there is none, and
 * the round is closed. A worker that comes too late finds it closed and costs nothing. Tasks beside the
 * rounds are taken one by one, by workers that have nothing to do in a round: the next one waits for one task
 * of a worker at most, and not even for that, since the others go on with its tasks. */
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

enum {
    SPINS = 128,     /* yields before a thread blocks; some 50 us */
    STACK = 1 << 20, /* bytes; tasks keep tiles there */
};

static struct pool {
    int threads; /* 0: no pool */
    int spins;
    pthread_t *workers;
    pthread_mutex_t lock;
    pthread_cond_t opened, left;

    /* Written under the lock; `round`, `inside` and `n_beside` are polled without it. */
    bool stopping, is_open;
    void (*begin)(void);
    int begun;         /* workers */
    atomic_uint round; /* counts what there is to wake for: rounds, and tasks beside them */
    atomic_int inside; /* workers that have joined, and not left */

    /* Of the open round. */
    size_t n;
    vic_pool_task *task;
    void *context;
    atomic_size_t next;

    /* Beside the rounds; under the lock. */
    struct {
        size_t n, next;
        vic_pool_task *task;
        void *context;
    } beside;
    atomic_int n_beside; /* threads at work there */
} pool = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .opened = PTHREAD_COND_INITIALIZER, .left = PTHREAD_COND_INITIALIZER};

/* Is this thread at work on a task? */
static _Thread_local bool is_busy;

static void take_tasks(void) {
    size_t i;
    is_busy = true;
    while ((i = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed)) < pool.n)
        pool.task(pool.context, i);
    is_busy = false;
}

/* With the lock, which is released meanwhile. */
static void take_beside(void) {
    size_t i = pool.beside.next++;
    atomic_fetch_add_explicit(&pool.n_beside, 1, memory_order_relaxed);
    pthread_mutex_unlock(&pool.lock);
    is_busy = true;
    pool.beside.task(pool.beside.context, i);
    is_busy = false;
    pthread_mutex_lock(&pool.lock);
    if (atomic_fetch_sub_explicit(&pool.n_beside, 1, memory_order_relaxed) == 1)
        pthread_cond_signal(&pool.left);
}

/* ---- workers ---- */

/* Returns with the lock, when there is a round after `seen`, or the pool stops. */
static void await_round(unsigned seen) {
    for (int i = 0; i < pool.spins && atomic_load_explicit(&pool.round, memory_order_relaxed) == seen; i++)
        sched_yield();
    pthread_mutex_lock(&pool.lock);
    while (atomic_load_explicit(&pool.round, memory_order_relaxed) == seen && !pool.stopping)
        pthread_cond_wait(&pool.opened, &pool.lock);
}

/* With the lock. */
static void join_round(void) {
    atomic_fetch_add_explicit(&pool.inside, 1, memory_order_relaxed);
    pthread_mutex_unlock(&pool.lock);
    take_tasks();
    pthread_mutex_lock(&pool.lock);
    if (atomic_fetch_sub_explicit(&pool.inside, 1, memory_order_relaxed) == 1)
        pthread_cond_signal(&pool.left);
}

/* With the lock. Until there is something new. */
static void work_beside(unsigned seen) {
    while (pool.beside.next < pool.beside.n && !pool.stopping &&
           atomic_load_explicit(&pool.round, memory_order_relaxed) == seen)
        take_beside();
}

static void begin(void) {
    pthread_mutex_lock(&pool.lock);
    if (pool.begin)
        pool.begin();
    pool.begun++;
    pthread_cond_signal(&pool.left);
    pthread_mutex_unlock(&pool.lock);
}

static void await_beginnings(void) {
    pthread_mutex_lock(&pool.lock);
    while (pool.begun + 1 < pool.threads)
        pthread_cond_wait(&pool.left, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

static void *work(void *unused) {
    unsigned seen = 0;
    begin();
    for (;;) {
        await_round(seen);
        if (pool.stopping)
            break;
        seen = atomic_load_explicit(&pool.round, memory_order_relaxed);
        if (pool.is_open)
            join_round();
        work_beside(seen);
        pthread_mutex_unlock(&pool.lock);
    }
    pthread_mutex_unlock(&pool.lock);
    return unused;
}

/* ---- the caller ---- */

static void open_round(size_t n, vic_pool_task *task, void *context) {
    pthread_mutex_lock(&pool.lock);
    pool.n = n;
    pool.task = task;
    pool.context = context;
    atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
    pool.is_open = true;
    atomic_fetch_add_explicit(&pool.round, 1, memory_order_relaxed);
    pthread_cond_broadcast(&pool.opened);
    pthread_mutex_unlock(&pool.lock);
}

/* With the lock, which makes what the workers wrote visible here. Releases it. */
static void await_workers(const atomic_int *at_work) {
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < pool.spins && atomic_load_explicit(at_work, memory_order_relaxed) > 0; i++)
        sched_yield();
    pthread_mutex_lock(&pool.lock);
    while (atomic_load_explicit(at_work, memory_order_relaxed) > 0)
        pthread_cond_wait(&pool.left, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

static void close_round(void) {
    pthread_mutex_lock(&pool.lock);
    pool.is_open = false;
    await_workers(&pool.inside);
}

void vic_pool_run(size_t n, vic_pool_task *task, void *context) {
    if (n < 2 || pool.threads < 2 || is_busy) {
        for (size_t i = 0; i < n; i++)
            task(context, i);
        return;
    }
    open_round(n, task, context);
    take_tasks();
    close_round();
}

void vic_pool_begin(size_t n, vic_pool_task *task, void *context) {
    pthread_mutex_lock(&pool.lock);
    pool.beside.n = n;
    pool.beside.next = 0;
    pool.beside.task = task;
    pool.beside.context = context;
    atomic_fetch_add_explicit(&pool.round, 1, memory_order_relaxed);
    pthread_cond_broadcast(&pool.opened);
    pthread_mutex_unlock(&pool.lock);
}

void vic_pool_await(void) {
    pthread_mutex_lock(&pool.lock);
    while (pool.beside.next < pool.beside.n)
        take_beside();
    await_workers(&pool.n_beside);
}

int vic_pool_threads(void) {
    return pool.threads > 1 ? pool.threads : 1;
}

/* ---- beginning and end ---- */

static vic_status start_worker(pthread_t *worker, const pthread_attr_t *attributes) {
    int error = pthread_create(worker, attributes, work, NULL);
    if (error == 0)
        return VIC_OK;
    return vic_fail(VIC_NO_MEMORY, "thread %d cannot be started: %s", pool.threads + 1, strerror(error));
}

/* Signals are the main thread's. */
static vic_status start_workers(int threads) {
    pthread_attr_t attributes;
    sigset_t all, before;
    vic_status status = VIC_OK;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (pool.threads = 1; pool.threads < threads && status == VIC_OK; pool.threads += status == VIC_OK)
        status = start_worker(&pool.workers[pool.threads - 1], &attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return status;
}

vic_status vic_pool_start(int threads, bool spins, void (*begin_worker)(void)) {
    if (threads < 2)
        return VIC_OK;
    VIC_TRY(vic_allocate((size_t)threads - 1, sizeof *pool.workers, &pool.workers));
    pool.spins = spins ? SPINS : 0;
    pool.stopping = false;
    pool.begin = begin_worker;
    pool.begun = 0;
    atomic_store(&pool.round, 0);
    vic_status status = start_workers(threads);
    await_beginnings();
    if (status != VIC_OK)
        vic_pool_stop();
    return status;
}

void vic_pool_stop(void) {
    pthread_mutex_lock(&pool.lock);
    pool.stopping = true;
    pthread_cond_broadcast(&pool.opened);
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i + 1 < pool.threads; i++)
        pthread_join(pool.workers[i], NULL);
    pool.threads = 0;
    vic_release(&pool.workers);
}
