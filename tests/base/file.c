#include "base/file.h"
#include "base/open_file.h"
#include "support/scratch.h"
#include "support/suite.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

START_TEST(reports_why_it_cannot_read) {
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

/* Opens a file of two bytes and reads one; then `change` does something to it. */
static vic_status read_around(void (*change)(const char *path)) {
    vic_open file;
    char byte;
    size_t got = 1;
    const char *path = scratch_path(&folder, "changing");
    write_bytes(path, "ab", 2);
    ck_assert_int_eq(vic_open_file(&file, path, VIC_BAD_CONFIG), VIC_OK);
    ck_assert_int_eq(vic_open_read(&file, &byte, 1, &got), VIC_OK);
    change(path);
    vic_status status = VIC_OK;
    while (status == VIC_OK && got > 0)
        status = vic_open_read(&file, &byte, 1, &got);
    vic_close_file(&file);
    return status;
}

static void append(const char *path) {
    FILE *file = fopen(path, "ab");
    ck_assert_int_eq(fputc('c', file), 'c');
    fclose(file);
}

static void shorten(const char *path) {
    ck_assert_int_eq(truncate(path, 1), 0);
}

static void overwrite(const char *path) {
    const struct timespec earlier[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, earlier, 0), 0);
}

static void replace(const char *path) {
    char other[512];
    snprintf(other, sizeof other, "%s.new", path);
    write_bytes(other, "ab", 2);
    ck_assert_int_eq(rename(other, path), 0);
}

static void take_away(const char *path) {
    ck_assert_int_eq(unlink(path), 0);
}

START_TEST(refuses_what_changes_while_it_is_read) {
    static const struct {
        void (*change)(const char *path);
        const char *how;
    } changes[] = {{append, "its size"},
                   {shorten, "its size"},
                   {overwrite, "its time"},
                   {replace, "another file has its name"}};
    const char *path = scratch_path(&folder, "changing");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        assert_refused(read_around(changes[i].change), VIC_BAD_CONFIG, path, changes[i].how);
    ck_assert_int_eq(read_around(take_away), VIC_OK);
}
END_TEST

static void assert_holds(const char *path, const char *text) {
    char *data;
    size_t size;
    ck_assert_int_eq(vic_read_file(path, VIC_BAD_FILE, &data, &size), VIC_OK);
    ck_assert_str_eq(data, text);
    vic_release(&data);
}

static mode_t kind_of(const char *path) {
    struct stat there;
    ck_assert_int_eq(lstat(path, &there), 0);
    return there.st_mode & S_IFMT;
}

START_TEST(writes_into_a_pipe) {
    char text[6] = "";
    const char *path = scratch_path(&folder, "pipe");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    ck_assert_int_eq(vic_try_file(path), VIC_OK);
    ck_assert_int_eq(vic_write_file(path, "words", 5), VIC_OK);
    ck_assert_uint_eq(kind_of(path), S_IFIFO);
    ck_assert_int_eq(read(reader, text, 5), 5);
    ck_assert_str_eq(text, "words");
    close(reader);
}
END_TEST

START_TEST(writes_where_a_link_leads) {
    char link[512];
    snprintf(link, sizeof link, "%s", scratch_path(&folder, "link"));
    const char *path = scratch_path(&folder, "file");
    write_bytes(path, "old", 3);
    ck_assert_int_eq(symlink("file", link), 0);
    ck_assert_int_eq(vic_try_file(link), VIC_OK);
    assert_holds(path, "old");
    ck_assert_int_eq(vic_write_file(link, "new", 3), VIC_OK);
    ck_assert_uint_eq(kind_of(link), S_IFLNK);
    assert_holds(path, "new");
}
END_TEST

/* As under `--csv /dev/stdout > file`: what was printed before stays, and comes first. */
START_TEST(writes_after_what_stdout_has) {
    char file[512];
    snprintf(file, sizeof file, "%s", scratch_path(&folder, "printed"));
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), to = open(file, O_WRONLY | O_CREAT, 0600);
    dup2(to, STDOUT_FILENO);
    printf("before, ");
    vic_status status = vic_write_file(file, "within, ", 8);
    printf("after");
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(to);
    ck_assert_int_eq(status, VIC_OK);
    assert_holds(file, "before, within, after");
}
END_TEST

START_TEST(reports_a_full_device) {
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path(&folder, "full"));
    ck_assert_int_eq(symlink("/dev/full", path), 0);
    assert_refused(vic_write_file(path, "words", 5), VIC_BAD_FILE, path, "No space left");
    ck_assert_uint_eq(kind_of(path), S_IFLNK);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("file");
    TCase *cases = tcase_create("file");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_files_of_any_size, 0, 7);
    tcase_add_test(cases, reports_why_it_cannot_read);
    tcase_add_test(cases, refuses_what_changes_while_it_is_read);
    tcase_add_test(cases, writes_into_a_pipe);
    tcase_add_test(cases, writes_where_a_link_leads);
    tcase_add_test(cases, writes_after_what_stdout_has);
    tcase_add_test(cases, reports_a_full_device);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
