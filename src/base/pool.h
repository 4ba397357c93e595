/* Threads of this process that share the tasks of a function. Nothing here is collective. */
#ifndef VIC_BASE_POOL_H
#define VIC_BASE_POOL_H

#include "base.h"

/* One of several tasks that are independent of each other. */
typedef void vic_pool_task(void *context, size_t index);

/* Starts `threads` - 1 workers, which work beside the thread that calls vic_pool_run; none for 1. With
 * `spins` a worker polls for a short while before it blocks: for threads that have a core each. Each worker
 * calls `begin`, unless it is NULL, one at a time, before this returns. No pool is running. Errors:
 * VIC_NO_MEMORY where a thread cannot be had; no pool runs then. */
vic_status vic_pool_start(int threads, bool spins, void (*begin)(void));

/* Ends the workers. Nothing to do where no pool runs. */
void vic_pool_stop(void);

/* Threads that share tasks: the workers and the caller, at least 1. */
int vic_pool_threads(void);

/* Calls task(context, i) for each i from 0 to n - 1, on any thread and in any order, and returns when all
 * have returned. Without a pool, for one task, and within a task, a plain loop. Allocates nothing. Called by
 * one thread at a time. */
void vic_pool_run(size_t n, vic_pool_task *task, void *context);

/* Calls task(context, i) for each i from 0 to n - 1 beside what the caller goes on to do: a worker takes one
 * when vic_pool_run has none for it. vic_pool_await takes those that are left, together with the workers, and
 * returns when all have returned; without a pool, it calls them all. Not within a task. Of one
 * vic_pool_begin, vic_pool_await comes before the next one; it does nothing where there was none. The pool
 * may be stopped in between. Allocates nothing. Called by the thread that calls vic_pool_run. */
void vic_pool_begin(size_t n, vic_pool_task *task, void *context);
void vic_pool_await(void);

#endif
