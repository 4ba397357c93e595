/* Data sets out of several files, spread over any number of ranks. */
#include "made_cifar10.h"

#include "data/dataset.h"
#include "support/scratch.h"
#include "support/together.h"

#include <mpi.h>
#include <zlib.h>

enum { FILES = 3, RECORDS = 12 };
static const size_t sizes[FILES] = {5, 1, 6};

static scratch folder;
static vic_network *network;
static int rank_of[2];
static char paths[FILES][256];
static char *path_list[FILES];

static void write_files(void) {
    static unsigned char bytes[RECORDS * MADE_RECORD];
    make_records(0, RECORDS, bytes);
    for (size_t i = 0, first = 0; i < FILES; first += sizes[i++])
        write_bytes(paths[i], bytes + first * MADE_RECORD, sizes[i] * MADE_RECORD);
}

static void make_network(size_t classes) {
    const size_t options[VIC_MAX_OPTIONS] = {classes, 1};
    vic_function function;
    together_assert_ok(vic_network_create(&network, VIC_FLOAT32, (vic_shape){1, {MADE_IMAGE}}));
    together_assert_ok(
        vic_function_place(&function, vic_function_find(VIC_FLOAT32, "linear"), network->shapes[0], options));
    together_assert_ok(vic_network_grow(network, 0, 1, &function));
    network->loss = vic_loss_find(VIC_FLOAT32, "cross-entropy");
    together_place(network, together_size(), rank_of);
}

static void setup(void) {
    if (together_rank() == 0)
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
    for (int i = 0; i < FILES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/made_up_%d.bin", folder.folder, i);
        path_list[i] = paths[i];
    }
    if (together_rank() == 0)
        write_files();
    MPI_Barrier(MPI_COMM_WORLD);
}

static void teardown(void) {
    MPI_Barrier(MPI_COMM_WORLD);
    if (together_rank() == 0)
        scratch_close(&folder);
    vic_network_destroy(&network);
}

static vic_status open_all(vic_dataset **dataset, vic_file_list inputs, vic_file_list labels) {
    return vic_dataset_open(dataset, together_group(), network, rank_of, vic_data_format_find("cifar10"),
                            (vic_data_reading){0}, inputs, labels, 2);
}

START_TEST(joins_the_files_in_their_order) {
    static const size_t order[] = {11, 5, 0, 6};
    float rows[4 * MADE_IMAGE];
    int64_t classes[4];
    vic_dataset *dataset;
    make_network(MADE_CLASSES);
    vic_file_list files = {FILES, path_list};
    together_assert_ok(open_all(&dataset, files, files));
    const vic_source *source = vic_dataset_source(dataset);
    bool right = source->count == RECORDS;
    if (rank_of[0] == together_rank()) {
        source->inputs(source->context, order, 4, 0, MADE_IMAGE, rows);
        for (size_t i = 0; i < 4 * MADE_IMAGE; i++)
            right = right && rows[i] == (float)made_pixel(order[i / MADE_IMAGE], i % MADE_IMAGE) / 2;
    }
    if (rank_of[1] == together_rank()) {
        source->classes(source->context, order, 4, classes);
        for (size_t i = 0; i < 4; i++)
            right = right && classes[i] == made_label(order[i]);
    }
    together_assert(right);
    vic_dataset_close(&dataset);
}
END_TEST

/* Labels of another file, or of the same files in another order, are those of other samples. */
START_TEST(wants_inputs_and_labels_of_the_same_files) {
    vic_dataset *dataset;
    make_network(MADE_CLASSES);
    char *turned[] = {paths[1], paths[0], paths[2]};
    vic_status status = open_all(&dataset, (vic_file_list){FILES, path_list}, (vic_file_list){2, path_list});
    together_assert(status == VIC_BAD_FILE && dataset == NULL);
    together_assert_msg(strstr(vic_error_text(), "3 files of inputs, but 2 of labels") != NULL, "%s",
                        vic_error_text());
    status = open_all(&dataset, (vic_file_list){FILES, path_list}, (vic_file_list){FILES, turned});
    together_assert(status == VIC_BAD_FILE && dataset == NULL);
    together_assert_msg(strstr(vic_error_text(), paths[0]) != NULL &&
                            strstr(vic_error_text(), "its labels would be those of") != NULL,
                        "%s", vic_error_text());
}
END_TEST

/* Record 8 has label 9. Places are counted within the file that is at fault. */
START_TEST(names_the_file_of_the_list) {
    vic_dataset *dataset;
    make_network(MADE_CLASSES - 1);
    vic_file_list files = {FILES, path_list};
    vic_status status = open_all(&dataset, files, files);
    together_assert(status == VIC_BAD_FILE && dataset == NULL);
    together_assert_msg(strstr(vic_error_text(), paths[2]) != NULL &&
                            strstr(vic_error_text(), "label 9 (sample 2,") != NULL,
                        "%s", vic_error_text());
}
END_TEST

/* Inputs where the first population is, labels where the last one is; both from the same files. */
START_TEST(forecasts_what_stays_in_memory) {
    static char missing[] = "/nowhere/made_up.bin";
    char *paths_and_none[] = {paths[0], missing, paths[2]};
    const vic_data_format *format = vic_data_format_find("cifar10");
    vic_file_list all = {FILES, path_list}, some = {FILES, paths_and_none};
    make_network(MADE_CLASSES);
    const bool below[] = {true, false}, above[] = {false, true}, both[] = {true, true};
    ck_assert_uint_eq(vic_dataset_forecast(network, below, format, all, all), 12 * MADE_IMAGE);
    ck_assert_uint_eq(vic_dataset_forecast(network, above, format, all, all), 12);
    ck_assert_uint_eq(vic_dataset_forecast(network, both, format, some, some), 11 * MADE_RECORD);
    format = vic_data_format_find("idx");
    ck_assert_uint_eq(vic_dataset_forecast(network, both, format, all, some), 23 * MADE_RECORD);
}
END_TEST

START_TEST(forecasts_what_gzipped_files_unpack_to) {
    static unsigned char bytes[2 * MADE_RECORD];
    char path[300], *list[] = {path};
    const bool below[] = {true, false};
    make_network(MADE_CLASSES);
    make_records(0, 2, bytes);
    snprintf(path, sizeof path, "%s/made_up_%d.gz", folder.folder, together_rank());
    gzFile file = gzopen(path, "wb");
    bool written = file && gzwrite(file, bytes, sizeof bytes) == sizeof bytes && gzclose(file) == Z_OK;
    together_assert(written);
    vic_file_list files = {1, list};
    together_assert(vic_dataset_forecast(network, below, vic_data_format_find("cifar10"), files, files) ==
                    2 * MADE_IMAGE);
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("dataset");
    TCase *cases = tcase_create("dataset");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, joins_the_files_in_their_order);
    tcase_add_test(cases, wants_inputs_and_labels_of_the_same_files);
    tcase_add_test(cases, names_the_file_of_the_list);
    tcase_add_test(cases, forecasts_what_stays_in_memory);
    tcase_add_test(cases, forecasts_what_gzipped_files_unpack_to);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
