/* The critical path of timelines that were made up, where it is known. */
#include "observe/critical_path.h"
#include "support/graph.h"
#include "support/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { RANKS = 8, SPANS = 4096 };

static vic_network *network;
static vic_span spans[RANKS][SPANS];
static vic_rank_timeline records[RANKS];
static vic_rank_time ranks[RANKS];
static double path, free_path;

static void begin(int layers) {
    network = graph_any_chain(VIC_FLOAT32, layers);
    for (int r = 0; r < RANKS; r++)
        records[r] = (vic_rank_timeline){.spans = spans[r]};
}

static void end(void) {
    vic_network_destroy(&network);
}

static void add(int rank, int population, vic_doing doing, double from, double to) {
    spans[rank][records[rank].count++] = (vic_span){
        .begin = from, .end = to, .population = population, .doing = doing, .edge = -1, .step = -1};
}

static void add_message(int rank, int population, vic_doing doing, double from, double to, int edge,
                        vic_message_kind kind, int step) {
    add(rank, population, doing, from, to);
    vic_span *span = &spans[rank][records[rank].count - 1];
    span->edge = edge;
    span->kind = kind;
    span->step = step;
}

static void find(int steps, size_t n_ranks) {
    ck_assert_int_eq(vic_critical_path(network, steps, n_ranks, records, &path, &free_path, ranks), VIC_OK);
}

static void assert_time(int rank, double computing, double posting, double late, double wire) {
    ck_assert_double_eq_tol(ranks[rank].computing, computing, 1e-12);
    ck_assert_double_eq_tol(ranks[rank].posting, posting, 1e-12);
    ck_assert_double_eq_tol(ranks[rank].late, late, 1e-12);
    ck_assert_double_eq_tol(ranks[rank].wire, wire, 1e-12);
}

START_TEST(a_message_there_and_one_back) {
    begin(1);
    add(0, 0, VIC_COMPUTING, 0, 3);
    add_message(0, 0, VIC_POSTING, 3, 3.5, 0, VIC_PREDICTION, 0);
    add_message(0, 0, VIC_WAITING, 3.5, 8, 0, VIC_ERROR, 1); /* sent at 7 */
    add(0, 0, VIC_COMPUTING, 8, 9);
    add_message(1, 1, VIC_WAITING, 0, 4, 0, VIC_PREDICTION, 0); /* sent at 3 */
    add(1, 1, VIC_COMPUTING, 4, 7);
    add_message(1, 1, VIC_POSTING, 7, 7.25, 0, VIC_ERROR, 1);
    find(1, 2);
    ck_assert_double_eq(path, 9);
    ck_assert_double_eq(free_path, 7);
    assert_time(0, 4, 0.5, 3.5, 1);
    assert_time(1, 3, 0.25, 3, 1);
    end();
}
END_TEST

/* One processor has done one after the other what two could do at once. */
START_TEST(populations_of_one_rank_work_by_themselves) {
    begin(2);
    add(0, 0, VIC_COMPUTING, 0, 1);
    add_message(0, 0, VIC_POSTING, 1, 1, 0, VIC_PREDICTION, 0);
    add_message(0, 1, VIC_WAITING, 1, 1, 0, VIC_PREDICTION, 0);
    add(0, 1, VIC_COMPUTING, 1, 6);
    add(0, 0, VIC_COMPUTING, 6, 10);
    find(1, 1);
    ck_assert_double_eq(path, 6);
    ck_assert_double_eq(free_path, 6);
    assert_time(0, 10, 0, 0, 0);
    end();
}
END_TEST

/* A message that arrived before its receive costs what completing the receive costs. */
START_TEST(a_message_that_lies_there_costs_its_picking_up) {
    begin(1);
    add_message(0, 0, VIC_POSTING, 0, 1, 0, VIC_PREDICTION, 0);
    add_message(1, 1, VIC_POSTING_RECEIVE, 0, 2, 0, VIC_PREDICTION, 0);
    add(1, 1, VIC_COMPUTING, 2, 5);
    add_message(1, 1, VIC_WAITING, 5, 5.5, 0, VIC_PREDICTION, 0);
    find(0, 2);
    ck_assert_double_eq(path, 5.5);
    ck_assert_double_eq(free_path, 3);
    assert_time(1, 3, 2, 0, 0.5);
    end();
}
END_TEST

/* The sender may continue when its last message has been received. */
START_TEST(a_full_channel_waits_for_its_receiver) {
    begin(1);
    add_message(0, 0, VIC_POSTING, 0, 1, 0, VIC_PREDICTION, 0);
    add_message(0, 0, VIC_CLEARING, 2, 6, 0, VIC_PREDICTION, 0);
    add(1, 1, VIC_COMPUTING, 0, 4.5);
    add_message(1, 1, VIC_WAITING, 4.5, 5, 0, VIC_PREDICTION, 0);
    find(0, 2);
    ck_assert_double_eq(path, 6);
    ck_assert_double_eq(free_path, 4.5);
    assert_time(0, 0, 1, 3, 1);
    end();
}
END_TEST

