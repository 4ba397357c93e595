/* What an inference takes on machines that were made up, computed by hand, and where its limits are. */
#include "model/plan.h"
#include "support/graph.h"
#include "support/suite.h"

#include <check.h>
#include <math.h>

enum { MOST = 8 };

static const int each[MOST] = {0, 1, 2, 3, 4, 5, 6, 7}, one[MOST];

/* A core that does an operation of a product in a second, and everything else in no time. */
static const vic_speed slow = {.products = 1, .bandwidth = INFINITY};
static const vic_speed immediate = {.products = INFINITY, .bandwidth = INFINITY};

static vic_link_piece piece;
static vic_machine machine;
static vic_plan plan;

static void set(vic_speed speed, vic_link_piece wire) {
    piece = wire;
    machine = (vic_machine){
        .name = "made up",
        .nodes = 1,
        .cores = MOST,
        .memory = 1e9,
        .speed = {speed, speed},
        .node = {1, &piece},
        .network = {1, &piece},
    };
}

static vic_inference_options options_of(const char *algorithm, int steps) {
    return (vic_inference_options){
        .algorithm = vic_algorithm_find(algorithm), .eta = 0.1, .steps = steps, .penalty = 1, .dual_rate = 1};
}

static void make(int layers, const size_t *widths, const int *rank_of, vic_inference_options options) {
    vic_network *network = graph_chain(VIC_FLOAT32, layers, widths);
    vic_plan_release(&plan);
    ck_assert_int_eq(vic_plan_make(&plan, &machine, network, rank_of, 1, options), VIC_OK);
    vic_network_destroy(&network);
}

static void assert_rank(int rank, double computing, double posting, double late, double wire) {
    ck_assert_double_eq_tol(plan.communication.ranks[rank].computing, computing, 1e-9);
    ck_assert_double_eq_tol(plan.communication.ranks[rank].posting, posting, 1e-9);
    ck_assert_double_eq_tol(plan.communication.ranks[rank].late, late, 1e-9);
    ck_assert_double_eq_tol(plan.communication.ranks[rank].wire, wire, 1e-9);
}

/* 12 operations and 12 bytes: sent at 12, in flight at 13, arrived at 21, received at 24; the answer is sent
 * then, in flight at 25, arrived at 33, received at 36. */
START_TEST(two_populations_back_and_forth) {
    set(slow, (vic_link_piece){.latency = 2, .gap_per_byte = 0.5, .send = 1, .receive = 3});
    make(1, (const size_t[]){2, 3}, each, options_of("exact", 1));
    ck_assert_double_eq_tol(plan.communication.seconds, 36, 1e-9);
    ck_assert_double_eq_tol(plan.step, 12, 1e-9);
    ck_assert_double_eq_tol(plan.free_seconds, 12, 1e-9);
    ck_assert_double_eq_tol(plan.free_step, 0, 1e-9);
    ck_assert_double_eq_tol(plan.communication.path, 36, 1e-9);
    ck_assert_double_eq_tol(plan.communication.free_path, 12, 1e-9);
    assert_rank(0, 12, 1, 11, 12);
    assert_rank(1, 0, 1, 12, 12);
    ck_assert_int_eq(plan.bottleneck, 0);
    ck_assert_double_eq(plan.step_messages, 1);
    ck_assert_double_eq(plan.step_bytes, 12);
}
END_TEST

/* The overheads grow with the message: 1 + 12/4 and 3 + 12/2; posting takes 5, before anything is
 * received. */
START_TEST(overheads_grow_and_posting_takes_time) {
    set(slow, (vic_link_piece){.latency = 2,
                               .send = 1,
                               .send_per_byte = 0.25,
                               .post_receive = 5,
                               .receive = 3,
                               .receive_per_byte = 0.5});
    make(1, (const size_t[]){2, 3}, each, options_of("exact", 1));
    /* up: 12 + 4 + 2 + 9 = 27; down: sent at 27, arrived at 33, received at 42 */
    ck_assert_double_eq_tol(plan.communication.seconds, 42, 1e-9);
    assert_rank(0, 12, 4 + 5, 6, 15);
    assert_rank(1, 0, 5 + 4, 7, 15);
}
END_TEST

/* Sweep: 4, 14 + 12, 36. Step 1: the output's error at 36, received at 46, vjp until 58. Step 2: the change
 * is sent at 70, and with it the error below; received at 80; the answer at 90, vjp until 102. */
