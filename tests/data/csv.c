/* Rows of numbers in a text file. */
#include "data/data.h"
#include "support/scratch.h"
#include "support/suite.h"

#include <zlib.h>

static const vic_data_reading as_usual;
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

static void assert_are_the_points_read(const char *path, vic_data_reading reading) {
    static const size_t order[] = {2, 0};
    static const double expected[] = {3e-2, .25, 1, -0.5};
    vic_samples inputs, labels;
    double rows[4];
    ck_assert_msg(csv->read_inputs(path, reading, &inputs) == VIC_OK, "%s", vic_error_text());
    ck_assert_msg(csv->read_labels(path, reading, &labels) == VIC_OK, "%s", vic_error_text());
    ck_assert_uint_eq(inputs.count, 3);
    ck_assert_uint_eq(labels.count, 3);
    ck_assert(vic_shape_equal(inputs.shape, (vic_shape){1, {2}}));
    ck_assert_int_eq(labels.shape.rank, 0);
    vic_samples_gather(&inputs, order, 2, 0, 2, 1, VIC_FLOAT64, rows);
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq(rows[i], expected[i]);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(vic_samples_label(&labels, (size_t)i), i);
    vic_samples_release(&inputs);
    vic_samples_release(&labels);
}

static void assert_are_the_points(const char *path) {
    assert_are_the_points_read(path, as_usual);
}

START_TEST(reads_rows) {
    static const char *const texts[] = {
        "1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n",
        "x1, x2, class\n1, -0.5, 0\n0.1, 0.1, 1\n3e-2, .25, 2",
        "# points\n\n1\t -0.5\t0\r\n0.1\t0.1 \t1\r\n  3e-2\t+.25\t2  \n\n",
        "x;y;c\n1;-5e-1;0\n.1;.1;1\n0.03;0.25;2\n",
        "  1 -0.5   0\n0.1\t0.1  1 \n 3e-2 .25 2",
        "x1 x2 \"the class\"\n1 -0.5 0\n\"0.1\" 0.1 1\n3e-2 .25 2",
        ("\xef\xbb\xbf"
         "1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n"),
        "\xef\xbb\xbf\"x, y\",\"x \"\"2\"\"\",class\r\n1,-0.5,0\r\n0.1,0.1,1\r\n3e-2,.25,2\r\n",
        "\"1\",\"-0.5\",\"0\"\n\" 0.1 \" , \"0.1\",1\n3e-2,.25,2\n",
        "1,-0.5,0\r0.1,0.1,1\r3e-2,.25,2\r",
        "label,x,y\n0,1,-0.5\n1,0.1,0.1\n2,3e-2,.25\n",
        "x;CLASS;y\n1;0;-0.5\n0.1;1;0.1\n3e-2;2;.25\n",
        "pixel0,pixel1,kind\n1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n",
        "V1,V2,V3\n1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n",
        "x,y,c\n1,-0.5,0\n\n  \n# between\n0.1,0.1,1\n3e-2,.25,2\n",
        "Mg,Na,label\n1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n",
        "NaN,inf,NULL of it\n1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n",
        "# label,x,y\n0,1,-0.5\n1,0.1,0.1\n2,3e-2,.25\n",
        "#x,label,y\n# of points\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n",
        "#,label,x\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n",
        "# label x y\n0 1 -0.5\n1 0.1 0.1\n2 3e-2 .25\n",
        "# some points by hand\n1 -0.5 0\n# between the rows\n0.1 0.1 1\n3e-2 .25 2\n",
        "# Points, by hand\n# made on 5 May; by bob, at noon, here\nx,y,c\n1,-0.5,0\n# second part, "
        "shuffled\n0.1,0.1,1\n3e-2,.25,2\n",
        "# the class is last; x, y\n1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n",
        "#samples 3\n#---- 2024 ----\n1 -0.5 0\n0.1 0.1 1\n# class last\n3e-2 .25 2\n",
    };
    assert_are_the_points(written(texts[_i]));
}
END_TEST
enum { READABLE = 22 };