/* It had left before it was received: the sender did not wait for the receiver. */
START_TEST(a_channel_that_is_free_before_it_was_received) {
    begin(1);
    add_message(0, 0, VIC_POSTING, 0, 1, 0, VIC_PREDICTION, 0);
    add_message(0, 0, VIC_CLEARING, 1, 3, 0, VIC_PREDICTION, 0);
    add(1, 1, VIC_COMPUTING, 0, 7);
    add_message(1, 1, VIC_WAITING, 7, 7.5, 0, VIC_PREDICTION, 0);
    find(0, 2);
    ck_assert_double_eq(path, 7.5);
    assert_time(0, 0, 1, 0, 2);
    end();
}
END_TEST

START_TEST(a_message_that_was_never_sent) {
    begin(1);
    add(0, 0, VIC_COMPUTING, 0, 1);
    add_message(1, 1, VIC_WAITING, 0, 1, 0, VIC_PREDICTION, 0);
    find(0, 2);
    ck_assert(isnan(path) && isnan(free_path));
    end();
}
END_TEST

/* ---- simulated runs: all populations send in every step ---- */

enum { LAYERS = 5, POPULATIONS = LAYERS + 1, STEPS = 12 };

typedef struct simulation {
    int rank_of[POPULATIONS];
    double clock[RANKS];
    double sent[LAYERS][VIC_MESSAGE_KINDS];
    double slowest_wire;
} simulation;

static double draw(double most) {
    return most * rand() / RAND_MAX;
}

static void compute(simulation *s, int p) {
    int rank = s->rank_of[p];
    double until = s->clock[rank] + draw(2);
    add(rank, p, VIC_COMPUTING, s->clock[rank], until);
    s->clock[rank] = until;
}

static void add_send(simulation *s, int p, int edge, vic_message_kind kind, int step) {
    int rank = s->rank_of[p];
    double until = s->clock[rank] + draw(s->slowest_wire);
    add_message(rank, p, VIC_POSTING, s->clock[rank], until, edge, kind, step);
    s->sent[edge][kind] = s->clock[rank];
    s->clock[rank] = until;
}

static void add_receive(simulation *s, int p, int edge, vic_message_kind kind, int step) {
    int rank = s->rank_of[p];
    double until = fmax(s->clock[rank], s->sent[edge][kind]) + draw(s->slowest_wire);
    add_message(rank, p, VIC_WAITING, s->clock[rank], until, edge, kind, step);
    s->clock[rank] = until;
}

static void step(simulation *s, int i) {
    for (int p = 0; p < LAYERS; p++) {
        compute(s, p);
        add_send(s, p, p, VIC_PREDICTION, i);
    }
    for (int p = 1; p < POPULATIONS; p++) {
        add_receive(s, p, p - 1, VIC_PREDICTION, i);
        compute(s, p);
        add_send(s, p, p - 1, VIC_ERROR, i);
    }
    for (int p = 0; p < LAYERS; p++) {
        add_receive(s, p, p, VIC_ERROR, i);
        compute(s, p);
    }
}

/* Returns when the last one is done. */
static double simulate(int n_ranks, double slowest_wire) {
    simulation s = {.slowest_wire = slowest_wire};
    double last = 0;
    for (int p = 0; p < POPULATIONS; p++)
        s.rank_of[p] = p * n_ranks / POPULATIONS;
    for (int i = 0; i < STEPS; i++)
        step(&s, i);
    for (int rank = 0; rank < n_ranks; rank++)
        last = fmax(last, s.clock[rank]);
    return last;
}

START_TEST(a_rank_for_each_population_is_its_own_critical_path) {
    srand((unsigned)_i + 1);
    begin(LAYERS);
    double last = simulate(POPULATIONS, 0.5);
    find(STEPS, POPULATIONS);
    ck_assert_double_eq_tol(path, last, 1e-9);
    ck_assert_double_lt(free_path, path);
    end();
}
END_TEST

/* The same draws of computing, without wires, must be what messages that take no time leave. */
START_TEST(shared_ranks_are_slower_than_the_critical_path) {
    for (int n_ranks = 1; n_ranks < POPULATIONS; n_ranks++) {
        srand((unsigned)_i + 1);
        begin(LAYERS);
        double last = simulate(n_ranks, 0);
        find(STEPS, (size_t)n_ranks);
        ck_assert_double_lt(path, last);
        ck_assert_double_eq_tol(free_path, path, 1e-9);
        double shared = path;
        end();
        srand((unsigned)_i + 1);
        begin(LAYERS);
        ck_assert_double_eq_tol(simulate(POPULATIONS, 0), shared, 1e-9);
        end();
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("observe/critical_path");
    TCase *test = tcase_create("critical path");
    tcase_add_test(test, a_message_there_and_one_back);
    tcase_add_test(test, populations_of_one_rank_work_by_themselves);
    tcase_add_test(test, a_message_that_lies_there_costs_its_picking_up);
    tcase_add_test(test, a_full_channel_waits_for_its_receiver);
    tcase_add_test(test, a_channel_that_is_free_before_it_was_received);
    tcase_add_test(test, a_message_that_was_never_sent);
    tcase_add_loop_test(test, a_rank_for_each_population_is_its_own_critical_path, 0, 50);
    tcase_add_loop_test(test, shared_ranks_are_slower_than_the_critical_path, 0, 20);
    suite_add_tcase(suite, test);
    return run_suite(suite);
}
