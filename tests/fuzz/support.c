/* What the targets share. */
#define _GNU_SOURCE /* memfd_create */

#include "fuzz.h"

#include "base/stream.h"
#include "config/config.h"
#include "data/data_formats.h"
#include "messages/group_mpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *condition) {
    fprintf(stderr, "%s:%d: does not hold: %s (%s)\n", file, line, condition, vic_error_text());
    abort();
}

void fuzz_ended(vic_status status, vic_status expected) {
    fuzz_demand(status == VIC_OK || status == expected);
    fuzz_demand(status == VIC_OK || vic_error_text()[0] != '\0');
}

const char *fuzz_file(int slot, const unsigned char *data, size_t size) {
    static int files[FUZZ_SLOTS];
    static char paths[FUZZ_SLOTS][64];
    if (files[slot] == 0) {
        files[slot] = memfd_create("fuzz", 0);
        snprintf(paths[slot], sizeof paths[slot], "/proc/self/fd/%d", files[slot]);
    }
    fuzz_demand(files[slot] > 0 && ftruncate(files[slot], (off_t)size) == 0);
    fuzz_demand(pwrite(files[slot], data, size, 0) == (ssize_t)size);
    return paths[slot];
}

char *fuzz_text(const unsigned char *data, size_t size) {
    char *text = malloc(size + 1);
    fuzz_demand(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static const char small[] =
    "network: {input: [3], layers: [[linear: 4, relu], linear: 2], loss: cross-entropy}\n"
    "learning: {optimizer: {adam: {rate: 0.1}}, batch: 2, epochs: 1}\n";

static void make(fuzz_model *m) {
    vic_group *group;
    static vic_config *config; /* stays, with its network */
    static const int rank_of[3] = {0};
    fuzz_demand(MPI_Init(NULL, NULL) == MPI_SUCCESS);
    fuzz_demand(vic_group_create(&group, MPI_COMM_WORLD) == VIC_OK);
    fuzz_demand(vic_config_parse(&config, "small.yaml", small, sizeof small - 1, NULL, 0) == VIC_OK);
    m->network = config->network;
    fuzz_demand(vic_inference_create(&m->inference, group, m->network, rank_of, 2, true, config->inference) ==
                VIC_OK);
    fuzz_demand(vic_trainer_create(&m->trainer, m->inference, config->learning, 1) == VIC_OK);
    for (int id = 0; id < m->network->n_populations; id++)
        vic_population_initialise(vic_inference_population(m->inference, id), 1);
}

const fuzz_model *fuzz_small_model(void) {
    static fuzz_model model;
    if (model.trainer == NULL)
        make(&model);
    return &model;
}

static void read_as(const vic_data_format *f, vic_data_reading reading, const char *path) {
    vic_samples samples;
    vic_status status = f->read_inputs(path, reading, &samples);
    fuzz_ended(status, VIC_BAD_FILE);
    if (status == VIC_OK)
        fuzz_ended(vic_samples_check_finite(&samples, 1, VIC_FLOAT32), VIC_BAD_FILE);
    vic_samples_release(&samples);
    status = f->read_labels(path, reading, &samples);
    fuzz_ended(status, VIC_BAD_FILE);
    if (status == VIC_OK)
        fuzz_ended(vic_samples_check_labels(&samples, 2), VIC_BAD_FILE);
    vic_samples_release(&samples);
}

void fuzz_data(const char *format, const unsigned char *data, size_t size) {
    static const vic_data_reading readings[] = {
        {0},
        {.header = VIC_HEADER_PRESENT, .label = "x", .label_offset = 1},
        {.header = VIC_HEADER_ABSENT, .label = "2"},
        {.header = VIC_HEADER_PRESENT, .label = "-2"},
    };
    const vic_data_format *f = vic_data_format_find(format);
    const char *path = fuzz_file(0, data, size);
    vic_stream_size(path);
    for (size_t i = 0; i < (f->has_columns ? sizeof readings / sizeof *readings : 1); i++)
        read_as(f, readings[i], path);
}
