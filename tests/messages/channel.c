/* What every transport must keep. The tests run over placements that bring out each transport: all
 * populations on one rank exchange messages through memory, neighbours on different ranks by MPI or through
 * shared memory. A new transport inherits them all when wiring.c chooses it in one of these settings. */
#include "lines.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- plan ---- */

START_TEST(ends_are_where_the_populations_are) {
    create_wiring(_i);
    bool right = true;
    for (int i = 0; i < lines(); i++) {
        right = right && (sender(line_at(i)) != NULL) == (sending_rank(line_at(i)) == together_rank());
        right = right && (receiver(line_at(i)) != NULL) == (receiving_rank(line_at(i)) == together_rank());
    }
    together_assert(right);
    destroy_wiring();
}
END_TEST

START_TEST(a_message_that_no_wire_can_hold_is_refused_on_every_rank) {
    create_wiring(_i);
    vic_wiring *larger;
    vic_status status = vic_wiring_create(&larger, together_group(), network, rank_of, INT_MAX / 2, STEPS);
    together_assert(status == VIC_BAD_CONFIG && larger == NULL);
    together_assert_msg(strstr(vic_error_text(), "edge 0: a message of 5368709115 numbers is too large") !=
                            NULL,
                        "%s", vic_error_text());
    destroy_wiring();
}
END_TEST

/* ---- begin and end ---- */

START_TEST(what_is_sent_is_received_on_every_edge) {
    create_wiring(_i);
    for (int i = 0; i < lines(); i++)
        together_assert_ok(exchange(line_at(i), 1, CAPACITY, i));
    for (int i = lines(); i-- > 0;)
        together_assert_ok(exchange(line_at(i), 2, CAPACITY, i + 100));
    destroy_wiring();
}
END_TEST

/* All receives are posted first, then all sends, without a wait in between: no order of edges may
 * deadlock. */
START_TEST(all_edges_may_be_under_way_at_once) {
    create_wiring(_i);
    vic_status status = VIC_OK;
    for (int i = 0; i < lines() && status == VIC_OK; i++)
        status = post_receive(line_at(i), 1, CAPACITY);
    for (int i = lines(); i-- > 0 && status == VIC_OK;)
        status = send_message(line_at(i), 1, CAPACITY, i);
    for (int i = 0; i < lines() && status == VIC_OK; i++)
        status = receive_message(line_at(i), CAPACITY, i);
    together_assert_ok(status);
    destroy_wiring();
}
END_TEST

START_TEST(messages_arrive_in_the_order_they_were_sent) {
    create_wiring(_i);
    vic_status status = VIC_OK;
    for (int serial = 0; serial < 100 && status == VIC_OK; serial++)
        for (int i = 0; i < lines() && status == VIC_OK; i++)
            status = exchange(line_at(i), serial % STEPS, CAPACITY, serial);
    together_assert_ok(status);
    destroy_wiring();
}
END_TEST

START_TEST(batches_may_vary_in_size) {
    static const size_t batches[] = {CAPACITY, 1, 3, CAPACITY, 2};
    create_wiring(_i);
    for (int b = 0; b < 5; b++)
        for (int i = 0; i < lines(); i++)
            together_assert_ok(exchange(line_at(i), b, batches[b], b));
    destroy_wiring();
}
END_TEST

START_TEST(a_message_is_kept_until_the_next_receive_is_posted) {
    create_wiring(_i);
    for (int i = 0; i < lines(); i++) {
        const line kept = line_at(i);
        const void *message = NULL;
        vic_status status = deliver(kept, 1, 1, &message);
        for (int j = 0; j < lines() && status == VIC_OK; j++)
            if (j != i)
                status = exchange(line_at(j), 2, CAPACITY, 50 + j);
        together_assert_ok(status);
        together_assert(is_remembered(kept, message, 1));
    }
    destroy_wiring();
}
END_TEST

START_TEST(composing_waits_for_the_last_message_and_leaves_it_whole) {
    create_wiring(_i);
    vic_status status = VIC_OK;
    for (int i = 0; i < lines() && status == VIC_OK; i++) {
        void *first = NULL, *second = NULL;
        status = exchange(line_at(i), 1, CAPACITY, 1);
        if (status == VIC_OK && sender(line_at(i)))
            status = vic_channel_compose(sender(line_at(i)), &first);
        if (status == VIC_OK && sender(line_at(i)))
            status = vic_channel_compose(sender(line_at(i)), &second);
        if (first != second)
            status = vic_fail(VIC_CHECK_FAILED, "a message that was not sent yet has moved");
    }
    together_assert_ok(status);
    destroy_wiring();
}
END_TEST