START_TEST(three_populations_of_strict) {
    set(slow, (vic_link_piece){.latency = 10});
    make(2, (const size_t[]){1, 2, 3}, each, options_of("strict", 2));
    ck_assert_double_eq_tol(plan.communication.seconds, 102, 1e-9);
    ck_assert_double_eq_tol(plan.step, 102 - 58, 1e-9);
    ck_assert_double_eq_tol(plan.free_seconds, 52, 1e-9);
    ck_assert_int_eq(plan.bottleneck, 1);
    assert_rank(1, 12 + 12 + 12 + 12, 0, 4 + 10 + 10, 10 + 10 + 10);
}
END_TEST

START_TEST(populations_of_one_rank_need_no_wires) {
    set(slow, (vic_link_piece){.latency = 10, .send = 5, .receive = 5});
    make(2, (const size_t[]){1, 2, 3}, one, options_of("strict", 2));
    ck_assert_double_eq_tol(plan.communication.seconds, 4 + 12 * 4, 1e-9);
    ck_assert_double_eq_tol(plan.communication.seconds, plan.free_seconds, 1e-9);
    ck_assert_double_eq(plan.rank_messages, 0);
    ck_assert_double_eq(plan.step_messages, 3);
}
END_TEST

START_TEST(free_messages_leave_the_longest_chain_of_computing) {
    set(slow, (vic_link_piece){0});
    make(2, (const size_t[]){1, 2, 3}, each, options_of("strict", 5));
    ck_assert_double_eq_tol(plan.communication.seconds, plan.free_seconds, 1e-9);
    ck_assert_double_eq_tol(plan.communication.path, plan.communication.seconds, 1e-9);
    ck_assert_double_eq_tol(plan.communication.free_path, plan.communication.seconds, 1e-9);
    ck_assert_double_eq_tol(plan.step, 24, 1e-9); /* a change and a vjp */
}
END_TEST

/* Two edges up, then the error down; the change up and its error down. */
START_TEST(infinitely_fast_cores_leave_the_messages) {
    set(immediate, (vic_link_piece){.latency = 10});
    make(2, (const size_t[]){1, 2, 3}, each, options_of("strict", 2));
    ck_assert_double_eq_tol(plan.communication.seconds, 50, 1e-9);
    ck_assert_double_eq_tol(plan.free_seconds, 0, 1e-9);
    ck_assert_double_eq_tol(plan.step, 20, 1e-9);
    ck_assert_double_eq_tol(vic_communication_share(&plan.communication), 1, 1e-9);
}
END_TEST

/* At 30 population 1 sends its change, and its error 25 later: received at 65, when all else has been over at
 * 50. */
START_TEST(messages_of_one_rank_keep_their_gap) {
    set(immediate, (vic_link_piece){.latency = 10, .gap = 25});
    make(2, (const size_t[]){1, 2, 3}, each, options_of("strict", 2));
    ck_assert_double_eq_tol(plan.communication.seconds, 70, 1e-9);
}
END_TEST

/* The output sends the same error in steps 1 to 3. Population 1 receives it at 46, 58 and 70, with a vjp in
 * between, and sends its own at 70, received at 80. With a rendezvous the second leaves at 58, when
 * population 1 posts its receive, and arrives at 68; the third at 80, and is there at 90, as is population
 * 1's. */
START_TEST(a_rendezvous_waits_for_the_receiver) {
    vic_inference_options options = options_of("fixed-prediction", 3);
    options.always = true;
    set(slow, (vic_link_piece){.latency = 10});
    make(2, (const size_t[]){1, 2, 3}, each, options);
    ck_assert_double_eq_tol(plan.communication.seconds, 80, 1e-9);
    set(slow, (vic_link_piece){.latency = 10, .rendezvous = true});
    make(2, (const size_t[]){1, 2, 3}, each, options);
    ck_assert_double_eq_tol(plan.communication.seconds, 90, 1e-9);
}
END_TEST

START_TEST(ranks_fill_one_node_after_the_other) {
    vic_link_piece far = {.latency = 100};
    set(immediate, (vic_link_piece){.latency = 1});
    machine.cores = 2;
    machine.nodes = 2;
    machine.network = (vic_link){1, &far};
    make(3, (const size_t[]){1, 1, 1, 1}, each, options_of("exact", 1));
    ck_assert_double_eq_tol(plan.communication.seconds, 2 * (1 + 100 + 1), 1e-9);
    machine.cores = 5;
    machine.threads = 2;
    make(3, (const size_t[]){1, 1, 1, 1}, each, options_of("exact", 1));
    ck_assert_double_eq_tol(plan.communication.seconds, 2 * (1 + 100 + 1), 1e-9);
    machine.cores = 3; /* one rank on a node */
    machine.nodes = 4;
    make(3, (const size_t[]){1, 1, 1, 1}, each, options_of("exact", 1));
    ck_assert_double_eq_tol(plan.communication.seconds, 2 * (100 + 100 + 100), 1e-9);
}
END_TEST

