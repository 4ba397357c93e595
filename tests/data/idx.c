#include "data/data.h"
#include "support/scratch.h"
#include "support/suite.h"

#include <math.h>
#include <zlib.h>

static const vic_data_reading as_usual;
static scratch folder;
static const vic_data_format *idx;

static void setup(void) {
    scratch_open(&folder);
    idx = vic_data_format_find("idx");
    ck_assert_ptr_nonnull(idx);
}

static void teardown(void) {
    scratch_close(&folder);
}

static void write_gzip(const char *path, const void *bytes, size_t size) {
    gzFile file = gzopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, bytes, (unsigned)size), (int)size);
    ck_assert_int_eq(gzclose(file), Z_OK);
}

static vic_status read_inputs_of(const char *name, const void *bytes, size_t size, vic_samples *samples) {
    const char *path = scratch_path(&folder, name);
    write_bytes(path, bytes, size);
    return idx->read_inputs(path, as_usual, samples);
}

/* ---- what is read ---- */

/* Three samples of two numbers in each element type, big-endian. */
static const struct {
    const char *name;
    size_t size;
    unsigned char bytes[64];
    double numbers[6];
} types[] = {
    {"uint8", 18, {0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 1, 127, 128, 254, 255}, {0, 1, 127, 128, 254, 255}},
    {"int8", 18, {0, 0, 9, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 1, 127, 128, 254, 255}, {0, 1, 127, -128, -2, -1}},
    {"int16",
     24,
     {0, 0, 11, 2, 0, 0, 0, 3, 0, 0, 0, 2, 0, 1, 1, 0, 0x7f, 0xff, 0x80, 0, 0xff, 0xff, 0x12, 0x34},
     {1, 256, 32767, -32768, -1, 0x1234}},
    {"int32",
     36,
     {0, 0, 12,   2,    0,    0,    0,    3, 0, 0, 0,    2,    0,    0,    0,    1,    0,    1,
      0, 0, 0x7f, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x12, 0x34, 0x56, 0x78},
     {1, 65536, 2147483647.0, -2147483648.0, -1, 0x12345678}},
    {"float32",
     36,
     {0, 0, 13, 2, 0, 0, 0, 3,    0, 0, 0,    2,    0x3f, 0x80, 0,    0,    0xc0, 0x20,
      0, 0, 0,  0, 0, 0, 0, 0x80, 0, 0, 0x7f, 0x7f, 0xff, 0xff, 0x3d, 0xcc, 0xcc, 0xcd},
     {1, -2.5, 0, 0x1p-126, 0x1.fffffep127, 0x1.99999ap-4}},
    {"float64",
     60,
     {0,    0,    14,   2,    0,    0,    0,    3,    0,    0,    0,    2,    0x3f, 0xf0, 0,
      0,    0,    0,    0,    0,    0xc0, 0x04, 0,    0,    0,    0,    0,    0,    0,    0,
      0,    0,    0,    0,    0,    0,    0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18, 0x3f,
      0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a, 0x7f, 0xef, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
     {1, -2.5, 0, 0x1.921fb54442d18p1, 0.1, 0x1.fffffffffffffp1023}},
};

START_TEST(reads_every_element_type) {
    const size_t order[] = {2, 0, 1};
    const double scale = 3;
    vic_samples samples;
    ck_assert_int_eq(read_inputs_of("a", types[_i].bytes, types[_i].size, &samples), VIC_OK);
    ck_assert_uint_eq(samples.count, 3);
    ck_assert_int_eq(samples.shape.rank, 1);
    ck_assert_uint_eq(samples.shape.dim[0], 2);
    ck_assert_int_eq(vic_samples_check_finite(&samples, 1, VIC_FLOAT64), VIC_OK);
    double rows[6];
    float rows32[6];
    vic_samples_gather(&samples, order, 3, 0, 2, scale, VIC_FLOAT64, rows);
    vic_samples_gather(&samples, order, 3, 0, 2, scale, VIC_FLOAT32, rows32);
    for (size_t i = 0; i < 6; i++) {
        double number = types[_i].numbers[2 * order[i / 2] + i % 2];
        ck_assert_msg(rows[i] == number / scale, "%s: %a, expected %a", types[_i].name, rows[i],
                      number / scale);
        ck_assert_msg(rows32[i] == (float)number / (float)scale, "%s in float32: %a", types[_i].name,
                      rows32[i]);
    }
    double column[4] = {0, 0, 0, 77};
    vic_samples_gather(&samples, order, 3, 1, 1, scale, VIC_FLOAT64, column);
    for (size_t i = 0; i < 3; i++)
        ck_assert(column[i] == rows[2 * i + 1]);
    ck_assert(column[3] == 77);
    vic_samples_release(&samples);
    ck_assert_ptr_null(samples.data);
}
END_TEST

/* 0.1 is another number in float32, and multiplying by 1/255 rounds differently than dividing by 255. */
START_TEST(divides_in_the_precision_of_the_run) {
    const double scale = _i == 0 ? 255 : 0.1;
    const size_t order[] = {0};
    unsigned char bytes[12 + 256] = {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 1, 0};
    for (int i = 0; i < 256; i++)
        bytes[12 + i] = (unsigned char)i;
    vic_samples samples;
    ck_assert_int_eq(read_inputs_of("a", bytes, sizeof bytes, &samples), VIC_OK);
    float row32[256];
    double row64[256];
    vic_samples_gather(&samples, order, 1, 0, 256, scale, VIC_FLOAT32, row32);
    vic_samples_gather(&samples, order, 1, 0, 256, scale, VIC_FLOAT64, row64);
    for (int i = 0; i < 256; i++) {
        ck_assert(row32[i] == (float)i / (float)scale);
        ck_assert(row64[i] == (double)i / scale);
    }
    vic_samples_release(&samples);
}
END_TEST

START_TEST(reads_shapes_of_every_rank) {
    unsigned char bytes[4 + 20 + 2 * 1 * 3 * 2 * 1] = {0, 0, 8, (unsigned char)(_i + 1)};
    const size_t dimensions[] = {2, 1, 3, 2, 1};
    size_t size = 1;
    for (int i = 0; i <= _i; i++) {
        bytes[7 + 4 * i] = (unsigned char)dimensions[i];
        size *= dimensions[i];
    }
    vic_samples samples;
    ck_assert_int_eq(read_inputs_of("a", bytes, 8 + 4 * (size_t)_i + size, &samples), VIC_OK);
    ck_assert_int_eq(samples.shape.rank, _i);
    for (int i = 0; i < _i; i++)
        ck_assert_uint_eq(samples.shape.dim[i], dimensions[i + 1]);
    vic_samples_release(&samples);
}
END_TEST

START_TEST(reads_gzip_as_plain) {
    enum { N = 300000 };
    unsigned char *bytes;
    ck_assert_int_eq(vic_allocate(16 + N, 1, &bytes), VIC_OK);
    memcpy(bytes, (unsigned char[]){0, 0, 8, 3, 0, 0, 0x03, 0xe8, 0, 0, 0, 30, 0, 0, 0, 10}, 16);
    uint64_t state = 1;
    for (size_t i = 0; i < N; i++)
        bytes[16 + i] = (unsigned char)(next_random(&state) % 11);
    const char *path = scratch_path(&folder, "a.gz");
    write_gzip(path, bytes, 16 + N);
    vic_samples samples;
    ck_assert_int_eq(idx->read_inputs(path, as_usual, &samples), VIC_OK);
    ck_assert_uint_eq(samples.count, 1000);
    ck_assert_int_eq(memcmp(samples.data, bytes + 16, N), 0);
    vic_samples_release(&samples);
    vic_release(&bytes);
}
END_TEST

START_TEST(reads_the_digits_that_are_shipped) {
    vic_samples inputs, labels;
    ck_assert_int_eq(idx->read_inputs(TEST_DATA "/../data/digits/train-images-idx3-ubyte", as_usual, &inputs),
                     VIC_OK);
    ck_assert_int_eq(idx->read_labels(TEST_DATA "/../data/digits/train-labels-idx1-ubyte", as_usual, &labels),
                     VIC_OK);
    ck_assert_uint_eq(inputs.count, labels.count);
    ck_assert_uint_eq(vic_shape_count(inputs.shape), 64);
    ck_assert_int_eq(vic_samples_check_labels(&labels, 10), VIC_OK);
    vic_samples_release(&inputs);
    vic_samples_release(&labels);
}
END_TEST

/* ---- labels and values ---- */

START_TEST(checks_labels) {
    const unsigned char bytes[] = {0, 0, 9, 1, 0, 0, 0, 4, 0, 3, 2, 255};
    const char *path = scratch_path(&folder, "labels");
    write_bytes(path, bytes, sizeof bytes - 1);
    vic_samples labels;
    assert_refused(idx->read_labels(path, as_usual, &labels), VIC_BAD_FILE, path, "truncated");
    write_bytes(path, bytes, sizeof bytes);
    ck_assert_int_eq(idx->read_labels(path, as_usual, &labels), VIC_OK);
    ck_assert_int_eq(labels.shape.rank, 0);
    ck_assert_int_eq(vic_samples_label(&labels, 1), 3);
    ck_assert_int_eq(vic_samples_label(&labels, 3), -1);
    assert_refused(vic_samples_check_labels(&labels, 10), VIC_BAD_FILE, path, "label -1 (sample 3");
    assert_refused(vic_samples_check_labels(&labels, 3), VIC_BAD_FILE, path, "label 3 (sample 1");
    ck_assert_ptr_nonnull(strstr(vic_error_text(), "allow 0 to 2"));
    labels.count = 3;
    ck_assert_int_eq(vic_samples_check_labels(&labels, 4), VIC_OK);
    vic_samples_release(&labels);
}
END_TEST

START_TEST(takes_an_offset_from_labels) {
    const unsigned char bytes[] = {0, 0, 9, 1, 0, 0, 0, 4, 4, 3, 2, 1};
    const char *path = scratch_path(&folder, "labels");
    write_bytes(path, bytes, sizeof bytes);
    vic_samples labels;
    ck_assert_int_eq(idx->read_labels(path, as_usual, &labels), VIC_OK);
    assert_refused(vic_samples_check_labels(&labels, 4), VIC_BAD_FILE, path, "set data.label_offset: 1");
    assert_refused(vic_samples_check_labels(&labels, 3), VIC_BAD_FILE, path, "allow 0 to 2");
    ck_assert_ptr_null(strstr(vic_error_text(), "label_offset"));
    labels.label_offset = 1;
    ck_assert_int_eq(vic_samples_check_labels(&labels, 4), VIC_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(vic_samples_label(&labels, i), 3 - (int64_t)i);
    labels.label_offset = 2;
    assert_refused(vic_samples_check_labels(&labels, 4), VIC_BAD_FILE, path,
                   "label 1 (sample 3, counted from 0), less data.label_offset: 2, is not a class");
    labels.label_offset = INT64_MIN;
    assert_refused(vic_samples_check_labels(&labels, 4), VIC_BAD_FILE, path, "label 4 (sample 0");
    labels.label_offset = INT64_MAX;
    assert_refused(vic_samples_check_labels(&labels, 4), VIC_BAD_FILE, path, "label 4 (sample 0");
    vic_samples_release(&labels);
}
END_TEST

START_TEST(refuses_values_that_overflow) {
    static const unsigned char bytes[8 + 4 + 8] = {0, 0, 14, 2, 0, 0,    0,
                                                   1, 0, 0,  0, 1, 0x48, 0x34}; /* 2^131 */
    vic_samples samples;
    ck_assert_int_eq(read_inputs_of("a", bytes, sizeof bytes, &samples), VIC_OK);
    ck_assert_int_eq(vic_samples_check_finite(&samples, 1, VIC_FLOAT64), VIC_OK);
    assert_refused(
        vic_samples_check_finite(&samples, 1, VIC_FLOAT32), VIC_BAD_FILE, samples.path,
        "(sample 0, element 0, counted from 0) is too large for float32, divided by data.scale: 1");
    assert_refused(vic_samples_check_finite(&samples, 1e-300, VIC_FLOAT64), VIC_BAD_FILE, samples.path,
                   "too large for float64");
    vic_samples_release(&samples);
}
END_TEST

START_TEST(finds_numbers_that_are_not_finite) {
    unsigned char bytes[4 + 8 + 16] = {0, 0, 13, 2, 0, 0, 0, 2, 0, 0, 0, 2};
    vic_samples samples;
    ck_assert_int_eq(read_inputs_of("a", bytes, sizeof bytes, &samples), VIC_OK);
    ck_assert_int_eq(vic_samples_check_finite(&samples, 1, VIC_FLOAT64), VIC_OK);
    memcpy(samples.data + 12, (unsigned char[]){0x7f, 0x80, 0, 0}, 4);
    assert_refused(vic_samples_check_finite(&samples, 1, VIC_FLOAT64), VIC_BAD_FILE, samples.path,
                   "inf (sample 1, element 1");
    memcpy(samples.data + 8, (unsigned char[]){0x7f, 0xc0, 0, 0}, 4);
    assert_refused(vic_samples_check_finite(&samples, 1, VIC_FLOAT64), VIC_BAD_FILE, samples.path,
                   "nan (sample 1, element 0");
    vic_samples_release(&samples);
}
END_TEST

/* ---- what is refused ---- */

static const struct {
    bool labels;
    size_t size;
    unsigned char bytes[40];
    const char *fragment;
} malformed[] = {
    {false, 0, {0}, "truncated: 0 bytes of header, expected 4"},
    {false, 3, {0, 0, 8}, "truncated: 3 bytes of header"},
    {false, 12, {1, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1}, "wrong magic number 01000802"},
    {false, 12, {0, 2, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1}, "wrong magic number 00020802"},
    {false, 13, {0, 0, 7, 2, 0, 0, 0, 1, 0, 0, 0, 1}, "unknown element type 0x07 (byte 2)"},
    {false, 13, {0, 0, 10, 2, 0, 0, 0, 1, 0, 0, 0, 1}, "unknown element type 0x0a"},
    {false, 13, {0, 0, 15, 2, 0, 0, 0, 1, 0, 0, 0, 1}, "unknown element type 0x0f"},
    {false, 5, {0, 0, 8, 0}, "0 dimensions (byte 3), inputs have 2 to 5"},
    {false, 9, {0, 0, 8, 1, 0, 0, 0, 1}, "1 dimensions (byte 3)"},
    {false, 29, {0, 0, 8, 6, 0, 0, 0, 1, 0, 0, 0, 1}, "6 dimensions (byte 3)"},
    {false, 29, {0, 0, 8, 255, 0, 0, 0, 1, 0, 0, 0, 1}, "255 dimensions (byte 3)"},
    {false, 11, {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0}, "truncated: 7 bytes of dimensions, expected 8"},
    {false, 12, {0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 2}, "dimension 0 is 0 (bytes 4 to 7)"},
    {false, 12, {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 0}, "dimension 1 is 0 (bytes 8 to 11)"},
    {false,
     15,
     {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3},
     "truncated: 3 bytes of data, the header promises 4"},
    {false, 12, {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2}, "truncated: 0 bytes of data"},
    {false, 17, {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5}, "oversized"},
    {false, 27, {0, 0, 14, 2, 0, 0, 0, 2, 0, 0, 0, 1}, "truncated: 15 bytes of data, the header promises 16"},
    /* 2^63 - 2^31 bytes promised: reserving them first would run out of memory. */
    {false, 20, {0, 0, 8, 3, 255, 255, 255, 255, 128, 0, 0, 0, 0, 0, 0, 1}, "truncated: 4 bytes of data"},
    {false,
     40,
     {0, 0, 8, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
     "promise too many bytes (dimension 2"},
    {false, 20, {0, 0, 14, 2, 255, 255, 255, 255, 255, 255, 255, 255}, "promise too many bytes (dimension 1"},
    {true, 13, {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 1, 1}, "2 dimensions (byte 3), labels have 1"},
    {true, 12, {0, 0, 13, 1, 0, 0, 0, 1}, "elements of type float32 (byte 2), labels are integers"},
    {true, 16, {0, 0, 14, 1, 0, 0, 0, 1}, "elements of type float64"},
    {true, 8, {0, 0, 8, 1, 0, 0, 0, 0}, "dimension 0 is 0"},
};

START_TEST(refuses_malformed_files) {
    const char *path = scratch_path(&folder, "bad");
    vic_samples samples;
    for (int gzip = 0; gzip < 2; gzip++) {
        (gzip ? write_gzip : write_bytes)(path, malformed[_i].bytes, malformed[_i].size);
        vic_status status =
            (malformed[_i].labels ? idx->read_labels : idx->read_inputs)(path, as_usual, &samples);
        assert_refused(status, VIC_BAD_FILE, path, malformed[_i].fragment);
        ck_assert_ptr_null(samples.data);
        ck_assert_ptr_null(samples.path);
    }
}
END_TEST

START_TEST(refuses_what_cannot_be_read) {
    vic_samples samples;
    const char *path = scratch_path(&folder, "none");
    assert_refused(idx->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path, "No such file");
    assert_refused(idx->read_inputs(folder.folder, as_usual, &samples), VIC_BAD_FILE, folder.folder,
                   "Is a directory");
}
END_TEST

/* A gzipped file in memory. */
static size_t gzipped(unsigned char *bytes, size_t capacity) {
    unsigned char plain[12 + 400] = {0, 0, 8, 2, 0, 0, 0, 20, 0, 0, 0, 20};
    for (size_t i = 0; i < 400; i++)
        plain[12 + i] = (unsigned char)(i * i >> 3);
    const char *path = scratch_path(&folder, "whole.gz");
    write_gzip(path, plain, sizeof plain);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(bytes, 1, capacity, file);
    fclose(file);
    ck_assert_uint_lt(size, capacity);
    return size;
}

START_TEST(refuses_damaged_gzip) {
    unsigned char bytes[1000];
    size_t size = gzipped(bytes, sizeof bytes);
    vic_samples samples;
    ck_assert_int_eq(read_inputs_of("a", bytes, size, &samples), VIC_OK);
    vic_samples_release(&samples);
    for (size_t cut = 2; cut < size; cut++)
        assert_refused(read_inputs_of("a", bytes, cut, &samples), VIC_BAD_FILE, folder.path, "truncated");
    for (size_t place = size - 8; place < size; place++) { /* the stream's sum and length */
        bytes[place] ^= 1;
        assert_refused(read_inputs_of("a", bytes, size, &samples), VIC_BAD_FILE, folder.path, "damaged");
        bytes[place] ^= 1;
    }
}
END_TEST

START_TEST(survives_mutations) {
    enum { CASES = 2000 };
    unsigned char bytes[1000], mutant[2 * sizeof bytes];
    size_t size = types[3].size;
    memcpy(bytes, types[3].bytes, size);
    if (_i == 1)
        size = gzipped(bytes, sizeof bytes);
    uint64_t state = 7 + (uint64_t)_i;
    int refused = 0;
    for (int i = 0; i < CASES; i++) {
        vic_samples samples;
        size_t new_size = mutate(bytes, size, mutant, &state);
        vic_status status = read_inputs_of("mutant", mutant, new_size, &samples);
        if (status == VIC_OK)
            status = vic_samples_check_finite(&samples, 1, VIC_FLOAT64); /* a mutant may be of another type */
        if (status != VIC_OK)
            assert_refused(status, VIC_BAD_FILE, folder.path, ": ");
        refused += status != VIC_OK;
        vic_samples_release(&samples);
    }
    ck_assert_int_gt(refused, CASES / 4);
    ck_assert_int_lt(refused, CASES);
}
END_TEST

START_TEST(formats_are_registered) {
    size_t count;
    const vic_data_format *const *formats = vic_data_formats(&count);
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_eq(vic_data_format_find(formats[i]->name), formats[i]);
    ck_assert_ptr_null(vic_data_format_find("idy"));
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof(array)[0]))

int main(void) {
    Suite *suite = suite_create("idx");
    TCase *cases = tcase_create("idx");
    tcase_set_timeout(cases, 30);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_every_element_type, 0, LENGTH(types));
    tcase_add_loop_test(cases, divides_in_the_precision_of_the_run, 0, 2);
    tcase_add_loop_test(cases, reads_shapes_of_every_rank, 1, VIC_MAX_RANK + 1);
    tcase_add_test(cases, reads_gzip_as_plain);
    tcase_add_test(cases, reads_the_digits_that_are_shipped);
    tcase_add_test(cases, checks_labels);
    tcase_add_test(cases, takes_an_offset_from_labels);
    tcase_add_test(cases, refuses_values_that_overflow);
    tcase_add_test(cases, finds_numbers_that_are_not_finite);
    tcase_add_loop_test(cases, refuses_malformed_files, 0, LENGTH(malformed));
    tcase_add_test(cases, refuses_what_cannot_be_read);
    tcase_add_test(cases, refuses_damaged_gzip);
    tcase_add_loop_test(cases, survives_mutations, 0, 2);
    tcase_add_test(cases, formats_are_registered);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
