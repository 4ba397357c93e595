/* Batches in all the forms they may have, on any number of ranks. */
#include "tensors/batch.h"
#include "support/scratch.h"
#include "support/together.h"

#include <mpi.h>

/* Populations [2, 3, 4] -> [2, 3, 4] -> [2]. */
enum { SAMPLES = 2, FEATURES = 24, OUTPUTS = 2 };

static scratch folder;
static vic_network *network;
static vic_inference *inference;
static int rank_of[3];

static void setup(void) {
    if (together_rank() == 0)
        scratch_open(&folder);
    MPI_Bcast(&folder, sizeof folder, MPI_BYTE, 0, MPI_COMM_WORLD);
}

static void teardown(void) {
    vic_inference_destroy(&inference);
    vic_network_destroy(&network);
    MPI_Barrier(MPI_COMM_WORLD);
    if (together_rank() == 0)
        scratch_close(&folder);
}

static vic_status add_layer(int from, const char *const *names, int n) {
    const size_t options[VIC_MAX_OPTIONS] = {OUTPUTS, 1};
    vic_function functions[2];
    vic_shape shape = network->shapes[from];
    for (int i = 0; i < n; i++) {
        VIC_TRY(vic_function_place(&functions[i], vic_function_find(VIC_FLOAT64, names[i]), shape, options));
        shape = functions[i].out;
    }
    return vic_network_grow(network, from, n, functions);
}

static void build(const char *loss, bool initial) {
    static const char *const first[] = {"relu"}, *const second[] = {"flatten", "linear"};
    vic_inference_options options = {
        .algorithm = vic_algorithm_find("strict"), .eta = 0.1, .steps = 2, .initial_beliefs = initial};
    together_assert_ok(vic_network_create(&network, VIC_FLOAT64, (vic_shape){3, {2, 3, 4}}));
    together_assert_ok(add_layer(0, first, 1));
    together_assert_ok(add_layer(1, second, 2));
    network->loss = vic_loss_find(VIC_FLOAT64, loss);
    together_place(network, together_size(), rank_of);
    together_assert_ok(
        vic_inference_create(&inference, together_group(), network, rank_of, SAMPLES, false, options));
}

typedef struct part {
    const char *name, *dtype, *shape;
    const void *data;
    size_t size;
} part;

/* Written by rank 0; every rank gets the path. */
static const char *written(const part *parts, size_t n) {
    char header[1024] = "{";
    unsigned char bytes[4096];
    size_t length = 1, end = 0;
    const char *path = scratch_path(&folder, "b.safetensors");
    for (size_t i = 0; i < n; end += parts[i++].size)
        length += (size_t)snprintf(header + length, sizeof header - length,
                                   "%s\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}",
                                   i ? "," : "", parts[i].name, parts[i].dtype, parts[i].shape, end,
                                   end + parts[i].size);
    header[length++] = '}';
    memset(bytes, 0, 8);
    bytes[0] = (unsigned char)length, bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    size_t used = 8 + length;
    for (size_t i = 0; i < n; used += parts[i++].size)
        memcpy(bytes + used, parts[i].data, parts[i].size);
    if (together_rank() == 0)
        write_bytes(path, bytes, used);
    MPI_Barrier(MPI_COMM_WORLD);
    return path;
}

/* Sample b of the input holds 24 b + 0, 1, 2 ... */
static void input_as(double *f64, float *f32, uint16_t *bf16, int16_t *i16, uint8_t *u8) {
    for (int i = 0; i < SAMPLES * FEATURES; i++) {
        f64[i] = f32[i] = (float)i;
        i16[i] = (int16_t)i;
        u8[i] = (uint8_t)i;
        uint32_t bits;
        memcpy(&bits, &f32[i], sizeof bits);
        bf16[i] = (uint16_t)(bits >> 16); /* exact: few bits */
    }
}

static double f64[SAMPLES * FEATURES];
static float f32[SAMPLES * FEATURES];
static uint16_t bf16[SAMPLES * FEATURES];
static int16_t i16[SAMPLES * FEATURES];
static uint8_t u8[SAMPLES * FEATURES];

static const struct {
    const char *dtype, *shape;
    const void *data;
    size_t size;
} inputs[] = {
    {"F64", "[2,2,3,4]", f64, sizeof f64},      {"F32", "[2,24]", f32, sizeof f32},
    {"BF16", "[2,1,2,3,4]", bf16, sizeof bf16}, {"I16", "[2,2,3,1,4]", i16, sizeof i16},
    {"U8", "[2,2,3,4]", u8, sizeof u8},
};

