/* numpy arrays as data. */
#include "data/data.h"
#include "support/scratch.h"
#include "support/suite.h"

#include <zlib.h>

enum { LARGEST = 1024 };

static scratch folder;
static const vic_data_format *npy;
static const vic_data_reading as_usual;

static void setup(void) {
    scratch_open(&folder);
    npy = vic_data_format_find("npy");
    ck_assert_ptr_nonnull(npy);
}

static void teardown(void) {
    scratch_close(&folder);
}

/* A file of format MAJOR.0 with this header and these data. Returns its size. */
static size_t compose(unsigned char *bytes, int major, const char *header, const void *data, size_t size) {
    size_t length = strlen(header), width = major == 1 ? 2 : 4;
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)major;
    bytes[7] = 0;
    for (size_t i = 0; i < width; i++)
        bytes[8 + i] = (unsigned char)(length >> 8 * i);
    memcpy(bytes + 8 + width, header, length);
    memcpy(bytes + 8 + width + length, data, size);
    return 8 + width + length + size;
}

static const char *written(int major, const char *header, const void *data, size_t size) {
    unsigned char bytes[LARGEST];
    const char *path = scratch_path(&folder, "a.npy");
    write_bytes(path, bytes, compose(bytes, major, header, data, size));
    return path;
}

static const char four_by_two[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }   \n";
static const float eight[] = {1, 2, 3, 4, 5, 6, 7, 8};

static void assert_holds(const char *path, vic_shape shape, size_t count, const double *expected) {
    vic_samples samples;
    double row[8];
    ck_assert_msg(npy->read_inputs(path, as_usual, &samples) == VIC_OK, "%s", vic_error_text());
    ck_assert(vic_shape_equal(samples.shape, shape));
    ck_assert_uint_eq(samples.count, count);
    for (size_t i = 0; i < count; i++) {
        vic_samples_gather(&samples, &i, 1, 0, vic_shape_count(shape), 1, VIC_FLOAT64, row);
        for (size_t k = 0; k < vic_shape_count(shape); k++)
            ck_assert_double_eq(row[k], expected[i * vic_shape_count(shape) + k]);
    }
    vic_samples_release(&samples);
}

START_TEST(reads_all_formats) {
    static const double expected[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const char *const headers[] = {
        four_by_two,
        "{\"shape\": (4L, 2L), \"descr\":\"<f4\",\"fortran_order\":False}\n",
        " { 'fortran_order' : False , 'shape' : ( 4 , 2 ) , 'descr' : '=f4' } ",
    };
    assert_holds(written(1 + _i % 3, headers[_i / 3], eight, sizeof eight), (vic_shape){1, {2}}, 4, expected);
}
END_TEST

START_TEST(reads_gzipped) {
    static const double expected[] = {1, 2, 3, 4, 5, 6, 7, 8};
    unsigned char bytes[LARGEST];
    const char *path = scratch_path(&folder, "a.npy.gz");
    unsigned size = (unsigned)compose(bytes, 1, four_by_two, eight, sizeof eight);
    gzFile file = gzopen(path, "wb");
    ck_assert_int_eq(gzwrite(file, bytes, size), (int)size);
    ck_assert_int_eq(gzclose(file), Z_OK);
    assert_holds(path, (vic_shape){1, {2}}, 4, expected);
}
END_TEST

/* The first axis lies innermost: element (i, j, k) is at i + 2 j + 4 k. */
START_TEST(turns_over_the_order_of_fortran) {
    static const double expected[] = {1, 5, 3, 7, 2, 6, 4, 8};
    assert_holds(
        written(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2, 2), }", eight, sizeof eight),
        (vic_shape){2, {2, 2}}, 2, expected);
    static const double flat[] = {1, 2, 3, 4, 5, 6, 7, 8};
    assert_holds(written(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (8,), }", eight, sizeof eight),
                 (vic_shape){.rank = 0}, 8, flat);
    static const double rows[] = {1, 3, 5, 7, 2, 4, 6, 8};
    assert_holds(
        written(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 4), }", eight, sizeof eight),
        (vic_shape){1, {4}}, 2, rows);
}
END_TEST

