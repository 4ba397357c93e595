/* Runs on any number of ranks. No rank fails alone: they agree on what they saw, then assert together. */
#include "base/file.h"
#include "messages/group_mpi.h"
#include "support/scratch.h"
#include "tensors/safetensors.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static scratch folder;
static vic_group *group;

static bool everywhere(bool ok) {
    int mine = ok, all;
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    return all;
}

static bool first(void) {
    return vic_group_rank(group) == 0;
}

static bool last(void) {
    return vic_group_rank(group) == vic_group_size(group) - 1;
}

static void setup(void) {
    ck_assert_int_eq(vic_group_create(&group, MPI_COMM_WORLD), VIC_OK);
    if (first())
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static void teardown(void) {
    MPI_Barrier(MPI_COMM_WORLD);
    if (first())
        scratch_close(&folder);
    vic_group_destroy(&group);
}

static bool has_text(const char *path, const char *fragment) {
    bool message = strstr(vic_error_text(), path) != NULL && strstr(vic_error_text(), fragment) != NULL;
    if (!message)
        fprintf(stderr, "\"%s\" is not in: %s\n", fragment, vic_error_text());
    return message;
}

/* ---- the file that most tests write: four tensors, one per rank in turn ---- */

static const float weights[] = {1, -2.5f, 3};
static const int64_t steps[] = {-1, INT64_MAX};
static const double loss = 0.1;

static const struct {
    const char *name, *dtype;
    int rank;
    size_t dim[2];
    const void *values;
} parts[] = {
    {"0.0.\"weight\"", "F32", 2, {1, 3}, weights},
    {"steps", "I64", 1, {2}, steps},
    {"empty", "F32", 1, {0}, weights},
    {"loss", "F64", 0, {0}, &loss},
};

enum { N_PARTS = sizeof parts / sizeof parts[0] };

static const char expected_header[] =
    "{\"__metadata__\":{\"name\":\"two\\nlines\"},"
    "\"0.0.\\\"weight\\\"\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[24,36]},"
    "\"steps\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]},"
    "\"empty\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[36,36]},"
    "\"loss\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[16,24]}}";

static vic_status create(vic_tensor_writer **writer, const char *path) {
    vic_tensor_plan plan = {0};
    vic_status status = vic_tensor_plan_describe(&plan, "name", "two\nlines");
    for (size_t i = 0; i < N_PARTS && status == VIC_OK; i++)
        status = vic_tensor_plan_add(&plan, parts[i].name, parts[i].dtype, parts[i].rank, parts[i].dim);
    if (everywhere(status == VIC_OK))
        status = vic_tensor_writer_create(writer, group, path, &plan);
    vic_tensor_plan_release(&plan); /* the writer needs it no longer */
    return status;
}

static vic_status put_mine(vic_tensor_writer *writer) {
    vic_status status = VIC_OK;
    for (int i = 0; i < N_PARTS && status == VIC_OK; i++)
        if (i % vic_group_size(group) == vic_group_rank(group))
            status = vic_tensor_writer_put(writer, parts[i].name, parts[i].values);
    return status;
}

/* The bytes of the file, made by hand: the same on any number of ranks. */
static size_t expected_bytes(unsigned char *bytes) {
    size_t length = (strlen(expected_header) + 7) / 8 * 8;
    memset(bytes, 0, 8);
    bytes[0] = (unsigned char)(length & 0xff);
    bytes[1] = (unsigned char)(length >> 8);
    memset(bytes + 8, ' ', length);
    memcpy(bytes + 8, expected_header, strlen(expected_header));
    unsigned char *data = bytes + 8 + length;
    memcpy(data, steps, 16);
    memcpy(data + 16, &loss, 8);
    memcpy(data + 24, weights, 12);
    return 8 + length + 36;
}

static bool holds(const char *path, const void *bytes, size_t size) {
    char *data;
    size_t got;
    bool same = vic_read_file(path, VIC_BAD_FILE, &data, &got) == VIC_OK && got == size &&
                memcmp(data, bytes, size) == 0;
    vic_release(&data);
    return same;
}

static bool nothing_there(void) {
    MPI_Barrier(MPI_COMM_WORLD);
    return scratch_count(&folder) == 0;
}

/* ---- tests ---- */

START_TEST(writes_the_same_bytes_on_any_number_of_ranks) {
    unsigned char bytes[1024];
    size_t size = expected_bytes(bytes);
    const char *path = scratch_path(&folder, "a.safetensors");
    vic_tensor_writer *writer;
    ck_assert(everywhere(create(&writer, path) == VIC_OK));
    bool hidden = access(path, F_OK) != 0;
    vic_status mine = put_mine(writer);
    MPI_Barrier(MPI_COMM_WORLD);
    hidden = hidden && access(path, F_OK) != 0;
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, mine) == VIC_OK && writer == NULL));
    ck_assert(everywhere(hidden));
    ck_assert(everywhere(holds(path, bytes, size)));
    ck_assert(everywhere(scratch_count(&folder) == 1));
}
END_TEST