/* The same points, where the reader needs options. */
static const struct {
    const char *text;
    vic_data_reading reading;
} chosen[] = {
    {"0,1,2\n1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n", {.header = VIC_HEADER_PRESENT}},
    {"x,3,2\n1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n", {.header = VIC_HEADER_PRESENT}},
    {"1,-0.5,0\n0.1,0.1,1\n3e-2,.25,2\n", {.header = VIC_HEADER_ABSENT}},
    {"0,1,-0.5\n1,0.1,0.1\n2,3e-2,.25\n", {.label = "1"}},
    {"0,1,-0.5\n1,0.1,0.1\n2,3e-2,.25\n", {.label = "-3"}},
    {"x,c,y\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n", {.label = "c"}},
    {"x,c,y\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n", {.label = "-2"}},
    {"# x,c,y\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n", {.label = "c"}},
    {"# c;x;y\n0;1;-0.5\n1;0.1;0.1\n2;3e-2;.25\n", {.label = "c"}},
    {"label,c,class\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n", {.label = "c"}},
    {"10,2,20\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n", {.header = VIC_HEADER_PRESENT, .label = "2"}},
    {"a,4,b\n1,0,-0.5\n0.1,1,0.1\n3e-2,2,.25\n", {.header = VIC_HEADER_PRESENT, .label = "4"}},
};

START_TEST(reads_the_chosen_columns) {
    assert_are_the_points_read(written(chosen[_i].text), chosen[_i].reading);
}
END_TEST