START_TEST(takes_inputs_of_any_type) {
    const part input = {"input", inputs[_i].dtype, inputs[_i].shape, inputs[_i].data, inputs[_i].size};
    vic_batch batch;
    build("cross-entropy", false);
    input_as(f64, f32, bf16, i16, u8);
    vic_batch_files files = {.batch = written(&input, 1)};
    together_assert_ok(vic_batch_inspect(files, network, &batch));
    together_assert(batch.samples == SAMPLES && !batch.target && !batch.initial);
    together_assert_ok(vic_batch_read(files, inference));
    const double *values = vic_inference_input(inference);
    bool right = true;
    for (int i = 0; values && i < FEATURES; i++)
        for (int b = 0; b < SAMPLES; b++)
            right = right && values[i * SAMPLES + b] == FEATURES * b + i;
    together_assert(right);
    together_assert(vic_batch_inspect_whole(files, network, &batch) == VIC_BAD_FILE);
    together_assert(strstr(vic_error_text(), "tensor \"target\" is missing") != NULL);
}
END_TEST

static const int32_t ones[] = {1, 0};
static const uint8_t hot[] = {0, 1, 1, 0};
static const double values[] = {0, 1, 1, 0};

/* The second class of the first sample, the first of the second one. */
static const struct {
    const char *loss, *dtype, *shape;
    const void *data;
    size_t size;
} targets[] = {
    {"cross-entropy", "I32", "[2]", ones, sizeof ones},
    {"cross-entropy", "I32", "[2,1]", ones, sizeof ones},
    {"cross-entropy", "BOOL", "[2,2]", hot, sizeof hot},
    {"cross-entropy", "F64", "[2,2]", values, sizeof values},
    {"squared-error", "F64", "[2,2]", values, sizeof values},
    {"squared-error", "U8", "[2,1,2]", hot, sizeof hot},
    {"squared-error", "I32", "[2]", ones, sizeof ones},
    {"squared-error", "I32", "[2,1]", ones, sizeof ones},
};

START_TEST(takes_targets_of_any_form) {
    const part parts[] = {
        {"input", "F64", "[2,2,3,4]", f64, sizeof f64},
        {"target", targets[_i].dtype, targets[_i].shape, targets[_i].data, targets[_i].size}};
    vic_batch batch;
    build(targets[_i].loss, false);
    vic_batch_files files = {.batch = written(parts, 2)};
    together_assert_ok(vic_batch_inspect_whole(files, network, &batch));
    together_assert_ok(vic_batch_read(files, inference));
    const void *target = vic_inference_target(inference);
    bool right = true;
    if (target && network->loss->target_type == VIC_TARGET_CLASSES)
        right = memcmp(target, (int64_t[]){1, 0}, 2 * sizeof(int64_t)) == 0;
    else if (target)
        right = memcmp(target, values, sizeof values) == 0; /* (outputs, batch), which looks the same here */
    together_assert(right);
}
END_TEST

START_TEST(counts_classes_from_an_offset_on) {
    static const int64_t offsets[] = {0, 5, -7, INT64_MAX - 1, INT64_MIN};
    const int64_t offset = offsets[_i], classes[] = {offset + 1, offset};
    const part parts[] = {{"input", "F64", "[2,2,3,4]", f64, sizeof f64},
                          {"target", "I64", "[2]", classes, sizeof classes}};
    build("cross-entropy", false);
    vic_batch_files files = {.batch = written(parts, 2), .label_offset = offset};
    together_assert_ok(vic_batch_read(files, inference));
    const int64_t *target = vic_inference_target(inference);
    together_assert(target == NULL || (target[0] == 1 && target[1] == 0));
}
END_TEST

START_TEST(refuses_classes_beside_the_offset) {
    static const struct {
        int64_t offset;
        const char *fragment;
    } cases[] = {{0, "target[1] is class 2, allowed are 0 to 1; where classes count from 1, set "
                     "data.label_offset: 1"},
                 {2, "target[0] is class 1, less data.label_offset: 2, allowed are 0 to 1"},
                 {INT64_MIN, "target[0] is class 1, less data.label_offset: "},
                 {INT64_MAX, "target[0] is class 1, less data.label_offset: "}};
    const int64_t classes[] = {1, 2};
    const part parts[] = {{"input", "F64", "[2,2,3,4]", f64, sizeof f64},
                          {"target", "I64", "[2]", classes, sizeof classes}};
    build("cross-entropy", false);
    vic_batch_files files = {.batch = written(parts, 2), .label_offset = cases[_i].offset};
    vic_status status = vic_group_agree_on_status(together_group(), vic_batch_read(files, inference));
    together_assert_msg(status == VIC_BAD_FILE && strstr(vic_error_text(), cases[_i].fragment), "%s",
                        vic_error_text());
}
END_TEST

