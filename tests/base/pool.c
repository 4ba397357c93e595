/* The pool: every task once, on as many threads as there are, and without a trace after its end. */
#include "base/pool.h"

#include "support/numbers.h"
#include "support/suite.h"

#include <check.h>
#include <pthread.h>

enum { MOST_THREADS = 4 };

/* ---- pthread_create, which can be made to fail ---- */

static int refuse_at = -1, created;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument) {
    if (created++ == refuse_at)
        return 11;
    return __real_pthread_create(thread, attributes, start, argument);
}

/* ---- tasks ---- */

static void start(int threads) {
    ck_assert_int_eq(vic_pool_start(threads, threads % 2 == 0, NULL), VIC_OK);
    ck_assert_int_eq(vic_pool_threads(), threads);
}

/* Plain numbers: what workers write has to be there when the call returns. */
static void count(void *context, size_t i) {
    unsigned *counts = context;
    counts[i]++;
}

static void assert_once(size_t n) {
    unsigned *counts = scrap(n + 1, sizeof *counts);
    vic_pool_run(n, count, counts);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(counts[i] == 1, "task %zu of %zu ran %u times", i, n, counts[i]);
    ck_assert_uint_eq(counts[n], 0);
}

static const size_t numbers_of_tasks[] = {0, 1, 2, 3, 4, 5, 17, 1000};

START_TEST(runs_every_task_once) {
    start(_i);
    for (size_t k = 0; k < sizeof numbers_of_tasks / sizeof *numbers_of_tasks; k++)
        assert_once(numbers_of_tasks[k]);
    vic_pool_stop();
}
END_TEST

START_TEST(runs_round_after_round) {
    enum { ROUNDS = 20000, TASKS = 3 };
    unsigned counts[TASKS] = {0};
    start(_i);
    for (int round = 0; round < ROUNDS; round++)
        vic_pool_run(TASKS, count, counts);
    for (int i = 0; i < TASKS; i++)
        ck_assert_uint_eq(counts[i], ROUNDS);
    vic_pool_stop();
}
END_TEST

/* Nobody passes the barrier before as many threads as the pool has stand at it. */
static void meet(void *context, size_t i) {
    (void)i;
    pthread_barrier_wait(context);
}

START_TEST(works_on_all_threads) {
    pthread_barrier_t barrier;
    start(_i);
    pthread_barrier_init(&barrier, NULL, (unsigned)_i);
    for (int round = 0; round < 100; round++)
        vic_pool_run((size_t)_i, meet, &barrier);
    pthread_barrier_destroy(&barrier);
    vic_pool_stop();
}
END_TEST

/* ---- within a task ---- */

enum { OUTER = 6, INNER = 5 };

typedef struct inner_loop {
    pthread_t thread;
    size_t next;
    bool in_order;
} inner_loop;

static void run_inner(void *context, size_t i) {
    inner_loop *loop = context;
    loop->in_order &= i == loop->next++ && pthread_equal(loop->thread, pthread_self());
}

static void run_outer(void *context, size_t i) {
    inner_loop *loop = (inner_loop *)context + i;
    *loop = (inner_loop){pthread_self(), 0, true};
    vic_pool_run(INNER, run_inner, loop);
}

START_TEST(is_a_plain_loop_within_a_task) {
    inner_loop loops[OUTER] = {0};
    start(_i);
    vic_pool_run(OUTER, run_outer, loops);
    for (int i = 0; i < OUTER; i++)
        ck_assert(loops[i].in_order && loops[i].next == INNER);
    assert_once(OUTER);
    vic_pool_stop();
}
END_TEST

/* ---- beside the rounds ---- */

typedef struct beside {
    unsigned counts[1000];
    bool is_loop; /* a round within a task is a plain loop */
} beside;

static void count_beside(void *context, size_t i) {
    beside *b = context;
    inner_loop loop = {pthread_self(), 0, true};
    vic_pool_run(INNER, run_inner, &loop);
    if (!loop.in_order || loop.next != INNER)
        b->is_loop = false;
    b->counts[i]++;
}

static void assert_beside_once(const beside *b, size_t n) {
    for (size_t i = 0; i < sizeof b->counts / sizeof *b->counts; i++)
        ck_assert_msg(b->counts[i] == (i < n), "task %zu of %zu ran %u times", i, n, b->counts[i]);
    ck_assert(b->is_loop);
}

/* Loop test over threads. With rounds in between, of as many tasks as there are beside them. */
START_TEST(runs_every_task_beside_rounds_once) {
    start(_i);
    for (size_t k = 0; k < sizeof numbers_of_tasks / sizeof *numbers_of_tasks; k++)
        for (int rounds = 0; rounds < 4; rounds++) {
            beside b = {.is_loop = true};
            vic_pool_begin(numbers_of_tasks[k], count_beside, &b);
            for (int round = 0; round < rounds; round++)
                assert_once(numbers_of_tasks[k]);
            vic_pool_await();
            assert_beside_once(&b, numbers_of_tasks[k]);
        }
    vic_pool_await();
    vic_pool_stop();
}
END_TEST