START_TEST(what_is_written_reads_back) {
    const char *path = scratch_path(&folder, "a.safetensors");
    vic_tensor_writer *writer;
    vic_tensor_file *file;
    ck_assert(everywhere(create(&writer, path) == VIC_OK));
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, put_mine(writer)) == VIC_OK));
    bool ok = vic_tensor_file_open(&file, path) == VIC_OK;
    ck_assert(everywhere(ok));
    for (size_t i = 0; i < N_PARTS; i++) {
        const vic_tensor *tensor = vic_tensor_file_find(file, parts[i].name);
        ok = ok && tensor != NULL && tensor->rank == parts[i].rank &&
             tensor->offset % (strcmp(tensor->dtype, "F32") == 0 ? 4 : 8) == 0;
    }
    double value;
    ok =
        ok &&
        vic_tensor_read_real(file, vic_tensor_file_find(file, "loss"), 0, 1, VIC_FLOAT64, &value) == VIC_OK &&
        value == loss;
    ok = ok && strcmp(vic_tensor_file_metadata(file, "name"), "two\nlines") == 0;
    vic_tensor_file_close(&file);
    ck_assert(everywhere(ok));
}
END_TEST

START_TEST(replaces_what_is_there) {
    unsigned char bytes[1024], old[2000] = {1};
    size_t size = expected_bytes(bytes);
    const char *path = scratch_path(&folder, "a.safetensors");
    if (first())
        write_bytes(path, old, sizeof old);
    MPI_Barrier(MPI_COMM_WORLD);
    vic_tensor_writer *writer;
    ck_assert(everywhere(create(&writer, path) == VIC_OK));
    ck_assert(everywhere(holds(path, old, sizeof old)));
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, put_mine(writer)) == VIC_OK));
    ck_assert(everywhere(holds(path, bytes, size) && scratch_count(&folder) == 1));
}
END_TEST

/* A name of the user's own that looks like one of a file that grows. */
START_TEST(leaves_other_files_beside_it_alone) {
    static const char theirs[] = "mine";
    char path[200], other[200];
    snprintf(path, sizeof path, "%s", scratch_path(&folder, "a.safetensors"));
    snprintf(other, sizeof other, "%s", scratch_path(&folder, "a.safetensors.part"));
    if (first())
        write_bytes(other, theirs, sizeof theirs);
    MPI_Barrier(MPI_COMM_WORLD);
    vic_tensor_writer *writer, *second;
    ck_assert(everywhere(create(&writer, path) == VIC_OK));
    ck_assert(everywhere(create(&second, path) == VIC_OK));
    ck_assert(everywhere(vic_tensor_writer_finish(&second, put_mine(second)) == VIC_OK));
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, put_mine(writer)) == VIC_OK));
    ck_assert(everywhere(holds(other, theirs, sizeof theirs) && scratch_count(&folder) == 2));
}
END_TEST

/* Where a link leads to is replaced, and not the link. */
START_TEST(writes_where_a_link_leads) {
    unsigned char bytes[1024];
    size_t size = expected_bytes(bytes);
    char path[200], link[200];
    snprintf(path, sizeof path, "%s", scratch_path(&folder, "a.safetensors"));
    snprintf(link, sizeof link, "%s", scratch_path(&folder, "link"));
    if (first()) {
        write_bytes(path, "old", 3);
        ck_assert_int_eq(symlink("a.safetensors", link), 0);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    vic_tensor_writer *writer;
    ck_assert(everywhere(create(&writer, link) == VIC_OK));
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, put_mine(writer)) == VIC_OK));
    struct stat there;
    ck_assert(everywhere(lstat(link, &there) == 0 && S_ISLNK(there.st_mode)));
    ck_assert(everywhere(holds(path, bytes, size) && scratch_count(&folder) == 2));
}
END_TEST

