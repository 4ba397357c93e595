/* Numbers of every type of safetensors, as reals and as integers. */
#include "support/scratch.h"
#include "support/suite.h"
#include "tensors/safetensors.h"

#include <math.h>

static scratch folder;

static void setup(void) {
    scratch_open(&folder);
}

static void teardown(void) {
    scratch_close(&folder);
}

/* A file with one tensor "t" of n numbers in `size` bytes. */
static vic_tensor_file *file_of(const char *dtype, size_t n, const void *data, size_t size) {
    unsigned char bytes[512];
    char header[256];
    int length =
        snprintf(header, sizeof header, "{\"t\":{\"dtype\":\"%s\",\"shape\":[%zu],\"data_offsets\":[0,%zu]}}",
                 dtype, n, size);
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> (i < 4 ? 8 * i : 31) & 0xff);
    memcpy(bytes + 8, header, (size_t)length);
    memcpy(bytes + 8 + length, data, size);
    const char *path = scratch_path(&folder, "t.safetensors");
    vic_tensor_file *file;
    write_bytes(path, bytes, 8 + (size_t)length + size);
    ck_assert_msg(vic_tensor_file_open(&file, path) == VIC_OK, "%s", vic_error_text());
    return file;
}

static const struct {
    const char *dtype;
    size_t n;
    unsigned char bytes[16];
    size_t size;
    double real[4];
    bool is_whole;
} types[] = {
    {"F16", 4, {0x00, 0x3c, 0x01, 0x00, 0xff, 0xfb, 0x55, 0x35}, 8, {1, 0x1p-24, -65504, 0x1.554p-2}, false},
    {"BF16",
     4,
     {0x80, 0x3f, 0x01, 0x00, 0x7f, 0xff, 0x49, 0x40},
     8,
     {1, 0x1p-133, -0x1.fep127, 3.140625},
     false},
    {"F32", 1, {0x00, 0x00, 0x80, 0x3f}, 4, {1}, false},
    {"F64", 1, {0, 0, 0, 0, 0, 0, 0xf0, 0xbf}, 8, {-1}, false},
    {"I8", 4, {0, 127, 128, 255}, 4, {0, 127, -128, -1}, true},
    {"U8", 4, {0, 127, 128, 255}, 4, {0, 127, 128, 255}, true},
    {"I16", 2, {0x00, 0x80, 0xff, 0x7f}, 4, {-32768, 32767}, true},
    {"U16", 2, {0x00, 0x80, 0xff, 0xff}, 4, {32768, 65535}, true},
    {"I32", 2, {0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0x7f}, 8, {-2147483648.0, 2147483647}, true},
    {"U32", 2, {0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff}, 8, {2147483648.0, 4294967295.0}, true},
    {"I64", 2, {0, 0, 0, 0, 0, 0, 0, 0x80, 9}, 16, {-0x1p63, 9}, true},
    {"U64", 2, {0, 0, 0, 0, 0, 0, 0, 0x40, 9}, 16, {0x1p62, 9}, true},
    {"BOOL", 3, {0, 1, 1}, 3, {0, 1, 1}, true},
};

START_TEST(reads_every_type) {
    vic_tensor_file *file = file_of(types[_i].dtype, types[_i].n, types[_i].bytes, types[_i].size);
    const vic_tensor *t = vic_tensor_file_find(file, "t");
    size_t n = types[_i].n;
    double real[4];
    int64_t whole[4];
    ck_assert_int_eq(vic_tensor_read_real(file, t, 0, n, VIC_FLOAT64, real), VIC_OK);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(real[i] == types[_i].real[i], "%s: %a", types[_i].dtype, real[i]);
    if (types[_i].is_whole) {
        ck_assert_int_eq(vic_tensor_read_int64(file, t, 0, n, whole), VIC_OK);
        for (size_t i = 0; i < n; i++)
            ck_assert(whole[i] == (int64_t)types[_i].real[i]);
    } else
        assert_refused(vic_tensor_read_int64(file, t, 0, n, whole), VIC_BAD_FILE, folder.path,
                       "expected integers");
    /* from the middle */
    ck_assert_int_eq(vic_tensor_read_real(file, t, n - 1, 1, VIC_FLOAT64, real), VIC_OK);
    ck_assert(real[0] == types[_i].real[n - 1]);
    vic_tensor_file_close(&file);
}
END_TEST

static const struct {
    const char *dtype;
    unsigned char bytes[8];
    size_t size;
    const char *fragment;
} wrong[] = {
    {"F16", {0, 0x7c}, 2, "inf (element 0) is not allowed"},
    {"F16", {1, 0x7e}, 2, "nan (element 0) is not allowed"},
    {"BF16", {0x80, 0xff}, 2, "-inf (element 0) is not allowed"},
    {"BF16", {0xc0, 0x7f}, 2, "nan (element 0) is not allowed"},
    {"F8_E4M3", {0}, 1, "dtype F8_E4M3, expected F64, F32, F16, BF16 or integers"},
};

START_TEST(refuses_what_is_no_finite_number) {
    float value;
    vic_tensor_file *file = file_of(wrong[_i].dtype, 1, wrong[_i].bytes, wrong[_i].size);
    const vic_tensor *t = vic_tensor_file_find(file, "t");
    assert_refused(vic_tensor_read_real(file, t, 0, 1, VIC_FLOAT32, &value), VIC_BAD_FILE, folder.path,
                   wrong[_i].fragment);
    vic_tensor_file_close(&file);
}
END_TEST

START_TEST(refuses_integers_that_are_too_large) {
    const uint64_t values[] = {INT64_MAX, (uint64_t)INT64_MAX + 1};
    int64_t whole[2];
    vic_tensor_file *file = file_of("U64", 2, values, sizeof values);
    const vic_tensor *t = vic_tensor_file_find(file, "t");
    ck_assert_int_eq(vic_tensor_read_int64(file, t, 0, 1, whole), VIC_OK);
    assert_refused(vic_tensor_read_int64(file, t, 0, 2, whole), VIC_BAD_FILE, folder.path,
                   "element 1 is too large");
    vic_tensor_file_close(&file);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tensor_types");
    TCase *cases = tcase_create("tensor_types");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_every_type, 0, sizeof types / sizeof *types);
    tcase_add_loop_test(cases, refuses_what_is_no_finite_number, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(cases, refuses_integers_that_are_too_large);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