static const struct {
    const char *descr;
    unsigned char bytes[16];
    size_t size;
    double expected[2];
} types[] = {
    {"<f2", {0x00, 0x3c, 0x00, 0xc0}, 4, {1, -2}},
    {">f2", {0x3c, 0x00, 0xc0, 0x00}, 4, {1, -2}},
    {">f4", {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0}, 8, {1, -2}},
    {"<f8", {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0}, 16, {1, -2}},
    {">f8", {0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0}, 16, {1, -2}},
    {"|u1", {1, 255}, 2, {1, 255}},
    {"<u1", {1, 255}, 2, {1, 255}},
    {"|i1", {1, 255}, 2, {1, -1}},
    {"|b1", {1, 0}, 2, {1, 0}},
    {"<i2", {1, 0, 0xff, 0xff}, 4, {1, -1}},
    {">i2", {0, 1, 0xff, 0xfe}, 4, {1, -2}},
    {"<u2", {1, 0, 0xff, 0xff}, 4, {1, 65535}},
    {"<i4", {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff}, 8, {1, -2}},
    {">u4", {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff}, 8, {1, 4294967295.0}},
    {"<i8", {1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 16, {1, -2}},
    {">u8", {0, 0, 0, 0, 0, 0, 0, 1, 0x80}, 16, {1, 0x1p63}},
};

START_TEST(reads_every_type) {
    char header[128];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }",
             types[_i].descr);
    assert_holds(written(1, header, types[_i].bytes, types[_i].size), (vic_shape){.rank = 0}, 2,
                 types[_i].expected);
}
END_TEST

START_TEST(reads_labels) {
    static const struct {
        const char *header;
        unsigned char bytes[24];
        size_t size;
    } files[] = {
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }",
         {3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2},
         24},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3, 1), }", {3, 1, 2}, 3},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }", {0, 0x42, 0, 0x3c, 0, 0x40}, 6},
        {"{'descr': '>f4', 'fortran_order': True, 'shape': (3, 1), }",
         {0x40, 0x40, 0, 0, 0x3f, 0x80, 0, 0, 0x40},
         12},
    };
    vic_samples labels;
    const char *path = written(1, files[_i].header, files[_i].bytes, files[_i].size);
    ck_assert_msg(npy->read_labels(path, as_usual, &labels) == VIC_OK, "%s", vic_error_text());
    ck_assert_uint_eq(labels.count, 3);
    ck_assert_int_eq(labels.shape.rank, 0);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(vic_samples_label(&labels, i), i == 0 ? 3 : (int64_t)i);
    vic_samples_release(&labels);
}
END_TEST

static const struct {
    const char *header, *fragment;
    bool labels;
} wrong[] = {
    {"", "\"\" where { is expected", false},
    {"{'descr': '<f4', 'fortran_order': False, }", "lacks shape", false},
    {"{'fortran_order': False, 'shape': (8,)}", "lacks descr", false},
    {"{'descr': '<f4', 'shape': (8,)}", "lacks fortran_order", false},
    {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (8,)}", "the key \"descr\" twice",
     false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (8,), 'more': 1}", "the key \"more\"", false},
    {"{'descr': '<f4', 'fortran_order': 0, 'shape': (8,)}", "True or False is expected", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (8)}", "a comma is expected", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (-8,)}", "the length of an axis is expected", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2*4,)}", "a comma is expected", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': [8]}", "a shape is expected", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (8,)", "a comma is expected", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (8,)} x", "the end is expected", false},
    {"{'descr': '<f4' 'fortran_order': False, 'shape': (8,)}", "a comma is expected", false},
    {"{'descr': '<f4, 'fortran_order': False, 'shape': (8,)}", "is expected", false},
    {"{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (8,)}", "a numpy array of records", false},
    {"{'descr': '<c8', 'fortran_order': False, 'shape': (4,)}", "of type \"<c8\", expected", false},
    {"{'descr': '|O', 'fortran_order': False, 'shape': (4,)}", "of type \"|O\", expected", false},
    {"{'descr': '<U8', 'fortran_order': False, 'shape': (1,)}", "of type \"<U8\", expected", false},
    {"{'descr': '|f4', 'fortran_order': False, 'shape': (8,)}", "of type \"|f4\", expected", false},
    {"{'descr': '', 'fortran_order': False, 'shape': (8,)}", "of type \"\", expected", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (7,)}", "oversized", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (9,)}", "truncated", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 8)}", "its axis 0 has length 0", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (8, 0)}", "its axis 1 has length 0", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "overflows", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}", "overflows", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "overflows", false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387903,)}", "truncated", false},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1, 2, 1, 1, 1)}", "6 axes, inputs have 1 to 5",
     false},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2)}",
     "8 numbers on 2 axes, labels are one number", true},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (4,)}", "is no whole number", true},
};

