/* What shared memory adds to the contract of channels, and keeps of it: a segment for each edge between two
 * ranks, messages that are read in place, and micro-batches in one slot. */
#include "lines.h"

#include "messages/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- pages, whose allocation the linker leads through here ---- */

static int made, named;

vic_status __real_vic_segment_allocate(vic_segment *s);
vic_status __wrap_vic_segment_allocate(vic_segment *s);

static bool has_a_name(const vic_segment *s) {
    int file = shm_open(s->name, O_RDONLY, 0);
    if (file >= 0)
        close(file);
    return file >= 0;
}

vic_status __wrap_vic_segment_allocate(vic_segment *s) {
    made += s->is_made;
    named += s->is_made && has_a_name(s);
    return __real_vic_segment_allocate(s);
}

START_TEST(pages_are_allocated_when_the_name_is_gone) {
    int expected = 0;
    made = named = 0;
    create_wiring(_i);
    for (int i = 0; i < lines(); i++)
        expected += is_shared(_i) && line_at(i).kind == VIC_PREDICTION && sender(line_at(i)) &&
                    receiver(line_at(i)) == NULL;
    together_assert(named == 0);
    together_assert(made == expected);
    destroy_wiring();
}
END_TEST

/* ---- messages ---- */

START_TEST(neighbours_on_two_ranks_share_a_segment_where_they_are_told_to) {
    create_wiring(_i);
    bool right = vic_wiring_note(wiring) == NULL;
    for (int i = 0; i < lines(); i++) {
        const char *name;
        size_t bytes, messages = VIC_MESSAGE_KINDS * numbers(line_at(i), CAPACITY) * sizeof(double);
        vic_wiring_segment(wiring, line_at(i).edge, &name, &bytes);
        bool wanted = is_shared(_i) && (sender(line_at(i)) == NULL) != (receiver(line_at(i)) == NULL);
        right = right && (*name != '\0') == wanted && (wanted ? bytes >= 2 * messages : bytes == 0);
    }
    together_assert(right);
    destroy_wiring();
}
END_TEST

/* The kernel writes to no memory that this process may not write to. */
static bool is_read_only(const void *message) {
    int zeros = open("/dev/zero", O_RDONLY);
    bool refused = read(zeros, (void *)(uintptr_t)message, 1) < 0 && errno == EFAULT;
    close(zeros);
    return refused;
}

START_TEST(a_message_in_shared_memory_cannot_be_written_where_it_is_read) {
    create_wiring(_i);
    for (int i = 0; i < lines(); i++) {
        const line l = line_at(i);
        const void *message = NULL;
        together_assert_ok(deliver(l, 1, 1, &message));
        bool apart = receiver(l) && sender(l) == NULL;
        together_assert(!apart || is_read_only(message) == is_shared(_i));
    }
    destroy_wiring();
}
END_TEST

/* Both messages of this line are composed before the first has been given back. */
START_TEST(the_next_message_is_composed_while_the_last_is_read) {
    create_wiring(_i);
    for (int i = 0; i < lines(); i++) {
        const line l = line_at(i);
        const void *first = NULL;
        void *second;
        bool apart = sending_rank(l) != receiving_rank(l);
        vic_status status = deliver(l, 1, 1, &first);
        if (status == VIC_OK && apart && sender(l))
            status = vic_channel_compose(sender(l), &second);
        for (size_t n = 0; status == VIC_OK && apart && sender(l) && n < numbers(l, CAPACITY); n++)
            ((double *)second)[n] = -1;
        together_assert_ok(status);
        together_assert(!apart || is_remembered(l, first, 1));
        together_assert_ok(exchange(l, 2, CAPACITY, 2));
    }
    destroy_wiring();
}
END_TEST

/* ---- micro-batches ---- */

enum { MICROBATCHES = 3, PIECE = CAPACITY / MICROBATCHES };

static vic_channel *piece(vic_channel *channel, line l, int k) {
    return vic_channel_microbatch(channel, k, (size_t)k * numbers(l, PIECE));
}

static vic_status send_piece(line l, int step, int k) {
    void *message;
    if (sender(l) == NULL)
        return VIC_OK;
    VIC_TRY(vic_channel_compose(piece(sender(l), l, k), &message));
    for (size_t i = 0; i < numbers(l, PIECE); i++)
        ((double *)message)[i] = content(l, step, (size_t)k * numbers(l, PIECE) + i);
    return vic_channel_send(piece(sender(l), l, k), step, numbers(l, PIECE));
}

/* Those that have come lie one behind the other, the last ones received included. */
static vic_status receive_pieces(line l, int step, int pieces) {
    const void *whole = NULL, *message;
    for (int k = 0; k < pieces && receiver(l); k++) {
        VIC_TRY(vic_channel_receive(piece(receiver(l), l, k), &message));
        whole = k == 0 ? message : whole;
        if (!holds(l, whole, (size_t)(k + 1) * PIECE, step))
            return vic_fail(VIC_CHECK_FAILED, "micro-batch %d of step %d is not what was sent", k, step);
    }
    return VIC_OK;
}

static vic_status exchange_pieces(line l, int step, int pieces) {
    for (int k = 0; k < pieces && receiver(l); k++)
        VIC_TRY(vic_channel_post_receive(piece(receiver(l), l, k), step, numbers(l, PIECE)));
    for (int k = 0; k < pieces; k++)
        VIC_TRY(send_piece(l, step, k));
    return receive_pieces(l, step, pieces);
}

START_TEST(microbatches_lie_one_behind_the_other_however_many_there_are) {
    static const int pieces[] = {MICROBATCHES, 1, 2, MICROBATCHES, 1};
    create_wiring(_i);
    together_assert_ok(vic_wiring_split(wiring, MICROBATCHES));
    for (int step = 0; step < 5; step++)
        for (int i = 0; i < lines(); i++)
            together_assert_ok(exchange_pieces(line_at(i), step, pieces[step]));
    destroy_wiring();
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("messages/segments");
    TCase *tests = tcase_create("segments");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, neighbours_on_two_ranks_share_a_segment_where_they_are_told_to, 0, SETTINGS);
    tcase_add_loop_test(tests, pages_are_allocated_when_the_name_is_gone, 0, SETTINGS);
    tcase_add_loop_test(tests, a_message_in_shared_memory_cannot_be_written_where_it_is_read, 0, SETTINGS);
    tcase_add_loop_test(tests, the_next_message_is_composed_while_the_last_is_read, 0, SETTINGS);
    tcase_add_loop_test(tests, microbatches_lie_one_behind_the_other_however_many_there_are, 0, SETTINGS);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