/* ---- when one end fails ---- */

/* The message, the population at its other end, and `what`. */
static bool text_names(line l, bool receives, int step, const char *what) {
    const vic_edge *e = &network->edges[l.edge];
    char place[96];
    snprintf(place, sizeof place,
             "%s on edge %d at step %d %s population %d: ", vic_message_kind_name(l.kind), l.edge, step,
             receives ? "from" : "to", receives == (l.kind == VIC_PREDICTION) ? e->from : e->to);
    return strncmp(vic_error_text(), place, strlen(place)) == 0 && strstr(vic_error_text(), what) != NULL;
}

START_TEST(waiting_for_what_was_never_sent_fails_and_names_the_population_and_the_message) {
    static const line deaf[] = {{2, VIC_PREDICTION}, {4, VIC_ERROR}};
    for (int d = 0; d < 2; d++) {
        const void *message;
        bool good = true;
        create_wiring(_i);
        vic_group_set_timeout(together_group(), 0.05);
        vic_status status = post_receive(deaf[d], 3, CAPACITY);
        if (status == VIC_OK && receiver(deaf[d])) {
            const char *what = sender(deaf[d]) ? "no message was sent" : "no answer in 0.05 s";
            good = vic_channel_receive(receiver(deaf[d]), &message) == VIC_NO_PEER &&
                   text_names(deaf[d], true, 3, what);
        }
        vic_group_set_timeout(together_group(), 0);
        together_assert_ok(status);
        together_assert_msg(good, "%s", vic_error_text());
        destroy_wiring();
    }
}
END_TEST

/* A message this large leaves only when its receive is posted. */
START_TEST(a_send_without_receiver_fails_and_names_the_population_and_the_message) {
    enum { LARGE = 40000 };
    const line l = {0, VIC_PREDICTION};
    bool good = true, apart;
    void *message;
    create_wiring(_i);
    vic_wiring_destroy(&wiring);
    together_assert_ok(vic_wiring_create(&wiring, together_group(), network, rank_of, LARGE, STEPS));
    apart = sending_rank(l) != receiving_rank(l);
    vic_status status = apart ? send_message(l, 4, LARGE, 1) : VIC_OK;
    vic_group_set_timeout(together_group(), 0.05);
    if (status == VIC_OK && apart && sender(l))
        good = vic_channel_compose(sender(l), &message) == VIC_NO_PEER &&
               text_names(l, false, 4, "no answer in 0.05 s");
    vic_group_set_timeout(together_group(), 0);
    together_assert_ok(status);
    together_assert_msg(good, "%s", vic_error_text());
    status = apart ? post_receive(l, 4, LARGE) : VIC_OK;
    together_assert_ok(status == VIC_OK && apart ? receive_message(l, LARGE, 1) : status);
    destroy_wiring();
}
END_TEST

/* Through memory nothing is in flight: a second send before the receive would overwrite a message. */
START_TEST(sending_twice_without_a_receive_is_refused_through_memory) {
    create_wiring(_i);
    for (int i = 0; i < lines(); i++) {
        const line l = line_at(i);
        bool good = true;
        void *message;
        if (sender(l) && receiver(l)) {
            good = post_receive(l, 2, CAPACITY) == VIC_OK && send_message(l, 2, CAPACITY, 1) == VIC_OK;
            good = good && vic_channel_compose(sender(l), &message) == VIC_NO_PEER &&
                   text_names(l, false, 2, "never received");
            good = good && vic_channel_send(sender(l), 4, numbers(l, CAPACITY)) == VIC_NO_PEER &&
                   strstr(vic_error_text(), "never received") != NULL;
            good = good && receive_message(l, CAPACITY, 1) == VIC_OK;
        }
        together_assert_msg(good, "%s", vic_error_text());
    }
    destroy_wiring();
}
END_TEST

START_TEST(a_message_of_another_size_is_refused_through_memory) {
    create_wiring(_i);
    for (int i = 0; i < lines(); i++) {
        const line l = line_at(i);
        bool good = true;
        const void *message;
        if (sender(l) && receiver(l)) {
            good = post_receive(l, 2, CAPACITY) == VIC_OK && send_message(l, 2, CAPACITY - 1, 1) == VIC_OK;
            good = good && vic_channel_receive(receiver(l), &message) == VIC_NO_PEER &&
                   text_names(l, true, 2, "numbers came instead of");
        }
        together_assert_msg(good, "%s", vic_error_text());
    }
    destroy_wiring();
}
END_TEST

