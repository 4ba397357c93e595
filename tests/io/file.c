#include "vicinal/io.h"

#include "io/scratch.h"

static scratch folder;

static void setup(void) {
    scratch_open(&folder);
}

static void teardown(void) {
    scratch_close(&folder);
}

START_TEST(reads_files_of_any_size) {
    const size_t sizes[] = {0, 1, 65534, 65535, 65536, 65537, 1000003};
    size_t size = sizes[_i];
    char *bytes, *data;
    ck_assert_int_eq(vic_allocate(size, 1, &bytes), VIC_OK);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 31 >> 3);
    const char *path = scratch_path(&folder, "some");
    write_bytes(path, bytes, size);
    size_t got;
    ck_assert_int_eq(vic_read_file(path, VIC_BAD_FILE, &data, &got), VIC_OK);
    ck_assert_uint_eq(got, size);
    ck_assert_int_eq(memcmp(data, bytes, size), 0);
    ck_assert_int_eq(data[size], '\0');
    vic_release(&data);
    vic_release(&bytes);
}
END_TEST

START_TEST(says_why_it_cannot_read) {
    char *data = folder.folder;
    size_t size = 7;
    const char *path = scratch_path(&folder, "none");
    assert_refused(vic_read_file(path, VIC_BAD_CONFIG, &data, &size), VIC_BAD_CONFIG, path, "No such file");
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(size, 0);
    assert_refused(vic_read_file(folder.folder, VIC_BAD_FILE, &data, &size), VIC_BAD_FILE, folder.folder,
                   "Is a directory");
    ck_assert_ptr_null(data);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("file");
    TCase *cases = tcase_create("file");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_files_of_any_size, 0, 7);
    tcase_add_test(cases, says_why_it_cannot_read);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
