#include "support/suite.h"
#include "tensors/safetensors.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static void assert_refused(vic_status status, const char *fragment) {
    ck_assert_int_eq(status, VIC_BAD_FILE);
    ck_assert_msg(strstr(vic_error_text(), fragment) != NULL, "\"%s\" is not in: %s", fragment,
                  vic_error_text());
}

START_TEST(keeps_the_order_and_aligns_the_data) {
    const size_t dim[] = {3, 5};
    vic_tensor_plan plan = {0};
    ck_assert_int_eq(vic_tensor_plan_add(&plan, "a", "F32", 2, dim), VIC_OK);
    ck_assert_int_eq(vic_tensor_plan_add(&plan, "loss", "F64", 0, NULL), VIC_OK);
    ck_assert_int_eq(vic_tensor_plan_add(&plan, "b", "F32", 1, dim), VIC_OK);
    ck_assert_int_eq(vic_tensor_plan_add(&plan, "steps", "I64", 1, dim), VIC_OK);
    const char *const names[] = {"a", "loss", "b", "steps"};
    const uint64_t offsets[] = {32, 0, 92, 8}, bytes[] = {60, 8, 12, 24};
    ck_assert_uint_eq(plan.n, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(plan.tensors[i].name, names[i]);
        ck_assert_uint_eq(plan.tensors[i].offset, offsets[i]);
        ck_assert_uint_eq(plan.tensors[i].bytes, bytes[i]);
    }
    ck_assert_uint_eq(plan.tensors[0].count, 15);
    ck_assert_uint_eq(plan.tensors[1].count, 1);
    vic_tensor_plan_release(&plan);
    ck_assert_uint_eq(plan.n, 0);
    ck_assert_ptr_null(plan.tensors);
}
END_TEST

START_TEST(refuses_what_cannot_be_written) {
    const size_t dim[] = {4, (size_t)1 << 59};
    vic_tensor_plan plan = {0};
    ck_assert_int_eq(vic_tensor_plan_add(&plan, "a", "F32", 1, dim), VIC_OK);
    assert_refused(vic_tensor_plan_add(&plan, "a", "F64", 1, dim), "\"a\" is to be written twice");
    assert_refused(vic_tensor_plan_add(&plan, "b", "BF16", 1, dim),
                   "dtype \"BF16\", expected F32, F64 or I64");
    assert_refused(vic_tensor_plan_add(&plan, "__metadata__", "F32", 1, dim), "reserved");
    assert_refused(vic_tensor_plan_add(&plan, "b", "F64", 2, dim), "overflows");
    assert_refused(vic_tensor_plan_add(&plan, "b", "F32", 2, dim), "larger than 2^63 bytes");
    ck_assert_uint_eq(plan.n, 1);
    ck_assert_int_eq(vic_tensor_plan_describe(&plan, "name", "x"), VIC_OK);
    assert_refused(vic_tensor_plan_describe(&plan, "name", "y"), "\"name\" is to be written twice");
    ck_assert_uint_eq(plan.n_metadata, 1);
    vic_tensor_plan_release(&plan);
}
END_TEST

START_TEST(grows) {
    enum { N = 300 };
    vic_tensor_plan plan = {0};
    for (size_t i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%zu", i);
        ck_assert_int_eq(vic_tensor_plan_add(&plan, name, "F32", 1, &i), VIC_OK);
        ck_assert_int_eq(vic_tensor_plan_describe(&plan, name, name), VIC_OK);
    }
    ck_assert_uint_eq(plan.tensors[N - 1].offset, 4 * (N - 1) * (N - 2) / 2);
    ck_assert_str_eq(plan.metadata[2 * N - 1], "t299");
    vic_tensor_plan_release(&plan);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tensor_plan");
    TCase *cases = tcase_create("tensor_plan");
    tcase_add_test(cases, keeps_the_order_and_aligns_the_data);
    tcase_add_test(cases, refuses_what_cannot_be_written);
    tcase_add_test(cases, grows);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
