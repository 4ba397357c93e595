/* Instruction levels: which there are, which runs here, and that each has tables of its own in every
 * registry. */
#include "functions/level.h"
#include "functions/functions.h"
#include "learning/learning.h"
#include "messages/wires/wires.h"
#include "support/suite.h"

#include <check.h>
#include <string.h>

START_TEST(the_highest_that_runs_is_taken) {
    int highest = vic_level_highest();
    ck_assert_int_ge(highest, 0);
    ck_assert_int_eq(vic_level(), highest);
    for (int level = 0; level < vic_level_count(); level++)
        ck_assert(vic_level_runs(level) == (level <= highest));
}
END_TEST

START_TEST(levels_are_found_by_name) {
    for (int level = 0; level < vic_level_count(); level++) {
        int found = -1;
        vic_status status = vic_level_find(vic_level_name(level), &found);
        ck_assert_int_eq(status, vic_level_runs(level) ? VIC_OK : VIC_BAD_CONFIG);
        ck_assert_int_eq(found, level);
        if (status == VIC_OK)
            continue;
        ck_assert_msg(strstr(vic_error_text(), vic_level_name(level)) != NULL, "%s", vic_error_text());
        ck_assert_msg(strstr(vic_error_text(), vic_processor_level()) != NULL, "%s", vic_error_text());
    }
}
END_TEST

START_TEST(other_names_are_refused_with_a_list) {
    static const char *const names[] = {"", "v", "v33", "native"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int level;
        ck_assert_int_eq(vic_level_find(names[i], &level), VIC_BAD_CONFIG);
        for (level = 0; level < vic_level_count(); level++)
            ck_assert_ptr_nonnull(strstr(vic_error_text(), vic_level_name(level)));
    }
}
END_TEST

/* The tables of one precision at the present level. */
typedef struct tables {
    const vic_arithmetic *arithmetic;
    const vic_function_kind *const *functions;
    const vic_loss_kind *const *losses;
    const vic_optimizer_kind *const *optimizers;
    const vic_encoding *const *encodings;
    size_t n_functions, n_losses, n_optimizers, n_encodings;
} tables;

static tables tables_of(vic_precision precision) {
    tables t = {.arithmetic = vic_arithmetic_of(precision)};
    t.functions = vic_function_kinds(precision, &t.n_functions);
    t.losses = vic_loss_kinds(precision, &t.n_losses);
    t.optimizers = vic_optimizer_kinds(precision, &t.n_optimizers);
    t.encodings = vic_encodings(precision, &t.n_encodings);
    return t;
}

/* The same entries, and another function behind each. */
#define ASSERT_APART(a, b, list, call)                                                                       \
    do {                                                                                                     \
        ck_assert_uint_eq((a).n_##list, (b).n_##list);                                                       \
        for (size_t i_ = 0; i_ < (a).n_##list; i_++) {                                                       \
            ck_assert_str_eq((a).list[i_]->name, (b).list[i_]->name);                                        \
            ck_assert_msg((a).list[i_]->call != (b).list[i_]->call, #list " share %s", (a).list[i_]->name);  \
        }                                                                                                    \
    } while (0)

static void assert_apart(const tables *a, const tables *b) {
    ck_assert(a->arithmetic->mix != b->arithmetic->mix);
    ASSERT_APART(*a, *b, functions, forward);
    ASSERT_APART(*a, *b, losses, evaluate);
    ASSERT_APART(*a, *b, optimizers, update);
    ASSERT_APART(*a, *b, encodings, encode);
}

START_TEST(every_level_and_precision_has_its_own_code) {
    tables all[8];
    int n = 0;
    for (int level = 0; level < vic_level_count(); level++) {
        vic_level_set(level);
        ck_assert_int_eq(vic_level(), level);
        for (int precision = VIC_FLOAT32; precision <= VIC_FLOAT64; precision++) {
            ck_assert_int_lt(n, 8);
            all[n++] = tables_of((vic_precision)precision);
        }
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            assert_apart(&all[i], &all[k]);
}
END_TEST

START_TEST(the_older_of_two_kernels_is_known) {
    ck_assert_ptr_nonnull(vic_blas_kernel());
    ck_assert_str_eq(vic_blas_older_kernel("Haswell", "Nehalem"), "Nehalem");
    ck_assert_str_eq(vic_blas_older_kernel("NEHALEM", "haswell"), "NEHALEM");
    ck_assert_str_eq(vic_blas_older_kernel("SkylakeX", "Zen"), "Zen");
    ck_assert_str_eq(vic_blas_older_kernel("neoversen1", "armv8"), "armv8");
    ck_assert_str_eq(vic_blas_older_kernel("new", "newer"), "new");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("level");
    TCase *tests = tcase_create("level");
    tcase_add_test(tests, the_highest_that_runs_is_taken);
    tcase_add_test(tests, levels_are_found_by_name);
    tcase_add_test(tests, other_names_are_refused_with_a_list);
    tcase_add_test(tests, every_level_and_precision_has_its_own_code);
    tcase_add_test(tests, the_older_of_two_kernels_is_known);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