START_TEST(reports_a_class_that_is_not_plain) {
    static const struct {
        const char *text;
        const char *note;
    } files[] = {{"label,x\n1,2\n", "points.csv: the class is column 1, \"label\" (data.label)"},
                 {"x,label\n1,2\n", NULL},
                 {"x,kind\n1,2\n", "points.csv: the class is column 2, \"kind\" (data.label)"},
                 {"1,4\n", "points.csv: the class is column 2, the last (data.label)"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        vic_samples labels;
        ck_assert_int_eq(csv->read_labels(written(files[i].text), as_usual, &labels), VIC_OK);
        ck_assert_int_eq(labels.note != NULL, files[i].note != NULL);
        if (labels.note)
            ck_assert_ptr_nonnull(strstr(labels.note, files[i].note));
        vic_samples_release(&labels);
    }
}
END_TEST

START_TEST(takes_a_row_for_a_sample_where_there_is_no_header) {
    const char *path = written("0,1,2\n");
    vic_samples labels;
    ck_assert_int_eq(csv->read_labels(path, (vic_data_reading){.header = VIC_HEADER_ABSENT}, &labels),
                     VIC_OK);
    ck_assert_uint_eq(labels.count, 1);
    ck_assert_int_eq(vic_samples_label(&labels, 0), 2);
    vic_samples_release(&labels);
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
    ck_assert_int_eq(csv->read_inputs(path, as_usual, &inputs), VIC_OK);
    ck_assert_int_eq(csv->read_labels(path, as_usual, &labels), VIC_OK);
    ck_assert_uint_eq(inputs.count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        double value;
        vic_samples_gather(&inputs, &i, 1, 0, 1, 1, VIC_FLOAT64, &value);
        ck_assert(value == (double)i && vic_samples_label(&labels, i) == (int64_t)i % 7);
    }
    vic_samples_release(&inputs);
    vic_samples_release(&labels);
}
END_TEST

static const struct {
    const char *text, *fragment;
    vic_data_reading reading;
} wrong[] = {
    {"", "empty, expected rows of numbers", {0}},
    {"x,y\n", "a header, and no rows, expected rows of numbers", {0}},
    {"4,2,0\n1,0\n", ":2: 2 columns, expected 3 as in the first row", {0}},
    {"4,2,0\n1,0,3,4\n", ":2: 4 columns, expected 3 as in the first row", {0}},
    {"1\n", ":1: 1 column, expected 2 or more: inputs and a class", {0}},
    {"4,2,0\n1,two,0\n", ":2: column 2 is \"two\", expected a number", {0}},
    {"x,y\n1,2x\n", ":2: the class, column 2, is \"2x\", expected its number", {0}},
    {"4,2,0.5\n", ":1: the class, column 3, is 0.5, expected a whole number", {0}},
    {"1,2,1e300\n", ":1: the class, column 3, is 1e+300, which is too large for a class", {0}},
    {"a,b\n1,1e999\n", ":2: column 2 is 1e999, expected a finite number", {0}},
    /* first rows */
    {"O.1,0.2,0\n0.3,0.4,1\n", ":1: column 1 is \"O.1\", expected a number: the first row names", {0}},
    {"nan,0.2,0\n0.3,0.4,1\n", ":1: column 1 is nan, expected a finite number", {0}},
    {"NaN,-Infinity,inf\n0.3,0.4,1\n", ":1: column 1 is NaN, expected a finite number", {0}},
    {"x,2,y\n1,2,0\n", "data.header: true", {0}},
    {"# c\n\nx,2\n", ":3: column 1 is \"x\"", {0}},
    {"x,y,c\n1,2,0\n", ":1: column 1 is \"x\", expected a number", {.header = VIC_HEADER_ABSENT}},
    {"0,1,2\n3,4,0\n",
     ":1: 0, 1, 2 ... may be numbers of columns or a sample: say data.header: true or",
     {0}},
    {"0.0,1.0,2.0\n3,4,0\n", ":1: 0.0, 1.0, 2.0 ... may be numbers of columns", {0}},
    {"00,01,02\n3,4,0\n", ":1: 00, 01, 02 ... may be numbers of columns", {0}},
    {"2,0,1\n3,4,0\n", ":1: 2, 0, 1 ... may be numbers of columns", {0}},
    {"4,1,3,2\n3,4,0,1\n", ":1: 4, 1, 3 ... may be numbers of columns", {0}},
    {"1e0,3,2\n3,4,0\n", ":1: 1e0, 3, 2 ... may be numbers of columns", {0}},
    {"1,2,4294967296\n", ":1: the class, column 3, is 4294967296, which is too large for a class", {0}},
    {"1,2,-4294967296\n", ":1: the class, column 3, is -4294967296, which is too large for a class", {0}},
    {"NA,,NA\n1,2,0\n", ":1: column 2 is empty", {0}},
    {"a,1e999,b\n1,2,0\n", ":1: column 1 is \"a\", expected a number", {0}},
    {"1,2,3,4\n3,4,0,1\n", ":1: 1, 2, 3 ... may be numbers of columns", {0}},
    {",x,y,label\n0,1,2,0\n", ":1: column 1 has no name; is it an index", {0}},
    /* lines that begin with # */
    {"0.1,0.2,0\n#N/A,0.4,1\n", ":2: column 1 is #N/A, expected a finite number", {0}},
    {"#N/A,0.4,1\n0.1,0.2,0\n", ":1: column 1 is #N/A, expected a finite number", {0}},
    {"0.1,0.2,0\n#DIV/0!,0.4,1\n", ":2: column 1 is #DIV/0!, expected a finite number", {0}},
    {"0.1,0.2,0\n#1,0.4,1\n", ":2: begins with #: a comment or a row? Take out the #, or the line", {0}},
    {"0,0.2,0.1\n#1,0.4,1\n", ":2: begins with #: a comment or a row?", {.label = "1"}},
    {"#1,0.4,1\n0.1,0.2,0\n", ":1: begins with #: a comment or a row?", {0}},
    {"# 1,x,y\n0.1,0.2,0\n", ":1: begins with #: a comment or a row?", {0}},
    {"# label,x,y\n0,0.1,0.2\n", ":1: begins with #", {.header = VIC_HEADER_ABSENT}},
    {"# inputs, class, weights of the sample\n5,1,1\n3,0,0\n", ":1: begins with #: a comment or a row?", {0}},
    {"# the class is last\n5 1 7 0\n3 0 2 1\n", ":1: begins with #: a comment or a row?", {0}},
    {"x,y,c\n1,2,0\n# so far, so good, again\n", ":3: begins with #: a comment or a row?", {0}},
    {"0.1 0.2 0\n#N/A 0.4 1\n", ":2: column 1 is #N/A, expected a finite number", {0}},
    {"0.1 0.2 0\n#1 0.4 1\n", ":2: begins with #: a comment or a row?", {0}},
    /* empty cells */
    {"x,y,c\n0.1,,0\n", ":2: column 2 is empty", {0}},
    {"x,y,c\n,0.1,0\n", ":2: column 1 is empty", {0}},
    {"x,y,c\n0.1,1,\n", ":2: column 3 is empty", {0}},
    {"x,y,c\n\n# note\n0.1,\"\",0\n", ":4: column 2 is empty", {0}},
    {"x\ty\tc\n0.1\t\t0\n", ":2: column 2 is empty", {0}},
    {"x\ty\tc\n1\t2\t0\n\t\t\n", ":3: column 1 is empty", {0}},
    {"0.1,,0\n", ":1: column 2 is empty", {0}},
    {"x,y,c\n1,2,0\n,,\n", ":3: column 1 is empty", {0}},
    {"x,y,c\n1,2,0,\n", ":2: 4 columns, expected 3", {0}},
    /* separators and commas */
    {"4;2;0\n1,2,0\n", "the first row has semicolons between its columns, this one commas", {0}},
    {"4,2,0\n1;2;0\n",
     ":2: \"1;2;0\" is no number: the first row has commas between its columns, this one "
     "semicolons",
     {0}},
    {"4,2,0\n3,4 5\n", "the first row has commas", {0}},
    {"4,2,0\n1 2 0\n", "the first row has commas between its columns, this one blanks", {0}},
    {"4 2 0\n1,2,0\n", "the first row has blanks between its columns, this one commas", {0}},
    {"4\t2\t0\n1 2 0\n", "the first row has tabs between its columns, this one blanks", {0}},
    {"0,5;1,5;0\n", ":1: column 1 is \"0,5\": decimal commas: write points", {0}},
    {"0,5;1,5;0,0\n", ":1: column 1 is \"0,5\": decimal commas: write points", {0}},
    {"x;y;c\n0,5;1,5;0\n", ":2: column 1 is \"0,5\": decimal commas: write points", {0}},
    {"x\ty\tc\n0.5\t-1,5e3\t0\n", ":2: column 2 is \"-1,5e3\": decimal commas: write points", {0}},
    {"x,y,c\n\"1,000\",2,0\n", ":2: column 1 is \"1,000\": decimal commas: write points", {0}},
    /* quotes */
    {"x,y,c\n1,\"2,0\n3,4,0\n", ":2: the quote of a cell is not closed", {0}},
    {"x,y,c\n1,2\"3\",0\n", ":2: a quote within a cell", {0}},
    {"\"x\n\n1\",y,c\n1,2,0\n1,,0\n", ":5: column 2 is empty", {0}},
    {"\"x\r\n1\",y,c\r\n\r\n# c\r\n1,2,0\r\n1,,0\r\n", ":6: column 2 is empty", {0}},
    /* the class */
    {"x,label,class\n1,2,0\n", ":1: 2 columns could be the class by their names: say which: data.label", {0}},
    {"Label,label,y\n1,2,0\n", ":1: 2 columns could be the class", {0}},
    {"digit,pixel0,pixel1,pixel2\n1,2,0,1\n",
     ":1: is the class in column \"digit\", or in the last, \"pixel2\"?",
     {0}},
    {"x,y,kind\n1,2,0\n",
     ":1: no column is named \"kinds\" (data.label): did you mean \"kind\"?: they are "
     "\"x\", \"y\", \"kind\"",
     {.label = "kinds"}},
    {"x,y,c,c\n1,2,0,0\n", ":1: 2 columns are named \"c\" (data.label)", {.label = "c"}},
    {"4,2,0\n", ":1: no header names a column \"c\" (data.label)", {.label = "c"}},
    {"4,2,0\n", ":1: no column 4 (data.label): there are 1 to 3, and -1 is the last", {.label = "4"}},
    {"4,2,0\n", ":1: no column -4 (data.label)", {.label = "-4"}},
    {"4,2,0\n", ":1: no column 0 (data.label)", {.label = "0"}},
    {"0,1,2\n1,2,0\n",
     ":1: data.label: 2 is the name of column 3, and the number of another: write -1",
     {.header = VIC_HEADER_PRESENT, .label = "2"}},
};

START_TEST(refuses_what_is_no_table) {
    vic_samples samples;
    const char *path = written(wrong[_i].text);
    vic_status status = csv->read_labels(path, wrong[_i].reading, &samples);
    assert_refused(status, VIC_BAD_FILE, path, wrong[_i].fragment);
    ck_assert_ptr_null(samples.data);
}
END_TEST

/* As many as numbers of columns, and in no way such. */
START_TEST(takes_other_whole_numbers_for_a_sample) {
    static const char *const rows[] = {"1,0\n",    "2,1\n",     "0,0,1\n", "0,1,3\n",
                                       "1,2,-3\n", "0.5,1,2\n", "0,2,3\n"};
    vic_samples labels;
    ck_assert_int_eq(csv->read_labels(written(rows[_i]), as_usual, &labels), VIC_OK);
    ck_assert_uint_eq(labels.count, 1);
    vic_samples_release(&labels);
}
END_TEST

/* A name is looked for in time that grows with the columns, not with their square. */
START_TEST(refuses_a_name_among_many_soon) {
    enum { COLUMNS = 40000 };
    const char *path = scratch_path(&folder, "wide.csv");
    FILE *file = fopen(path, "w");
    for (int i = 0; i < COLUMNS; i++)
        fprintf(file, "gene_of_a_long_name_%d,", i);
    fputs("kind\n", file);
    fclose(file);
    vic_samples labels;
    double began = vic_now();
    assert_refused(csv->read_labels(path, (vic_data_reading){.label = "kinds"}, &labels), VIC_BAD_FILE, path,
                   "did you mean \"kind\"");
    ck_assert_double_lt(vic_now() - began, 4);
}
END_TEST

START_TEST(refuses_bytes_that_are_no_text) {
    const char *path = scratch_path(&folder, "points.csv");
    vic_samples samples;
    write_bytes(path, "1,2\n3\0,4\n", 9);
    assert_refused(csv->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path,
                   "a byte 0 at 5, expected text");
    assert_refused(csv->read_inputs("/nowhere/x.csv", as_usual, &samples), VIC_BAD_FILE, "/nowhere/x.csv",
                   "cannot open");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("csv");
    TCase *cases = tcase_create("csv");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_rows, 0, READABLE);
    tcase_add_loop_test(cases, reads_the_chosen_columns, 0, sizeof chosen / sizeof *chosen);
    tcase_add_test(cases, reports_a_class_that_is_not_plain);
    tcase_add_test(cases, takes_a_row_for_a_sample_where_there_is_no_header);
    tcase_add_test(cases, reads_gzipped_rows);
    tcase_add_test(cases, reads_more_than_fits_at_once);
    tcase_add_loop_test(cases, refuses_what_is_no_table, 0, sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(cases, takes_other_whole_numbers_for_a_sample, 0, 7);
    tcase_add_test(cases, refuses_a_name_among_many_soon);
    tcase_add_test(cases, refuses_bytes_that_are_no_text);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