START_TEST(runs_beside_round_after_round) {
    enum { TIMES = 5000, TASKS = 3 };
    unsigned counts[TASKS] = {0}, of_rounds[TASKS] = {0};
    start(_i);
    for (int time = 0; time < TIMES; time++) {
        vic_pool_begin(TASKS, count, counts);
        vic_pool_run(TASKS, count, of_rounds);
        vic_pool_run(TASKS, count, of_rounds);
        vic_pool_await();
    }
    for (int i = 0; i < TASKS; i++)
        ck_assert(counts[i] == TIMES && of_rounds[i] == 2 * TIMES);
    vic_pool_stop();
}
END_TEST

/* The caller does not await them before it has met every worker. */
START_TEST(workers_take_what_is_beside_by_themselves) {
    pthread_barrier_t barrier;
    start(_i);
    pthread_barrier_init(&barrier, NULL, (unsigned)_i);
    for (int time = 0; time < 100; time++) {
        vic_pool_begin((size_t)_i - 1, meet, &barrier);
        pthread_barrier_wait(&barrier);
        vic_pool_await();
    }
    pthread_barrier_destroy(&barrier);
    vic_pool_stop();
}
END_TEST

/* A worker that is at a task beside does not keep a round from its end. */
START_TEST(a_round_does_not_wait_for_what_is_beside) {
    pthread_barrier_t barrier;
    start(_i);
    pthread_barrier_init(&barrier, NULL, (unsigned)_i);
    vic_pool_begin((size_t)_i - 1, meet, &barrier);
    for (int round = 0; round < 100; round++)
        assert_once(5);
    pthread_barrier_wait(&barrier);
    vic_pool_await();
    pthread_barrier_destroy(&barrier);
    vic_pool_stop();
}
END_TEST

/* What a stopped pool has not taken is left to the caller. */
START_TEST(stops_while_tasks_are_pending) {
    for (int round = 0; round < 100; round++) {
        beside b = {.is_loop = true};
        start(_i);
        vic_pool_begin((size_t)round, count_beside, &b);
        if (round % 2)
            assert_once(3);
        vic_pool_stop();
        if (round % 3 == 0)
            start(2);
        vic_pool_await();
        assert_beside_once(&b, (size_t)round);
        vic_pool_stop();
    }
}
END_TEST

/* ---- beginning and end ---- */

START_TEST(starts_and_stops_often) {
    for (int round = 0; round < 100; round++) {
        start(1 + round % MOST_THREADS);
        assert_once((size_t)round % 7);
        vic_pool_stop();
        ck_assert_int_eq(vic_pool_threads(), 1);
        assert_once(3);
    }
    vic_pool_stop();
}
END_TEST

static int begun;

static void count_beginning(void) {
    begun++;
}

START_TEST(every_worker_begins_before_the_first_task) {
    begun = 0;
    ck_assert_int_eq(vic_pool_start(_i, false, count_beginning), VIC_OK);
    ck_assert_int_eq(begun, _i - 1);
    assert_once(7);
    vic_pool_stop();
    ck_assert_int_eq(begun, _i - 1);
}
END_TEST

START_TEST(says_that_a_thread_cannot_be_had) {
    created = 0;
    refuse_at = _i;
    ck_assert_int_eq(vic_pool_start(MOST_THREADS, false, NULL), VIC_NO_MEMORY);
    ck_assert_msg(created == _i + 1, "%d threads were tried", created);
    ck_assert_int_eq(vic_pool_threads(), 1);
    assert_once(4);
    refuse_at = -1;
    start(2);
    assert_once(4);
    vic_pool_stop();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pool");
    TCase *cases = tcase_create("pool");
    tcase_add_checked_fixture(cases, NULL, scrap_free);
    tcase_set_timeout(cases, 30);
    tcase_add_loop_test(cases, runs_every_task_once, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, runs_round_after_round, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, works_on_all_threads, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, is_a_plain_loop_within_a_task, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, runs_every_task_beside_rounds_once, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, runs_beside_round_after_round, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, workers_take_what_is_beside_by_themselves, 2, MOST_THREADS + 1);
    tcase_add_loop_test(cases, a_round_does_not_wait_for_what_is_beside, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, stops_while_tasks_are_pending, 1, MOST_THREADS + 1);
    tcase_add_test(cases, starts_and_stops_often);
    tcase_add_loop_test(cases, every_worker_begins_before_the_first_task, 1, MOST_THREADS + 1);
    tcase_add_loop_test(cases, says_that_a_thread_cannot_be_had, 0, MOST_THREADS - 1);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
