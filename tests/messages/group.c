#define _GNU_SOURCE /* sched_setaffinity */
/* The collective calls of a group, with each way of waiting. What ranks agree on here is compared by MPI
 * itself, for a group that cannot agree would hide its own failure. */
#include "messages/cores.h"
#include "messages/group_mpi.h"

#include <check.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static vic_group *group;
static int rank, size;

static const vic_waiting ways[] = {VIC_SPIN, VIC_BACK_OFF, VIC_BLOCK};
enum { WAYS = sizeof ways / sizeof *ways };

/* Fails on every rank unless `ok` holds on all. */
static void everywhere(bool ok, const char *what) {
    int mine = ok, all;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    ck_assert_msg(all, "%s does not hold on every rank", what);
}
#define EVERYWHERE(condition) everywhere((condition), #condition)

static void setup(void) {
    EVERYWHERE(vic_group_create(&group, MPI_COMM_WORLD) == VIC_OK);
}

static void teardown(void) {
    vic_group_destroy(&group);
    EVERYWHERE(group == NULL);
}

START_TEST(a_group_is_as_large_as_its_communicator) {
    EVERYWHERE(vic_group_size(group) == size && vic_group_rank(group) == rank);
}
END_TEST

/* Each rank has as many cores as it likes in the machine, and all together one that they may use. */
START_TEST(ranks_that_share_one_core_leave_it_to_each_other) {
    cpu_set_t before, one;
    vic_group *crowded = NULL;
    int core = 0;
    ck_assert(sched_getaffinity(0, sizeof before, &before) == 0);
    while (!CPU_ISSET(core, &before))
        core++;
    MPI_Bcast(&core, 1, MPI_INT, 0, MPI_COMM_WORLD);
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    EVERYWHERE(sched_setaffinity(0, sizeof one, &one) == 0);
    EVERYWHERE(vic_group_create(&crowded, MPI_COMM_WORLD) == VIC_OK);
    vic_waiting waiting = vic_group_waiting(crowded);
    int cores = vic_group_cores(crowded);
    vic_group_destroy(&crowded);
    EVERYWHERE(sched_setaffinity(0, sizeof before, &before) == 0);
    EVERYWHERE(waiting == (size > 1 ? VIC_BACK_OFF : VIC_SPIN));
    EVERYWHERE(cores == 1);
}
END_TEST

typedef struct sharing {
    int sharers[4], may_use[4], cores;
} sharing;

static const sharing sharings[] = {
    {{1, 1, 1, 1}, {1, 1, 1, 1}, 4}, {{2, 2, 2, 2}, {1, 1, 1, 1}, 2}, {{3, 3, 3, 3}, {1, 1, 1, 1}, 1},
    {{3, 3, 3, 0}, {1, 1, 1, 0}, 1}, {{5, 5, 5, 5}, {1, 1, 1, 1}, 1}, {{1, 1, 2, 2}, {1, 1, 0, 0}, 2},
    {{1, 1, 2, 2}, {0, 0, 1, 1}, 1}, {{1, 0, 2, 2}, {1, 0, 1, 1}, 2}, {{0, 0, 0, 0}, {0, 0, 0, 0}, 1},
};

START_TEST(a_rank_has_its_share_of_the_cores) {
    const sharing *s = &sharings[_i];
    EVERYWHERE(vic_cores_of_rank(4, s->sharers, s->may_use) == s->cores);
}
END_TEST

/* Ranks that may all use all cores of this machine. */
START_TEST(cores_are_divided_by_ranks) {
    cpu_set_t mine;
    EVERYWHERE(sched_getaffinity(0, sizeof mine, &mine) == 0);
    int share = CPU_COUNT(&mine) / size;
    EVERYWHERE(vic_group_cores(group) == (share > 1 ? share : 1));
}
END_TEST

START_TEST(all_well_is_agreed_on) {
    vic_group_set_waiting(group, ways[_i]);
    EVERYWHERE(vic_group_agree_on_status(group, VIC_OK) == VIC_OK);
}
END_TEST

