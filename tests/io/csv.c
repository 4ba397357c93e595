/* Rows of numbers in a text file. */
#include "vicinal/io.h"

#include "io/scratch.h"

#include <zlib.h>

static scratch folder;
static const vic_data_format *csv;

static void setup(void) {
    scratch_open(&folder);
    csv = vic_data_format_find("csv");
    ck_assert_ptr_nonnull(csv);
}

static void teardown(void) {
    scratch_close(&folder);
}

static const char *written(const char *text) {
    const char *path = scratch_path(&folder, "points.csv");
    write_bytes(path, text, strlen(text));
    return path;
}

static void assert_are_the_points(const char *path) {
    static const size_t order[] = {2, 0};
    static const double expected[] = {3e-2, .25, 1, -0.5};
    vic_samples inputs, labels;
    double rows[4];
    ck_assert_msg(csv->read_inputs(path, &inputs) == VIC_OK, "%s", vic_error_text());
    ck_assert_msg(csv->read_labels(path, &labels) == VIC_OK, "%s", vic_error_text());
    ck_assert_uint_eq(inputs.count, 3);
    ck_assert_uint_eq(labels.count, 3);
    ck_assert(vic_shape_equal(inputs.shape, (vic_shape){1, {2}}));
    ck_assert_int_eq(labels.shape.rank, 0);
    vic_samples_gather(&inputs, order, 2, 1, VIC_FLOAT64, rows);
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq(rows[i], expected[i]);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(vic_samples_label(&labels, (size_t)i), i);
    vic_samples_release(&inputs);
    vic_samples_release(&labels);
}

START_TEST(reads_rows) {
    static const char *const texts[] = {"1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n",
                                        "x1, x2, class\n1, -0.5, 0\n0.1, 0.1, 1\n3e-2, .25, 2",
                                        "# points\n\n1 -0.5\t0\r\n0.1 ; 0.1 ; 1\r\n  3e-2 +.25 2  \n\n",
                                        "x;y;c\n1;-5e-1;0\n.1;.1;1\n0.03;0.25;2\n"};
    assert_are_the_points(written(texts[_i]));
}
END_TEST

START_TEST(reads_gzipped_rows) {
    const char *path = scratch_path(&folder, "points.csv.gz");
    const char text[] = "1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n";
    gzFile file = gzopen(path, "wb");
    ck_assert_int_gt(gzputs(file, text), 0);
    ck_assert_int_eq(gzclose(file), Z_OK);
    assert_are_the_points(path);
}
END_TEST

START_TEST(reads_more_than_fits_at_once) {
    enum { ROWS = 50000 };
    const char *path = scratch_path(&folder, "long.csv");
    FILE *file = fopen(path, "w");
    for (int i = 0; i < ROWS; i++)
        fprintf(file, "%d,%d\n", i, i % 7);
    fclose(file);
    vic_samples inputs, labels;
    ck_assert_int_eq(csv->read_inputs(path, &inputs), VIC_OK);
    ck_assert_int_eq(csv->read_labels(path, &labels), VIC_OK);
    ck_assert_uint_eq(inputs.count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        double value;
        vic_samples_gather(&inputs, &i, 1, 1, VIC_FLOAT64, &value);
        ck_assert(value == (double)i && vic_samples_label(&labels, i) == (int64_t)i % 7);
    }
    vic_samples_release(&inputs);
    vic_samples_release(&labels);
}
END_TEST

static const struct {
    const char *text, *fragment;
} wrong[] = {
    {"", "empty, expected rows of numbers"},
    {"x,y\n", "empty, expected rows of numbers"},
    {"1,2,0\n1,0\n", ":2: 2 columns, expected 3: inputs, and a class as the last"},
    {"1\n", ":1: 1 columns, expected 2 or more: inputs, and a class as the last"},
    {"1,2,0\n1,two,0\n", ":2: expected numbers between commas or blanks"},
    {"x,y\n1,2x\n", ":2: expected numbers between commas or blanks"},
    {"# c\nx,y\n", ":2: expected numbers between commas or blanks"},
    {"1,2,0.5\n", ":1: the last column is 0.5, expected the number of a class, from 0 on"},
    {"1,2,1e300\n", ":1: the last column is 1e+300, expected the number of a class, from 0 on"},
};

START_TEST(refuses_what_is_no_table) {
    vic_samples samples;
    const char *path = written(wrong[_i].text);
    vic_status status = csv->read_labels(path, &samples);
    assert_refused(status, VIC_BAD_FILE, path, wrong[_i].fragment);
    ck_assert_ptr_null(samples.data);
}
END_TEST

START_TEST(refuses_bytes_that_are_no_text) {
    const char *path = scratch_path(&folder, "points.csv");
    vic_samples samples;
    write_bytes(path, "1,2\n3\0,4\n", 9);
    assert_refused(csv->read_inputs(path, &samples), VIC_BAD_FILE, path, "a byte 0 at 5, expected text");
    assert_refused(csv->read_inputs("/nowhere/x.csv", &samples), VIC_BAD_FILE, "/nowhere/x.csv",
                   "cannot open");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("csv");
    TCase *cases = tcase_create("csv");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_rows, 0, 4);
    tcase_add_test(cases, reads_gzipped_rows);
    tcase_add_test(cases, reads_more_than_fits_at_once);
    tcase_add_loop_test(cases, refuses_what_is_no_table, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(cases, refuses_bytes_that_are_no_text);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
