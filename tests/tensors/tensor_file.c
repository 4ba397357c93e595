#include "malformed_tensors.h"

#include "support/scratch.h"
#include "support/suite.h"
#include "tensors/safetensors.h"

#include <float.h>
#include <math.h>

static scratch folder;

static void setup(void) {
    scratch_open(&folder);
}

static void teardown(void) {
    scratch_close(&folder);
}

/* A file in memory: eight bytes of header length, the header, the data. */
static size_t compose(unsigned char *bytes, const char *header, const void *data, size_t n) {
    size_t length = strlen(header);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> 8 * i & 0xff);
    memcpy(bytes + 8, header, length);
    if (n > 0)
        memcpy(bytes + 8 + length, data, n);
    return 8 + length + n;
}

static vic_status open_bytes(vic_tensor_file **file, const void *bytes, size_t size) {
    const char *path = scratch_path(&folder, "some.safetensors");
    write_bytes(path, bytes, size);
    return vic_tensor_file_open(file, path);
}

static vic_status open_composed(vic_tensor_file **file, const char *header, const void *data, size_t n) {
    unsigned char bytes[4096];
    ck_assert_uint_lt(strlen(header) + n, sizeof bytes - 8);
    return open_bytes(file, bytes, compose(bytes, header, data, n));
}

/* ---- what is read ---- */

static const char good_header[] =
    "{\"__metadata__\":{\"format\":\"pt\",\"made by\":\"\\u00e9\"},"
    "\"last\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[36,52]},"
    "\"empty\":{\"dtype\":\"F32\",\"shape\":[3,0,2],\"data_offsets\":[36,36]},"
    "\"scalar\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[28,36]},"
    "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
    "\"half\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[24,28]}}   ";

static const float a_values[] = {1, -2.5f, FLT_MAX, FLT_TRUE_MIN, 0.1f, -0.0f};
static const double scalar_value = 0.1;
static const int64_t last_values[] = {INT64_MIN, 7};

static size_t good_data(unsigned char *data) {
    memset(data, 0, 52);
    memcpy(data, a_values, 24);
    memcpy(data + 28, &scalar_value, 8);
    memcpy(data + 36, last_values, 16);
    return 52;
}

static vic_tensor_file *open_good(void) {
    unsigned char data[64];
    vic_tensor_file *file;
    size_t n = good_data(data);
    vic_status status = open_composed(&file, good_header, data, n);
    ck_assert_msg(status == VIC_OK, "%s", vic_error_text());
    return file;
}

START_TEST(finds_every_tensor) {
    vic_tensor_file *file = open_good();
    const char *const names[] = {"a", "half", "scalar", "empty", "last"};
    const int ranks[] = {2, 2, 0, 3, 1};
    const size_t counts[] = {6, 2, 1, 0, 2};
    ck_assert_uint_eq(vic_tensor_file_count(file), 5);
    for (size_t i = 0; i < 5; i++) {
        const vic_tensor *tensor = vic_tensor_file_find(file, names[i]);
        ck_assert_ptr_nonnull(tensor);
        ck_assert_ptr_eq(tensor, vic_tensor_file_at(file, i));
        ck_assert_str_eq(tensor->name, names[i]);
        ck_assert_int_eq(tensor->rank, ranks[i]);
        ck_assert_uint_eq(tensor->count, counts[i]);
    }
    ck_assert_uint_eq(vic_tensor_file_find(file, "empty")->dim[2], 2);
    ck_assert_uint_eq(vic_tensor_file_find(file, "last")->offset, 8 + strlen(good_header) + 36);
    ck_assert_ptr_null(vic_tensor_file_find(file, "b"));
    ck_assert_ptr_null(vic_tensor_file_find(file, "__metadata__"));
    ck_assert_str_eq(vic_tensor_file_metadata(file, "format"), "pt");
    ck_assert_str_eq(vic_tensor_file_metadata(file, "made by"), "\xc3\xa9");
    ck_assert_ptr_null(vic_tensor_file_metadata(file, "none"));
    ck_assert_str_eq(vic_tensor_file_path(file), folder.path);
    vic_tensor_file_close(&file);
    ck_assert_ptr_null(file);
    vic_tensor_file_close(&file);
}
END_TEST