/* Every set of ranks fails once, each rank with a status and a text of its own. */
START_TEST(the_lowest_rank_that_failed_is_believed_everywhere) {
    static const vic_status statuses[] = {VIC_BAD_FILE, VIC_BAD_CONFIG, VIC_NO_MEMORY, VIC_NOT_FINITE};
    vic_group_set_waiting(group, ways[_i]);
    for (int failing = 1; failing < 1 << size && failing < 16; failing++) {
        int lowest = 0;
        while (!(failing >> lowest & 1))
            lowest++;
        char text[32];
        snprintf(text, sizeof text, "rank %d fell", lowest);
        vic_fail(VIC_BAD_FILE, "something older");
        vic_status mine = VIC_OK;
        if (failing >> rank & 1)
            mine = vic_fail(statuses[rank % 4], "rank %d fell", rank);
        vic_status all = vic_group_agree_on_status(group, mine);
        EVERYWHERE(all == statuses[lowest % 4]);
        EVERYWHERE(strcmp(vic_error_text(), text) == 0);
    }
}
END_TEST

START_TEST(long_texts_arrive_whole_or_cut_and_closed) {
    char longer[900];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    vic_status mine = rank == size - 1 ? vic_fail(VIC_BAD_FILE, "%s", longer) : VIC_OK;
    EVERYWHERE(vic_group_agree_on_status(group, mine) == VIC_BAD_FILE);
    EVERYWHERE(strcmp(vic_error_text(), longer) == 0);
}
END_TEST

START_TEST(rank_0_broadcasts_its_bytes) {
    static const size_t sizes[] = {0, 1, 100, 3000000};
    vic_group_set_waiting(group, ways[_i]);
    for (int s = 0; s < 4; s++) {
        unsigned char *data = NULL;
        size_t bytes = rank == 0 ? sizes[s] : 77;
        vic_status status = rank == 0 ? vic_allocate(bytes + 1, 1, &data) : VIC_OK;
        for (size_t i = 0; rank == 0 && i < bytes; i++)
            data[i] = (unsigned char)(i * 7 + 1);
        EVERYWHERE(status == VIC_OK && vic_group_broadcast(group, &data, &bytes) == VIC_OK);
        bool same = bytes == sizes[s] && data != NULL && data[bytes] == 0;
        for (size_t i = 0; same && i < bytes; i++)
            same = data[i] == (unsigned char)(i * 7 + 1);
        EVERYWHERE(same);
        vic_release(&data);
    }
}
END_TEST

START_TEST(the_largest_is_found_for_each_number) {
    vic_group_set_waiting(group, ways[_i]);
    const int64_t mine[4] = {rank, -rank, INT64_MIN + rank, rank == size / 2 ? INT64_MAX : 0};
    int64_t all[4] = {0};
    EVERYWHERE(vic_group_allreduce_max(group, 4, mine, all) == VIC_OK);
    EVERYWHERE(all[0] == size - 1 && all[1] == 0 && all[2] == INT64_MIN + size - 1 && all[3] == INT64_MAX);
}
END_TEST

/* One rank comes much later than messages of inference may. */
START_TEST(collective_calls_wait_for_the_slowest_rank) {
    const struct timespec later = {.tv_nsec = 200 * 1000 * 1000};
    int64_t mine = rank, largest = 0;
    size_t size_of_text = 6, gathered = 0;
    char *text = NULL, *all = NULL;
    vic_group_set_waiting(group, ways[_i]);
    vic_group_set_timeout(group, 0.02);
    EVERYWHERE(rank != 0 || vic_format(&text, "shared") == VIC_OK);
    for (int call = 0; call < 4; call++) {
        if (rank == (call == 1 ? 0 : size - 1))
            nanosleep(&later, NULL);
        vic_status status = call == 0   ? vic_group_agree_on_status(group, VIC_OK)
                            : call == 1 ? vic_group_broadcast(group, &text, &size_of_text)
                            : call == 2 ? vic_group_allreduce_max(group, 1, &mine, &largest)
                                        : vic_group_gather(group, "x", 1, &all, &gathered);
        EVERYWHERE(status == VIC_OK);
    }
    EVERYWHERE(strcmp(text, "shared") == 0 && largest == size - 1);
    EVERYWHERE(gathered == (rank == 0 ? (size_t)size : 0));
    vic_release(&text);
    vic_release(&all);
}
END_TEST

/* ---- rows of populations ---- */