START_TEST(each_task_takes_its_time) {
    set((vic_speed){.products = INFINITY, .bandwidth = 8, .call = 1}, (vic_link_piece){0});
    make(1, (const size_t[]){2, 3}, one, options_of("exact", 1));
    /* predict; loss: 3 arrays of 12 bytes; the error is copied: 2 */
    ck_assert_double_eq_tol(plan.communication.seconds, 1 + (1 + 36 / 8.0) + (1 + 24 / 8.0), 1e-9);
}
END_TEST

static const vic_link_piece middling = {.from = 0,
                                        .latency = 7,
                                        .gap = 3,
                                        .gap_per_byte = 0.01,
                                        .send = 2,
                                        .send_per_byte = 0.02,
                                        .post_receive = 1,
                                        .receive = 4,
                                        .receive_per_byte = 0.03};

static double seconds_with(const char *algorithm, vic_link_piece wire, double products, double bandwidth) {
    set((vic_speed){products, bandwidth, 0}, wire);
    make(4, (const size_t[]){5, 9, 3, 8, 2}, each, options_of(algorithm, 7));
    return plan.communication.seconds;
}

static const char *const algorithms[] = {"exact", "fixed-prediction", "strict", "augmented-lagrangian",
                                         "incremental"};
enum { ALGORITHMS = sizeof algorithms / sizeof *algorithms };

START_TEST(nothing_gets_faster_by_being_slower) {
    const char *a = algorithms[_i];
    double before = seconds_with(a, middling, 10, 100);
    vic_link_piece worse[8];
    for (int i = 0; i < 8; i++)
        worse[i] = middling;
    double *const fields[] = {
        &worse[0].latency,      &worse[1].gap,           &worse[2].gap_per_byte, &worse[3].send,
        &worse[4].post_receive, &worse[5].send_per_byte, &worse[6].receive,      &worse[7].receive_per_byte};
    for (int i = 0; i < 8; i++) {
        *fields[i] *= 10;
        ck_assert_double_ge(seconds_with(a, worse[i], 10, 100), before);
    }
    ck_assert_double_gt(seconds_with(a, worse[0], 10, 100), before);
    ck_assert_double_gt(seconds_with(a, middling, 5, 100), before);
    ck_assert_double_gt(seconds_with(a, middling, 10, 50), before);
}
END_TEST

START_TEST(a_small_machine_is_refused) {
    vic_network *network = graph_any_chain(VIC_FLOAT64, 3);
    set(slow, piece);
    machine.cores = 3;
    ck_assert_int_eq(vic_plan_make(&plan, &machine, network, each, 1, options_of("exact", 1)),
                     VIC_BAD_CONFIG);
    ck_assert_str_eq(vic_error_text(),
                     "the machine made up has no room for 4 ranks: nodes x ranks of a node = 1 x 3");
    vic_plan_release(&plan);
    machine.cores = 4;
    machine.speed[VIC_FLOAT64] = (vic_speed){0};
    ck_assert_int_eq(vic_plan_make(&plan, &machine, network, each, 1, options_of("exact", 1)),
                     VIC_BAD_CONFIG);
    vic_plan_release(&plan);
    vic_network_destroy(&network);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("model/plan");
    TCase *test = tcase_create("plan");
    tcase_add_test(test, two_populations_back_and_forth);
    tcase_add_test(test, overheads_grow_and_posting_takes_time);
    tcase_add_test(test, three_populations_of_strict);
    tcase_add_test(test, populations_of_one_rank_need_no_wires);
    tcase_add_test(test, free_messages_leave_the_longest_chain_of_computing);
    tcase_add_test(test, infinitely_fast_cores_leave_the_messages);
    tcase_add_test(test, messages_of_one_rank_keep_their_gap);
    tcase_add_test(test, a_rendezvous_waits_for_the_receiver);
    tcase_add_test(test, ranks_fill_one_node_after_the_other);
    tcase_add_test(test, each_task_takes_its_time);
    tcase_add_loop_test(test, nothing_gets_faster_by_being_slower, 0, ALGORITHMS);
    tcase_add_test(test, a_small_machine_is_refused);
    suite_add_tcase(suite, test);
    return run_suite(suite);
}
