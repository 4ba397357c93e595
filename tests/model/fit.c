/* Links fitted to messages that were made up: what they were made of is found again. */
#include "model/calibration.h"
#include "support/suite.h"

#include <check.h>
#include <math.h>

enum { SIZES = 44 };

static vic_wire_sample samples[SIZES];
static vic_link link;

/* 4, 6, 8, 12, 16 ... bytes. */
static size_t size_of(int i) {
    return ((size_t)(i % 2 ? 6 : 4)) << (i / 2);
}

/* `rough` of that up and down, in turn. */
static void make(const vic_link *from, double rough) {
    for (int i = 0; i < SIZES; i++) {
        size_t bytes = size_of(i);
        double factor = 1 + (i % 3 - 1) * rough;
        samples[i] = (vic_wire_sample){
            .bytes = bytes,
            .message = vic_link_message(from, bytes) * factor,
            .send = vic_link_send(from, bytes) * factor,
            .post_receive = vic_link_post_receive(from, bytes),
            .receive = vic_link_receive(from, bytes) * factor,
            .burst = vic_link_gap(from, bytes),
        };
    }
    vic_release(&link.pieces);
    ck_assert_int_eq(vic_link_fit(&link, SIZES, samples), VIC_OK);
}

static double worst(const vic_link *from) {
    double most = 0;
    for (int i = 0; i < SIZES; i++)
        most = fmax(most, fabs(vic_link_message(&link, size_of(i)) / vic_link_message(from, size_of(i)) - 1));
    return most;
}

static vic_link_piece eager = {
    .from = 0, .latency = 4e-7, .gap_per_byte = 1e-10, .send = 1e-7, .post_receive = 5e-8, .receive = 3e-7};
static vic_link_piece late = {.from = 4096,
                              .latency = 3e-6,
                              .gap = 2e-5,
                              .gap_per_byte = 2e-10,
                              .send = 2e-7,
                              .send_per_byte = 1e-11,
                              .post_receive = 5e-8,
                              .receive = 5e-7,
                              .receive_per_byte = 1e-10};

START_TEST(one_line_is_one_piece) {
    const vic_link from = {1, &eager};
    make(&from, 0);
    ck_assert_uint_eq(link.n, 1);
    ck_assert_uint_eq(link.pieces[0].from, 0);
    ck_assert_double_eq_tol(link.pieces[0].latency, 4e-7, 1e-12);
    ck_assert_double_eq_tol(link.pieces[0].gap_per_byte, 1e-10, 1e-15);
    ck_assert_double_eq_tol(link.pieces[0].send, 1e-7, 1e-12);
    ck_assert_double_eq_tol(link.pieces[0].post_receive, 5e-8, 1e-12);
    ck_assert_double_eq_tol(link.pieces[0].receive, 3e-7, 1e-12);
}
END_TEST

START_TEST(two_protocols_are_two_pieces) {
    vic_link_piece pieces[] = {eager, late};
    const vic_link from = {2, pieces};
    make(&from, 0);
    ck_assert_uint_eq(link.n, 2);
    ck_assert_uint_eq(link.pieces[1].from, 4096);
    ck_assert_double_eq_tol(link.pieces[1].latency, 3e-6, 1e-10);
    ck_assert_double_eq_tol(link.pieces[1].send_per_byte, 1e-11, 1e-15);
    ck_assert_double_eq_tol(link.pieces[1].receive_per_byte, 1e-10, 1e-15);
    ck_assert_double_lt(worst(&from), 1e-6);
}
END_TEST

START_TEST(roughness_adds_no_pieces) {
    vic_link_piece pieces[] = {eager, late};
    const vic_link from = {2, pieces};
    make(&from, 0.05);
    ck_assert_uint_eq(link.n, 2);
    ck_assert_double_lt(worst(&from), 0.06);
}
END_TEST

/* The overheads of sender and receiver together are no more than the message. */
START_TEST(overheads_are_no_more_than_the_message) {
    for (int i = 0; i < SIZES; i++)
        samples[i] = (vic_wire_sample){.bytes = size_of(i), .message = 1e-6, .send = 6e-7, .receive = 9e-7};
    vic_release(&link.pieces);
    ck_assert_int_eq(vic_link_fit(&link, SIZES, samples), VIC_OK);
    for (int i = 0; i < SIZES; i++) {
        ck_assert_double_eq_tol(vic_link_message(&link, size_of(i)), 1e-6, 1e-12);
        ck_assert_double_ge(vic_link_flight(&link, size_of(i)), 0);
    }
    ck_assert_double_eq_tol(link.pieces[0].send, 6e-7, 1e-12);
    ck_assert_double_eq_tol(link.pieces[0].receive, 4e-7, 1e-12);
}
END_TEST

START_TEST(few_sizes_will_do) {
    const vic_link from = {1, &eager};
    make(&from, 0);
    for (size_t n = 1; n <= 3; n++) {
        vic_release(&link.pieces);
        ck_assert_int_eq(vic_link_fit(&link, n, samples), VIC_OK);
        ck_assert_uint_eq(link.n, 1);
        ck_assert_double_eq_tol(vic_link_message(&link, 4), samples[0].message, 1e-9);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("model/fit");
    TCase *test = tcase_create("fit");
    tcase_add_test(test, one_line_is_one_piece);
    tcase_add_test(test, two_protocols_are_two_pieces);
    tcase_add_test(test, roughness_adds_no_pieces);
    tcase_add_test(test, overheads_are_no_more_than_the_message);
    tcase_add_test(test, few_sizes_will_do);
    suite_add_tcase(suite, test);
    return run_suite(suite);
}