START_TEST(refuses_what_is_no_array) {
    const char *path = written(1, wrong[_i].header, eight, sizeof eight);
    vic_samples samples;
    assert_refused((wrong[_i].labels ? npy->read_labels : npy->read_inputs)(path, as_usual, &samples),
                   VIC_BAD_FILE, path, wrong[_i].fragment);
    ck_assert_ptr_null(samples.data);
}
END_TEST

START_TEST(refuses_a_single_number) {
    vic_samples samples;
    const char *path = written(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", eight, 4);
    assert_refused(npy->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path, "0 axes");
    assert_refused(npy->read_labels(path, as_usual, &samples), VIC_BAD_FILE, path, "0 axes");
    path = written(4, four_by_two, eight, sizeof eight);
    assert_refused(npy->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path, "format 4.0");
    path = scratch_path(&folder, "a.npy");
    write_bytes(path, "1,2,0\n", 6);
    assert_refused(npy->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path,
                   "not a numpy array (.npy): it looks like text");
}
END_TEST

START_TEST(refuses_every_cut) {
    unsigned char bytes[LARGEST];
    size_t size = compose(bytes, 1 + _i, four_by_two, eight, sizeof eight);
    const char *path = scratch_path(&folder, "cut.npy");
    for (size_t cut = 0; cut < size; cut++) {
        vic_samples samples;
        write_bytes(path, bytes, cut);
        assert_refused(npy->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path, "");
    }
}
END_TEST

/* Whatever the bytes, it is read or refused; sanitizers watch. */
START_TEST(survives_mutants) {
    unsigned char bytes[LARGEST], mutant[2 * LARGEST];
    size_t size = compose(bytes, 1, four_by_two, eight, sizeof eight);
    const char *path = scratch_path(&folder, "mutant.npy");
    uint64_t state = 5;
    for (int i = 0; i < 1000; i++) {
        vic_samples samples;
        write_bytes(path, mutant, mutate(bytes, size, mutant, &state));
        vic_status status = npy->read_inputs(path, as_usual, &samples);
        ck_assert(status == VIC_OK || (status == VIC_BAD_FILE && strstr(vic_error_text(), path)));
        if (status == VIC_OK)
            vic_samples_release(&samples);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("npy");
    TCase *cases = tcase_create("npy");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_all_formats, 0, 9);
    tcase_add_test(cases, reads_gzipped);
    tcase_add_test(cases, turns_over_the_order_of_fortran);
    tcase_add_loop_test(cases, reads_every_type, 0, sizeof types / sizeof *types);
    tcase_add_loop_test(cases, reads_labels, 0, 4);
    tcase_add_loop_test(cases, refuses_what_is_no_array, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(cases, refuses_a_single_number);
    tcase_add_loop_test(cases, refuses_every_cut, 0, 3);
    tcase_set_timeout(cases, 30);
    tcase_add_test(cases, survives_mutants);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
