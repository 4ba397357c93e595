#include "made_cifar10.h"

#include "data/data.h"
#include "support/scratch.h"
#include "support/suite.h"

#include <zlib.h>

enum { RECORDS = 50 };

static const vic_data_reading as_usual;
static scratch folder;
static const vic_data_format *cifar10;
static unsigned char bytes[RECORDS * MADE_RECORD];

static void setup(void) {
    scratch_open(&folder);
    cifar10 = vic_data_format_find("cifar10");
    ck_assert_ptr_nonnull(cifar10);
    make_records(0, RECORDS, bytes);
}

static void teardown(void) {
    scratch_close(&folder);
}

static void write_gzip(const char *path, const void *from, size_t size) {
    gzFile file = gzopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(gzwrite(file, from, (unsigned)size), (int)size);
    ck_assert_int_eq(gzclose(file), Z_OK);
}

static void assert_are_the_records(const vic_samples *inputs, const vic_samples *labels) {
    static const size_t order[] = {RECORDS - 1, 0, 17};
    float rows[3 * MADE_IMAGE];
    ck_assert_uint_eq(inputs->count, RECORDS);
    ck_assert_uint_eq(labels->count, RECORDS);
    ck_assert(vic_shape_equal(inputs->shape, (vic_shape){3, {3, 32, 32}}));
    ck_assert_int_eq(labels->shape.rank, 0);
    for (size_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(vic_samples_label(labels, i), made_label(i));
    vic_samples_gather(inputs, order, 3, 0, MADE_IMAGE, 255, VIC_FLOAT32, rows);
    for (size_t i = 0; i < 3 * MADE_IMAGE; i++)
        ck_assert(rows[i] == (float)made_pixel(order[i / MADE_IMAGE], i % MADE_IMAGE) / 255.0f);
}

START_TEST(reads_inputs_and_labels_of_one_file) {
    const char *path = scratch_path(&folder, "made_up.bin");
    (_i ? write_gzip : write_bytes)(path, bytes, sizeof bytes);
    vic_samples inputs, labels;
    ck_assert_int_eq(cifar10->read_inputs(path, as_usual, &inputs), VIC_OK);
    ck_assert_int_eq(cifar10->read_labels(path, as_usual, &labels), VIC_OK);
    assert_are_the_records(&inputs, &labels);
    ck_assert_str_eq(inputs.path, path);
    ck_assert_int_eq(vic_samples_check_finite(&inputs, 1, VIC_FLOAT64), VIC_OK);
    ck_assert_int_eq(vic_samples_check_labels(&labels, MADE_CLASSES), VIC_OK);
    vic_samples_release(&inputs);
    vic_samples_release(&labels);
}
END_TEST

START_TEST(joins_files) {
    vic_samples inputs = {0}, labels = {0}, more;
    static const size_t sizes[] = {1, 30, 19};
    for (size_t i = 0, first = 0; i < 3; first += sizes[i++]) {
        const char *path = scratch_path(&folder, "made_up.bin");
        write_bytes(path, bytes + first * MADE_RECORD, sizes[i] * MADE_RECORD);
        ck_assert_int_eq(cifar10->read_inputs(path, as_usual, &more), VIC_OK);
        ck_assert_int_eq(vic_samples_append(&inputs, &more), VIC_OK);
        ck_assert_ptr_null(more.data);
        ck_assert_int_eq(cifar10->read_labels(path, as_usual, &more), VIC_OK);
        ck_assert_int_eq(vic_samples_append(&labels, &more), VIC_OK);
    }
    assert_are_the_records(&inputs, &labels);
    vic_samples_release(&inputs);
    vic_samples_release(&labels);
}
END_TEST

START_TEST(joins_only_what_is_alike) {
    const unsigned char other[] = {0, 0, 9, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2};
    const vic_data_format *idx = vic_data_format_find("idx");
    vic_samples inputs, more;
    const char *path = scratch_path(&folder, "made_up.bin");
    write_bytes(path, bytes, sizeof bytes);
    ck_assert_int_eq(cifar10->read_inputs(path, as_usual, &inputs), VIC_OK);
    path = scratch_path(&folder, "other");
    write_bytes(path, other, sizeof other);
    ck_assert_int_eq(idx->read_inputs(path, as_usual, &more), VIC_OK);
    assert_refused(vic_samples_append(&inputs, &more), VIC_BAD_FILE, path, "samples of [2] int8 do not fit");
    ck_assert_uint_eq(inputs.count, RECORDS);
    ck_assert_uint_eq(more.count, 1);
    vic_samples_release(&inputs);
    vic_samples_release(&more);
}
END_TEST

/* Labels 1 to 10, of which 10 is no label without the offset. */
START_TEST(takes_labels_that_start_at_one) {
    const vic_data_reading from_one = {.label_offset = 1};
    const char *path = scratch_path(&folder, "from_one.bin");
    vic_samples labels;
    for (size_t i = 0; i < RECORDS; i++)
        bytes[i * MADE_RECORD]++;
    write_bytes(path, bytes, sizeof bytes);
    ck_assert_int_eq(cifar10->read_labels(path, from_one, &labels), VIC_OK);
    labels.label_offset = 1;
    ck_assert_int_eq(vic_samples_check_labels(&labels, MADE_CLASSES), VIC_OK);
    for (size_t i = 0; i < RECORDS; i++)
        ck_assert_int_eq(vic_samples_label(&labels, i), made_label(i));
    vic_samples_release(&labels);
    assert_refused(
        cifar10->read_labels(path, as_usual, &labels), VIC_BAD_FILE, path,
        "expected 0 to 9 in records of 3073 bytes; if classes count from 1, set data.label_offset: 1");
    bytes[0] = 0;
    write_bytes(path, bytes, sizeof bytes);
    assert_refused(cifar10->read_labels(path, from_one, &labels), VIC_BAD_FILE, path, "label 0 (byte 0");
}
END_TEST

/* ---- what is refused ---- */

static const struct {
    size_t size; /* of the file */
    size_t place;
    unsigned char value; /* at `place`, 0: as it was */
    const char *fragment;
} malformed[] = {
    {0, 0, 0, "empty, expected records of 3073 bytes"},
    {1, 0, 0, "truncated: 1 bytes of record 0 (counted from 0, from byte 0 on), expected 3073"},
    {MADE_RECORD - 1, 0, 0, "truncated: 3072 bytes of record 0"},
    {3 * MADE_RECORD + 5, 0, 0, "truncated: 5 bytes of record 3 (counted from 0, from byte 9219 on)"},
    {RECORDS * MADE_RECORD - 1, 0, 0, "truncated: 3072 bytes of record 49"},
    {3 * MADE_RECORD, 0, 10, "label 10 (byte 0, the first of record 0, counted from 0), expected 0 to 9"},
    {3 * MADE_RECORD, 2 * MADE_RECORD, 255, "label 255 (byte 6146, the first of record 2"},
};

START_TEST(refuses_malformed_files) {
    const char *path = scratch_path(&folder, "bad.bin");
    vic_samples samples;
    if (malformed[_i].value)
        bytes[malformed[_i].place] = malformed[_i].value;
    for (int gzip = 0; gzip < 2; gzip++) {
        (gzip ? write_gzip : write_bytes)(path, bytes, malformed[_i].size);
        assert_refused(cifar10->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path,
                       malformed[_i].fragment);
        ck_assert_ptr_null(samples.data);
        assert_refused(cifar10->read_labels(path, as_usual, &samples), VIC_BAD_FILE, path,
                       malformed[_i].fragment);
        ck_assert_ptr_null(samples.data);
        ck_assert_ptr_null(samples.path);
    }
}
END_TEST

START_TEST(refuses_what_cannot_be_read) {
    vic_samples samples;
    const char *path = scratch_path(&folder, "none");
    assert_refused(cifar10->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path, "No such file");
    assert_refused(cifar10->read_labels(folder.folder, as_usual, &samples), VIC_BAD_FILE, folder.folder,
                   "Is a directory");
}
END_TEST

START_TEST(refuses_damaged_gzip) {
    static unsigned char packed[sizeof bytes];
    const char *path = scratch_path(&folder, "made_up.gz");
    write_gzip(path, bytes, sizeof bytes);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(packed, 1, sizeof packed, file);
    fclose(file);
    vic_samples samples;
    for (size_t cut = 2; cut < size; cut += size / 40) {
        write_bytes(path, packed, cut);
        assert_refused(cifar10->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path, "truncated");
    }
    packed[size - 6] ^= 1; /* in the stream's sum */
    write_bytes(path, packed, size);
    assert_refused(cifar10->read_inputs(path, as_usual, &samples), VIC_BAD_FILE, path, "damaged");
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof(array)[0]))

int main(void) {
    Suite *suite = suite_create("cifar10");
    TCase *cases = tcase_create("cifar10");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_inputs_and_labels_of_one_file, 0, 2);
    tcase_add_test(cases, takes_labels_that_start_at_one);
    tcase_add_test(cases, joins_files);
    tcase_add_test(cases, joins_only_what_is_alike);
    tcase_add_loop_test(cases, refuses_malformed_files, 0, LENGTH(malformed));
    tcase_add_test(cases, refuses_what_cannot_be_read);
    tcase_add_test(cases, refuses_damaged_gzip);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