enum { POPULATIONS = 6, ROW = 3 };

/* Blocks, one each with the rest on the last, dealt out in turns, all on the last, and backwards. */
static void place(int how, int rank_of[POPULATIONS]) {
    for (int p = 0; p < POPULATIONS; p++) {
        const int placed[] = {p * size / POPULATIONS, p < size ? p : size - 1, p % size, size - 1,
                              (POPULATIONS - 1 - p) % size};
        rank_of[p] = placed[how];
    }
}

START_TEST(rows_are_collected_from_any_placement) {
    vic_group_set_waiting(group, ways[_i]);
    for (int how = 0; how < 5; how++) {
        int rank_of[POPULATIONS], local = 0;
        double mine[POPULATIONS][ROW], all[POPULATIONS][ROW];
        place(how, rank_of);
        for (int p = 0; p < POPULATIONS; p++) {
            for (int c = 0; c < ROW; c++) {
                all[p][c] = NAN;
                mine[local][c] = 10 * p + c + 0.25;
            }
            local += rank_of[p] == rank && p + 1 < POPULATIONS;
        }
        EVERYWHERE(vic_group_gather_rows(group, rank_of, POPULATIONS, ROW, mine[0], all[0]) == VIC_OK);
        bool right = true;
        for (int p = 0; p < POPULATIONS; p++)
            for (int c = 0; rank == 0 && c < ROW; c++)
                right = right && all[p][c] == 10 * p + c + 0.25;
        EVERYWHERE(right);
    }
}
END_TEST

START_TEST(rank_0_fetches_from_any_population) {
    vic_group_set_waiting(group, ways[_i]);
    for (int how = 0; how < 5; how++) {
        int rank_of[POPULATIONS];
        place(how, rank_of);
        for (int p = 0; p < POPULATIONS; p++) {
            double values[2] = {100 * rank + p, 0.5};
            EVERYWHERE(vic_group_fetch(group, rank_of, p, 2, values) == VIC_OK);
            EVERYWHERE(values[0] == 100 * (rank == 0 ? rank_of[p] : rank) + p && values[1] == 0.5);
        }
    }
}
END_TEST

/* A library must leave the communicator that it was given, and other groups on it, alone. */
START_TEST(groups_do_not_disturb_each_other) {
    vic_group *other;
    EVERYWHERE(vic_group_create(&other, MPI_COMM_WORLD) == VIC_OK);
    int64_t mine = rank, a = 0, b = 0;
    EVERYWHERE(vic_group_allreduce_max(other, 1, &mine, &a) == VIC_OK);
    vic_group_destroy(&other);
    EVERYWHERE(vic_group_allreduce_max(group, 1, &mine, &b) == VIC_OK);
    EVERYWHERE(a == size - 1 && b == size - 1);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("messages/group");
    TCase *tests = tcase_create("group");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_group_is_as_large_as_its_communicator);
    tcase_add_test(tests, ranks_that_share_one_core_leave_it_to_each_other);
    tcase_add_loop_test(tests, a_rank_has_its_share_of_the_cores, 0, sizeof sharings / sizeof *sharings);
    tcase_add_test(tests, cores_are_divided_by_ranks);
    tcase_add_loop_test(tests, all_well_is_agreed_on, 0, WAYS);
    tcase_add_loop_test(tests, the_lowest_rank_that_failed_is_believed_everywhere, 0, WAYS);
    tcase_add_test(tests, long_texts_arrive_whole_or_cut_and_closed);
    tcase_add_loop_test(tests, rank_0_broadcasts_its_bytes, 0, WAYS);
    tcase_add_loop_test(tests, the_largest_is_found_for_each_number, 0, WAYS);
    tcase_add_loop_test(tests, collective_calls_wait_for_the_slowest_rank, 0, WAYS);
    tcase_add_loop_test(tests, rows_are_collected_from_any_placement, 0, WAYS);
    tcase_add_loop_test(tests, rank_0_fetches_from_any_population, 0, WAYS);
    tcase_add_test(tests, groups_do_not_disturb_each_other);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    SRunner *runner = srunner_create(make_suite());
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, rank == 0 ? CK_ENV : CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    MPI_Finalize();
    return failed != 0;
}