START_TEST(reads_numbers) {
    vic_tensor_file *file = open_good();
    const vic_tensor *a = vic_tensor_file_find(file, "a"), *scalar = vic_tensor_file_find(file, "scalar");
    float values32[6];
    double values64[6];
    int64_t integers[2];
    ck_assert_int_eq(vic_tensor_read_real(file, a, 0, 6, VIC_FLOAT32, values32), VIC_OK);
    ck_assert_int_eq(memcmp(values32, a_values, sizeof a_values), 0);
    ck_assert_int_eq(vic_tensor_read_real(file, a, 2, 3, VIC_FLOAT64, values64), VIC_OK);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(values64[i], a_values[i + 2]);
    ck_assert_int_eq(vic_tensor_read_real(file, scalar, 0, 1, VIC_FLOAT32, values32), VIC_OK);
    ck_assert_float_eq(values32[0], 0.1f);
    ck_assert_int_eq(vic_tensor_read_real(file, scalar, 0, 1, VIC_FLOAT64, values64), VIC_OK);
    ck_assert_double_eq(values64[0], 0.1);
    ck_assert_int_eq(vic_tensor_read_int64(file, vic_tensor_file_find(file, "last"), 0, 2, integers), VIC_OK);
    ck_assert_int_eq(memcmp(integers, last_values, sizeof integers), 0);
    const vic_tensor *empty = vic_tensor_file_find(file, "empty");
    ck_assert_int_eq(vic_tensor_read_real(file, empty, 0, 0, VIC_FLOAT64, values64), VIC_OK);
    vic_tensor_file_close(&file);
}
END_TEST

START_TEST(reads_more_numbers_than_fit_one_piece) {
    enum { N = 10001 };
    unsigned char *bytes;
    double *values, *got;
    ck_assert_int_eq(vic_allocate(N, sizeof *values, &values), VIC_OK);
    ck_assert_int_eq(vic_allocate(N, sizeof *got, &got), VIC_OK);
    ck_assert_int_eq(vic_allocate(8 * N + 200, 1, &bytes), VIC_OK);
    for (int i = 0; i < N; i++)
        values[i] = sin(i);
    size_t size = compose(bytes, "{\"x\":{\"dtype\":\"F64\",\"shape\":[10001],\"data_offsets\":[0,80008]}}",
                          values, 8 * N);
    vic_tensor_file *file;
    ck_assert_int_eq(open_bytes(&file, bytes, size), VIC_OK);
    ck_assert_int_eq(vic_tensor_read_real(file, vic_tensor_file_at(file, 0), 1, N - 1, VIC_FLOAT64, got),
                     VIC_OK);
    ck_assert_int_eq(memcmp(got, values + 1, (N - 1) * sizeof *got), 0);
    vic_tensor_file_close(&file);
    vic_release(&bytes);
    vic_release(&got);
    vic_release(&values);
}
END_TEST

START_TEST(opens_files_without_tensors) {
    vic_tensor_file *file;
    ck_assert_int_eq(open_composed(&file, "{}", NULL, 0), VIC_OK);
    ck_assert_uint_eq(vic_tensor_file_count(file), 0);
    ck_assert_ptr_null(vic_tensor_file_find(file, ""));
    ck_assert_ptr_null(vic_tensor_file_metadata(file, "format"));
    vic_tensor_file_close(&file);
}
END_TEST

/* The last number of the last tensor of each reference file, as another reader sees it. */
static const struct {
    const char *path;
    size_t count;
    const char *name;
    double number;
} references[] = {
    {"mlp_relu_ce/weights", 8, "3.0.bias", -0x1.e3b1ec38f26a5p-4},
    {"mlp_relu_ce/batch", 2, "target", 0},
    {"mlp_relu_ce/expected", 142, "trajectory_adam/3.0.bias", -0x1.064f83f994051p-3},
    {"mlp_tanh_mse/weights", 6, "2.0.bias", 0x1.321460a95e1e0p-5},
    {"mlp_tanh_mse/batch", 4, "initial.2", 0x1.9551d6aea8ddcp-2},
    {"mlp_tanh_mse/expected", 120, "trajectory_adam/2.0.bias", 0x1.83f3e7d4920e6p-5},
    {"mlp_sigmoid_sum/weights", 4, "1.0.bias", -0x1.50af9b50caa9fp-3},
    {"mlp_sigmoid_sum/batch", 2, "target", 0x1.866af130e1ae9p-1},
    {"mlp_sigmoid_sum/expected", 74, "trajectory_adam/1.0.bias", -0x1.652576382ee5bp-3},
};

