/* The ranks of a group take the lowest level of theirs. A process that has agreed on one keeps it, so that
 * the order of these tests counts, and those on 3 ranks are others. */
#include "functions/level.h"
#include "messages/group_mpi.h"
#include "support/together.h"

#include <string.h>

START_TEST(a_level_that_there_is_not_is_refused_on_all_ranks) {
    int before = vic_level();
    const char *wanted = together_rank() == together_size() - 1 ? "v0" : NULL;
    vic_status status = vic_group_agree_on_level(together_group(), wanted);
    together_assert(status == VIC_BAD_CONFIG);
    together_assert_msg(strstr(vic_error_text(), "'v0'") != NULL, "%s", vic_error_text());
    together_assert(vic_level() == before);
}
END_TEST

START_TEST(the_lowest_level_is_taken) {
    const char *wanted = together_rank() == together_size() - 1 ? vic_level_name(0) : NULL;
    together_assert(vic_level() == vic_level_highest());
    together_assert_ok(vic_group_agree_on_level(together_group(), wanted));
    together_assert(vic_level() == 0);
}
END_TEST

START_TEST(it_stays) {
    together_assert_ok(vic_group_agree_on_level(together_group(), NULL));
    together_assert(vic_level() == 0);
    together_assert_ok(vic_group_agree_on_level(together_group(), vic_level_name(vic_level_highest())));
    together_assert(vic_level() == 0);
}
END_TEST

START_TEST(a_rank_that_computes_at_a_higher_level_is_not_taken_along) {
    vic_group *alone;
    int highest = vic_level_highest();
    const char *lower = together_rank() == 1 ? vic_level_name(0) : NULL;
    vic_status status = vic_group_create(&alone, MPI_COMM_SELF);
    if (status == VIC_OK && together_rank() == 0)
        status = vic_group_agree_on_level(alone, NULL);
    together_assert_ok(status);
    vic_group_destroy(&alone);
    status = vic_group_agree_on_level(together_group(), lower);
    together_assert(status == (highest > 0 ? VIC_BAD_CONFIG : VIC_OK));
    together_assert_msg(highest == 0 || strstr(vic_error_text(), "since its first model") != NULL, "%s",
                        vic_error_text());
    together_assert(vic_level() == highest);
    together_assert_ok(vic_group_agree_on_level(together_group(), NULL));
    together_assert(vic_level() == highest);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("messages/agree_level");
    TCase *tests = tcase_create("agree_level");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, a_level_that_there_is_not_is_refused_on_all_ranks);
    if (together_size() == 3) {
        tcase_add_test(tests, a_rank_that_computes_at_a_higher_level_is_not_taken_along);
    } else {
        tcase_add_test(tests, the_lowest_level_is_taken);
        tcase_add_test(tests, it_stays);
    }
    suite_add_tcase(suite, tests);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