START_TEST(leaves_nothing_when_a_rank_gives_up) {
    const char *path = scratch_path(&folder, "a.safetensors");
    vic_tensor_writer *writer;
    ck_assert(everywhere(create(&writer, path) == VIC_OK));
    vic_status mine = put_mine(writer);
    if (last())
        mine = vic_fail(VIC_NOT_FINITE, "%s: the last rank gives up", path);
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, mine) == VIC_NOT_FINITE && writer == NULL));
    ck_assert(everywhere(has_text(path, "the last rank gives up")));
    ck_assert(everywhere(nothing_there()));
}
END_TEST

START_TEST(remembers_a_put_that_failed) {
    const char *path = scratch_path(&folder, "a.safetensors");
    vic_tensor_writer *writer;
    ck_assert(everywhere(create(&writer, path) == VIC_OK));
    bool failed = !last() || vic_tensor_writer_put(writer, "unplanned", weights) == VIC_BAD_FILE;
    vic_status mine = put_mine(writer);
    vic_fail(VIC_OK, "another text");
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, mine) == VIC_BAD_FILE));
    ck_assert(everywhere(failed && has_text(path, "\"unplanned\" is not planned")));
    ck_assert(everywhere(nothing_there()));
}
END_TEST

START_TEST(refuses_places_where_no_file_can_be) {
    char path[200];
    vic_tensor_writer *writer;
    snprintf(path, sizeof path, "%s/none/a.safetensors", folder.folder);
    ck_assert(everywhere(create(&writer, path) == VIC_BAD_FILE && writer == NULL));
    ck_assert(everywhere(has_text(path, "cannot be written: No such file")));
    ck_assert(everywhere(create(&writer, folder.folder) == VIC_BAD_FILE && writer == NULL));
    ck_assert(everywhere(has_text(folder.folder, "not a regular file")));
    ck_assert(everywhere(create(&writer, "/dev/null") == VIC_BAD_FILE && writer == NULL));
    ck_assert(everywhere(has_text("/dev/null", "not a regular file")));
    ck_assert(everywhere(nothing_there()));
}
END_TEST

START_TEST(leaves_nothing_when_it_cannot_be_put_in_place) {
    const char *path = scratch_path(&folder, "a.safetensors");
    vic_tensor_writer *writer;
    ck_assert(everywhere(create(&writer, path) == VIC_OK));
    if (first())
        ck_assert_int_eq(mkdir(path, 0777), 0);
    ck_assert(everywhere(vic_tensor_writer_finish(&writer, put_mine(writer)) == VIC_BAD_FILE));
    ck_assert(everywhere(has_text(path, "cannot rename")));
    ck_assert(everywhere(scratch_count(&folder) == 1));
}
END_TEST

/* A limit on file sizes stands for a disk without room. */
START_TEST(finds_a_full_disk_at_once) {
    const char *path = scratch_path(&folder, "a.safetensors");
    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 300;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    vic_tensor_writer *writer;
    vic_status status = create(&writer, path);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_DFL);
    ck_assert(everywhere(status == VIC_BAD_FILE && writer == NULL));
    ck_assert(everywhere(has_text(path, "no room for")));
    ck_assert(everywhere(nothing_there()));
}
END_TEST

START_TEST(refuses_names_that_are_not_utf8) {
    const char *path = scratch_path(&folder, "a.safetensors");
    vic_tensor_plan plan = {0};
    vic_tensor_writer *writer;
    bool ok = vic_tensor_plan_add(&plan, "\xff", "F32", 0, NULL) == VIC_OK;
    vic_status status = vic_tensor_writer_create(&writer, group, path, &plan);
    vic_tensor_plan_release(&plan);
    ck_assert(everywhere(ok && status == VIC_BAD_FILE && has_text(path, "not UTF-8") && writer == NULL));
    ck_assert(everywhere(nothing_there()));
}
END_TEST

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    Suite *suite = suite_create("tensor_writer");
    TCase *cases = tcase_create("tensor_writer");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, writes_the_same_bytes_on_any_number_of_ranks);
    tcase_add_test(cases, what_is_written_reads_back);
    tcase_add_test(cases, replaces_what_is_there);
    tcase_add_test(cases, leaves_other_files_beside_it_alone);
    tcase_add_test(cases, writes_where_a_link_leads);
    tcase_add_test(cases, leaves_nothing_when_a_rank_gives_up);
    tcase_add_test(cases, remembers_a_put_that_failed);
    tcase_add_test(cases, refuses_places_where_no_file_can_be);
    tcase_add_test(cases, leaves_nothing_when_it_cannot_be_put_in_place);
    tcase_add_test(cases, finds_a_full_disk_at_once);
    tcase_add_test(cases, refuses_names_that_are_not_utf8);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    MPI_Finalize();
    return failed != 0;
}