/* ---- the ledger ---- */

static uint64_t messages_sent(line l, int step) {
    return (uint64_t)(1 + (l.edge + step) % 3);
}

static vic_status exchange_for_ledger(void) {
    for (int step = 0; step <= STEPS; step++)
        for (int i = 0; i < lines(); i++)
            for (uint64_t m = 0; m < messages_sent(line_at(i), step); m++)
                VIC_TRY(exchange(line_at(i), step, (size_t)step + 1, (int)m));
    return VIC_OK;
}

static bool is_counted(line l, int step) {
    vic_ledger_entry e = vic_ledger_at(vic_wiring_ledger(wiring), l.edge, l.kind, step);
    uint64_t messages = sender(l) ? messages_sent(l, step) : 0;
    bool silent = receiver(l) == NULL && e.seconds_waiting > 0;
    bool mute = sender(l) == NULL && e.seconds_posting > 0;
    return e.messages == messages && e.bytes == messages * numbers(l, (size_t)step + 1) * sizeof(double) &&
           e.seconds_waiting >= 0 && e.seconds_posting >= 0 && !silent && !mute;
}

static bool total_is_the_sum(line l) {
    vic_ledger_entry sum = {0}, total = vic_ledger_total(vic_wiring_ledger(wiring), l.edge, l.kind);
    for (int step = 0; step <= STEPS; step++) {
        sum.messages += vic_ledger_at(vic_wiring_ledger(wiring), l.edge, l.kind, step).messages;
        sum.bytes += vic_ledger_at(vic_wiring_ledger(wiring), l.edge, l.kind, step).bytes;
        sum.seconds_waiting += vic_ledger_at(vic_wiring_ledger(wiring), l.edge, l.kind, step).seconds_waiting;
    }
    return total.messages == sum.messages && total.bytes == sum.bytes &&
           total.seconds_waiting == sum.seconds_waiting;
}

START_TEST(the_ledger_counts_every_message_where_it_is_sent) {
    create_wiring(_i);
    together_assert_ok(exchange_for_ledger());
    bool counted = true;
    for (int i = 0; i < lines(); i++) {
        counted = counted && total_is_the_sum(line_at(i));
        for (int step = 0; step <= STEPS; step++)
            counted = counted && is_counted(line_at(i), step);
    }
    together_assert(counted);
    vic_ledger_clear(vic_wiring_ledger(wiring));
    for (int i = 0; i < lines(); i++)
        counted =
            counted && vic_ledger_total(vic_wiring_ledger(wiring), i / 2, line_at(i).kind).messages == 0;
    together_assert(counted);
    destroy_wiring();
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("messages/channel");
    TCase *tests = tcase_create("channel");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, ends_are_where_the_populations_are, 0, SETTINGS);
    tcase_add_loop_test(tests, a_message_that_no_wire_can_hold_is_refused_on_every_rank, 0, SETTINGS);
    tcase_add_loop_test(tests, what_is_sent_is_received_on_every_edge, 0, SETTINGS);
    tcase_add_loop_test(tests, all_edges_may_be_under_way_at_once, 0, SETTINGS);
    tcase_add_loop_test(tests, messages_arrive_in_the_order_they_were_sent, 0, SETTINGS);
    tcase_add_loop_test(tests, batches_may_vary_in_size, 0, SETTINGS);
    tcase_add_loop_test(tests, a_message_is_kept_until_the_next_receive_is_posted, 0, SETTINGS);
    tcase_add_loop_test(tests, composing_waits_for_the_last_message_and_leaves_it_whole, 0, SETTINGS);
    tcase_add_loop_test(tests, waiting_for_what_was_never_sent_fails_and_names_the_population_and_the_message,
                        0, SETTINGS);
    tcase_add_loop_test(tests, a_send_without_receiver_fails_and_names_the_population_and_the_message, 0,
                        SETTINGS);
    tcase_add_loop_test(tests, sending_twice_without_a_receive_is_refused_through_memory, 0, SETTINGS);
    tcase_add_loop_test(tests, a_message_of_another_size_is_refused_through_memory, 0, SETTINGS);
    tcase_add_loop_test(tests, the_ledger_counts_every_message_where_it_is_sent, 0, SETTINGS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