static const struct {
    const char *loss, *input, *name, *dtype, *shape;
    size_t size;
    const char *fragment;
} wrong[] = {
    {"cross-entropy", "[2,3,4,2]", "target", "I64", "[2]", 16,
     "expected 2 samples of [2, 3, 4]: its axes are in another order"},
    {"cross-entropy", "[2,4,6]", "target", "I64", "[2]", 16,
     "has shape [2, 4, 6], expected 2 samples of [2, 3, 4]"},
    {"cross-entropy", "[48]", "target", "I64", "[2]", 16, "expected 48 samples of [2, 3, 4]"},
    {"cross-entropy", "[2,24]", "target", "F32", "[2]", 8, "is F32 of shape [2], but cross-entropy takes"},
    {"cross-entropy", "[2,24]", "target", "I64", "[3]", 24, "is I64 of shape [3], but cross-entropy takes"},
    {"cross-entropy", "[2,24]", "target", "I64", "[]", 8, "is I64 of shape [], but"},
    {"cross-entropy", "[2,24]", "target", "I64", "[2,3]", 48, "is I64 of shape [2, 3], but"},
    {"squared-error", "[2,24]", "target", "F64", "[2]", 16,
     "but squared-error takes, of 2 samples, values of [2]"},
    {"squared-error", "[2,24]", "target", "F8_E4M3", "[2,2]", 4, "is F8_E4M3 of shape [2, 2]"},
    {"squared-error", "[2,24]", "initial.1", "F16", "[2,4,3,2]", 96,
     "\"initial.1\" has shape [2, 4, 3, 2], expected 2 samples of [2, 3, 4]: its axes"},
    {"squared-error", "[2,24]", "initial.1", "F16", "[2,6,4]", 96,
     "\"initial.1\" has shape [2, 6, 4], expected 2 samples"},
};

START_TEST(refuses_what_does_not_fit) {
    static const char zeros[96];
    const part parts[] = {{"input", "F64", wrong[_i].input, f64, sizeof f64},
                          {wrong[_i].name, wrong[_i].dtype, wrong[_i].shape, zeros, wrong[_i].size}};
    vic_batch batch;
    build(wrong[_i].loss, false);
    vic_batch_files files = {.batch = written(parts, 2)};
    vic_status status = vic_batch_inspect(files, network, &batch);
    together_assert_msg(status == VIC_BAD_FILE && strstr(vic_error_text(), wrong[_i].fragment), "%d: %s",
                        status, vic_error_text());
}
END_TEST

START_TEST(refuses_rows_that_name_no_class) {
    static const double rows[][4] = {
        {0, 1, 0, 0}, {0, 1, 1, 1}, {0, 1, 0, 2}, {0, 1, 0.5, 0.5}, {0, 1, -1, 1}};
    const part parts[] = {{"input", "F64", "[2,24]", f64, sizeof f64},
                          {"target", "F64", "[2,2]", rows[_i], sizeof rows[_i]}};
    build("cross-entropy", false);
    vic_batch_files files = {.batch = written(parts, 2)};
    vic_status status = vic_group_agree_on_status(together_group(), vic_batch_read(files, inference));
    together_assert_msg(status == VIC_BAD_FILE && strstr(vic_error_text(), "target[1] is no one-hot row"),
                        "%s", vic_error_text());
}
END_TEST

START_TEST(takes_initial_beliefs) {
    const part parts[] = {{"input", "F64", "[2,24]", f64, sizeof f64},
                          {"initial.1", "U8", "[2,24]", u8, sizeof u8}};
    vic_batch batch;
    build("squared-error", true);
    input_as(f64, f32, bf16, i16, u8);
    vic_batch_files files = {.batch = written(parts, 2)};
    together_assert_ok(vic_batch_inspect(files, network, &batch));
    together_assert(batch.initial);
    together_assert_ok(vic_batch_read(files, inference));
    const double *beliefs = vic_inference_initial(inference, 1);
    together_assert(beliefs == NULL || (beliefs[0] == 0 && beliefs[1] == 24 && beliefs[2] == 1));
}
END_TEST

START_TEST(misses_initial_beliefs) {
    const part input = {"input", "F64", "[2,24]", f64, sizeof f64};
    build("squared-error", true);
    vic_batch_files files = {.batch = written(&input, 1)};
    vic_status status = vic_group_agree_on_status(together_group(), vic_batch_read(files, inference));
    together_assert_msg(status == VIC_BAD_FILE && strstr(vic_error_text(), "\"initial.1\" is missing"), "%s",
                        vic_error_text());
}
END_TEST

static Suite *make_suite(void) {
    Suite *suite = suite_create("batch");
    TCase *cases = tcase_create("batch");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, takes_inputs_of_any_type, 0, sizeof inputs / sizeof *inputs);
    tcase_add_loop_test(cases, takes_targets_of_any_form, 0, sizeof targets / sizeof *targets);
    tcase_add_loop_test(cases, refuses_what_does_not_fit, 0, sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(cases, refuses_rows_that_name_no_class, 0, 5);
    tcase_add_loop_test(cases, counts_classes_from_an_offset_on, 0, 5);
    tcase_add_loop_test(cases, refuses_classes_beside_the_offset, 0, 4);
    tcase_add_test(cases, takes_initial_beliefs);
    tcase_add_test(cases, misses_initial_beliefs);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(int argc, char **argv) {
    return together_main(argc, argv, make_suite);
}