START_TEST(opens_the_reference_files) {
    char path[512];
    snprintf(path, sizeof path, "%s/reference/%s.safetensors", TEST_DATA, references[_i].path);
    vic_tensor_file *file;
    vic_status status = vic_tensor_file_open(&file, path);
    ck_assert_msg(status == VIC_OK, "%s", vic_error_text());
    ck_assert_uint_eq(vic_tensor_file_count(file), references[_i].count);
    const vic_tensor *tensor = vic_tensor_file_find(file, references[_i].name);
    ck_assert_ptr_nonnull(tensor);
    if (strcmp(tensor->dtype, "I64") == 0) {
        int64_t integer;
        ck_assert_int_eq(vic_tensor_read_int64(file, tensor, tensor->count - 1, 1, &integer), VIC_OK);
        ck_assert_int_eq(integer, (int64_t)references[_i].number);
    } else {
        double number;
        ck_assert_int_eq(vic_tensor_read_real(file, tensor, tensor->count - 1, 1, VIC_FLOAT64, &number),
                         VIC_OK);
        ck_assert_double_eq(number, references[_i].number);
    }
    vic_tensor_file_close(&file);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(refuses_malformed_headers) {
    const char zeros[16] = {0};
    vic_tensor_file *file;
    vic_status status = open_composed(&file, malformed[_i].header, zeros, malformed[_i].data);
    assert_refused(status, VIC_BAD_FILE, folder.path, malformed[_i].fragment);
    ck_assert_ptr_null(file);
}
END_TEST

START_TEST(refuses_wrong_lengths) {
    static const struct {
        size_t size;
        unsigned char bytes[10];
        const char *fragment;
    } cases[] = {
        {0, {0}, "not a safetensors file: it looks like an empty file"},
        {7, {2, 0, 0, 0, 0, 0, 0}, "has 7 bytes"},
        {9, {2, 0, 0, 0, 0, 0, 0, 0, '{'}, "a header of 2 bytes (bytes 0 to 7), but only 1 follow"},
        {10,
         {0, 0xe1, 0xf5, 5, 0, 0, 0, 0, '{', '}'},
         "a header of 100000000 bytes (bytes 0 to 7), but only 2"},
        {10, {1, 0xe1, 0xf5, 5, 0, 0, 0, 0, '{', '}'}, "at most 100000000 are allowed"},
        {10, {255, 255, 255, 255, 255, 255, 255, 255, '{', '}'}, "at most 100000000 are allowed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        vic_tensor_file *file;
        vic_status status = open_bytes(&file, cases[i].bytes, cases[i].size);
        assert_refused(status, VIC_BAD_FILE, folder.path, cases[i].fragment);
    }
}
END_TEST

START_TEST(refuses_what_cannot_be_read) {
    vic_tensor_file *file;
    const char *path = scratch_path(&folder, "none");
    assert_refused(vic_tensor_file_open(&file, path), VIC_BAD_FILE, path, "No such file");
    assert_refused(vic_tensor_file_open(&file, folder.folder), VIC_BAD_FILE, folder.folder, "Is a directory");
    assert_refused(vic_tensor_file_open(&file, "/dev/null"), VIC_BAD_FILE, "/dev/null", "not a regular file");
}
END_TEST

START_TEST(refuses_other_types_and_ranges) {
    vic_tensor_file *file = open_good();
    const vic_tensor *a = vic_tensor_file_find(file, "a");
    double values[8];
    int64_t integers[8];
    assert_refused(vic_tensor_read_int64(file, a, 0, 2, integers), VIC_BAD_FILE, folder.path,
                   "\"a\": dtype F32, expected integers");
    assert_refused(vic_tensor_read_real(file, a, 5, 2, VIC_FLOAT64, values), VIC_BAD_FILE, folder.path,
                   "2 elements from element 5 on are wanted, it has 6");
    assert_refused(vic_tensor_read_real(file, a, 1, SIZE_MAX, VIC_FLOAT64, values), VIC_BAD_FILE, folder.path,
                   "it has 6");
    vic_tensor_file_close(&file);
}
END_TEST

START_TEST(refuses_numbers_that_are_not_finite) {
    const struct {
        double number;
        bool refused32, refused64;
        const char *fragment;
    } cases[] = {
        {NAN, true, true, "nan (element 1) is not allowed"},
        {INFINITY, true, true, "inf (element 1) is not allowed"},
        {-INFINITY, true, true, "-inf (element 1) is not allowed"},
        {1e39, true, false, "1e+39 (element 1) is too large for float32"},
        {-DBL_MAX, true, false, "(element 1) is too large for float32"},
        {FLT_MAX, false, false, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double pair[2] = {0, cases[i].number}, values[2];
        vic_tensor_file *file;
        ck_assert_int_eq(open_composed(&file, ENTRY("\"F64\"", "[2]", "[0,16]"), pair, sizeof pair), VIC_OK);
        const vic_tensor *tensor = vic_tensor_file_at(file, 0);
        vic_status status32 = vic_tensor_read_real(file, tensor, 0, 2, VIC_FLOAT32, values);
        if (cases[i].refused32)
            assert_refused(status32, VIC_BAD_FILE, folder.path, cases[i].fragment);
        ck_assert_int_eq(status32 != VIC_OK, cases[i].refused32);
        vic_status status64 = vic_tensor_read_real(file, tensor, 1, 1, VIC_FLOAT64, values);
        if (cases[i].refused64)
            assert_refused(status64, VIC_BAD_FILE, folder.path, cases[i].fragment);
        ck_assert_int_eq(status64 != VIC_OK, cases[i].refused64);
        vic_tensor_file_close(&file);
    }
}
END_TEST

START_TEST(refuses_files_that_shrink) {
    vic_tensor_file *file = open_good();
    int64_t integers[2];
    ck_assert_int_eq(truncate(folder.path, 8 + (off_t)strlen(good_header) + 44), 0);
    assert_refused(vic_tensor_read_int64(file, vic_tensor_file_find(file, "last"), 0, 2, integers),
                   VIC_BAD_FILE, folder.path, "expected 8 bytes more");
    vic_tensor_file_close(&file);
}
END_TEST

/* Reads everything that a file says it has. */
static void read_everything(const vic_tensor_file *file) {
    for (size_t i = 0; i < vic_tensor_file_count(file); i++) {
        const vic_tensor *tensor = vic_tensor_file_at(file, i);
        double values[64];
        int64_t integers[64];
        ck_assert_uint_le(tensor->count, 64);
        ck_assert_ptr_eq(vic_tensor_file_find(file, tensor->name), tensor);
        vic_status status = vic_tensor_read_real(file, tensor, 0, tensor->count, VIC_FLOAT32, values);
        ck_assert(status == VIC_OK || status == VIC_BAD_FILE);
        status = vic_tensor_read_int64(file, tensor, 0, tensor->count, integers);
        ck_assert(status == VIC_OK || status == VIC_BAD_FILE);
    }
}

START_TEST(survives_mutations) {
    enum { CASES = 4000 };
    unsigned char data[64], bytes[1024], mutant[2 * sizeof bytes];
    size_t size = compose(bytes, good_header, data, good_data(data));
    uint64_t state = 11;
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
        vic_tensor_file *file;
        size_t new_size = mutate(bytes, size, mutant, &state);
        vic_status status = open_bytes(&file, mutant, new_size);
        if (status == VIC_OK)
            read_everything(file);
        else
            assert_refused(status, VIC_BAD_FILE, folder.path, ": ");
        refused += status != VIC_OK;
        vic_tensor_file_close(&file);
    }
    ck_assert_int_gt(refused, CASES / 4);
    ck_assert_int_lt(refused, CASES);
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof(array)[0]))

int main(void) {
    Suite *suite = suite_create("tensor_file");
    TCase *cases = tcase_create("tensor_file");
    tcase_set_timeout(cases, 30);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, finds_every_tensor);
    tcase_add_test(cases, reads_numbers);
    tcase_add_test(cases, reads_more_numbers_than_fit_one_piece);
    tcase_add_test(cases, opens_files_without_tensors);
    tcase_add_loop_test(cases, opens_the_reference_files, 0, LENGTH(references));
    tcase_add_loop_test(cases, refuses_malformed_headers, 0, LENGTH(malformed));
    tcase_add_test(cases, refuses_wrong_lengths);
    tcase_add_test(cases, refuses_what_cannot_be_read);
    tcase_add_test(cases, refuses_other_types_and_ranges);
    tcase_add_test(cases, refuses_numbers_that_are_not_finite);
    tcase_add_test(cases, refuses_files_that_shrink);
    tcase_add_test(cases, survives_mutations);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
