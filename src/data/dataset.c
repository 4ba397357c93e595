/* A data set, spread over the ranks that need it: each reads what it uses. */
#include "dataset.h"
#include "samples.h"

#include "base/stream.h"

#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

struct vic_dataset {
    vic_source source;
    vic_samples inputs, labels; /* empty on ranks that do not need them */
    double scale;
    vic_precision precision;
    vic_data_reading reading;
};

static void gather(void *context, const size_t *order, size_t n, size_t first, size_t count, void *rows) {
    const vic_dataset *d = context;
    vic_samples_gather(&d->inputs, order, n, first, count, d->scale, d->precision, rows);
}

static void look_up(void *context, const size_t *order, size_t n, int64_t *classes) {
    const vic_dataset *d = context;
    for (size_t i = 0; i < n; i++)
        classes[i] = vic_samples_label(&d->labels, order[i]);
}

static vic_status check_inputs(const vic_dataset *d, const vic_samples *inputs, const vic_network *network) {
    char here[VIC_SHAPE_TEXT], there[VIC_SHAPE_TEXT];
    vic_shape found = inputs->shape, expected = network->shapes[0];
    if (vic_shape_compare(found.rank, found.dim, expected) != VIC_SHAPE_FITS)
        return vic_fail(VIC_BAD_FILE, "%s: samples of shape %s do not fit network.input %s%s", inputs->path,
                        vic_shape_text(found, here), vic_shape_text(expected, there),
                        vic_shape_advice(found.rank, found.dim, expected));
    return vic_samples_check_finite(inputs, d->scale, d->precision);
}

static vic_status check_labels(const vic_dataset *d, const vic_samples *labels, const vic_network *network) {
    (void)d;
    return vic_samples_check_labels(labels, vic_shape_count(network->shapes[vic_network_output(network)]));
}

typedef vic_status read_file(const char *path, vic_data_reading reading, vic_samples *samples);
typedef vic_status check_file(const vic_dataset *d, const vic_samples *samples, const vic_network *network);

/* One file after the other, each checked while its own places can still be named. */
static vic_status read_files(const vic_dataset *d, vic_file_list files, read_file *read, check_file *check,
                             const vic_network *network, vic_samples *samples) {
    for (size_t i = 0; i < files.n; i++) {
        vic_samples more;
        VIC_TRY(read(files.paths[i], d->reading, &more));
        more.label_offset = d->reading.label_offset;
        vic_status status = check(d, &more, network);
        if (status == VIC_OK)
            status = vic_samples_append(samples, &more);
        vic_samples_release(&more);
        VIC_TRY(status);
    }
    return VIC_OK;
}

static const char *more(vic_file_list files) {
    return files.n > 1 ? " and the other files of its list" : "";
}

/* The counts are on different ranks; -1 where a file was not read. */
static vic_status check_counts(vic_dataset *d, vic_group *group, vic_file_list inputs, vic_file_list labels) {
    int64_t mine[2] = {d->inputs.data ? (int64_t)d->inputs.count : -1,
                       d->labels.data ? (int64_t)d->labels.count : -1};
    int64_t all[2];
    VIC_TRY(vic_group_allreduce_max(group, 2, mine, all));
    d->source.count = (size_t)all[0];
    if (all[0] == all[1])
        return VIC_OK;
    return vic_fail(
        VIC_BAD_FILE, "%s%s: %lld labels, but %s%s: %lld samples; there must be one label for each",
        labels.paths[0], more(labels), (long long)all[1], inputs.paths[0], more(inputs), (long long)all[0]);
}

/* A pipe or a device gives its bytes once; other kinds are named where they are opened. */
static vic_status check_readable_twice(const vic_data_format *format, const char *path) {
    struct stat about;
    if (stat(path, &about) != 0 || S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: not a regular file, which data of format %s have to be", path,
                    format->name);
}

/* Where a file holds both, labels out of another one belong to other samples. */
static vic_status check_pairs(const vic_data_format *format, vic_file_list inputs, vic_file_list labels) {
    if (!format->one_file)
        return VIC_OK;
    if (inputs.n != labels.n)
        return vic_fail(VIC_BAD_FILE,
                        "%s: %zu file%s of inputs, but %zu of labels: with data.format: %s both lists name "
                        "the same files",
                        inputs.paths[0], inputs.n, inputs.n == 1 ? "" : "s", labels.n, format->name);
    for (size_t i = 0; i < inputs.n; i++) {
        const char *a = inputs.paths[i], *b = labels.paths[i];
        VIC_TRY(check_readable_twice(format, a));
        if (strcmp(a, b) != 0 && !vic_is_same_file(a, b))
            return vic_fail(VIC_BAD_FILE,
                            "%s: its labels would be those of %s: with data.format: %s inputs and labels "
                            "name the same files, in the same order",
                            a, b, format->name);
    }
    return VIC_OK;
}

vic_status vic_dataset_open(vic_dataset **dataset, vic_group *group, const vic_network *network,
                            const int *rank_of, const vic_data_format *format, vic_data_reading reading,
                            vic_file_list inputs, vic_file_list labels, double scale) {
    vic_status status = vic_group_agree_on_status(group, vic_allocate(1, sizeof **dataset, dataset));
    if (status != VIC_OK) {
        vic_release(dataset);
        return status;
    }
    vic_dataset *d = *dataset;
    *d = (vic_dataset){
        .source = {.context = d, .inputs = gather, .classes = look_up},
        .scale = scale,
        .precision = network->precision,
        .reading = reading,
    };
    int me = vic_group_rank(group);
    if (rank_of[0] == me || rank_of[vic_network_output(network)] == me)
        status = check_pairs(format, inputs, labels);
    if (status == VIC_OK && rank_of[0] == me)
        status = read_files(d, inputs, format->read_inputs, check_inputs, network, &d->inputs);
    if (status == VIC_OK && rank_of[vic_network_output(network)] == me)
        status = read_files(d, labels, format->read_labels, check_labels, network, &d->labels);
    status = vic_group_agree_on_status(group, status);
    if (status == VIC_OK)
        status = check_counts(d, group, inputs, labels);
    if (status != VIC_OK)
        vic_dataset_close(dataset);
    return status;
}

vic_status vic_dataset_check_alike(const vic_dataset *train, const vic_dataset *test) {
    char here[VIC_SHAPE_TEXT], there[VIC_SHAPE_TEXT];
    const vic_samples *learned = &train->inputs, *tested = &test->inputs;
    if (learned->data == NULL || tested->data == NULL ||
        vic_shape_compare(tested->shape.rank, tested->shape.dim, learned->shape) == VIC_SHAPE_FITS)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: test samples of shape %s do not fit training samples of shape %s (%s)%s",
                    tested->path, vic_shape_text(tested->shape, here), vic_shape_text(learned->shape, there),
                    learned->path, vic_shape_advice(tested->shape.rank, tested->shape.dim, learned->shape));
}

static double size_of(vic_file_list files) {
    double bytes = 0;
    for (size_t i = 0; i < files.n; i++)
        bytes += (double)vic_stream_size(files.paths[i]);
    return bytes;
}

size_t vic_dataset_forecast(const vic_network *network, const bool *here, const vic_data_format *format,
                            vic_file_list inputs, vic_file_list labels) {
    double bytes = 0;
    if (here[0])
        bytes += format->kept_of_inputs * size_of(inputs);
    if (here[vic_network_output(network)])
        bytes += format->kept_of_labels * size_of(labels);
    return (size_t)bytes;
}

void vic_dataset_close(vic_dataset **dataset) {
    if (*dataset == NULL)
        return;
    vic_samples_release(&(*dataset)->inputs);
    vic_samples_release(&(*dataset)->labels);
    vic_release(dataset);
}

const char *vic_dataset_note(const vic_dataset *dataset) {
    return dataset->labels.note;
}

static void list(const vic_samples *samples, const char *name, int population,
                 vic_inventory_visitor visitor) {
    vic_allocation data = {.population = population, .kind = VIC_ALLOCATION_DATA, .name = name};
    if (samples->data == NULL)
        return;
    data.item = samples->element->bytes;
    vic_list_plain(visitor, samples->data, data, samples->count * vic_shape_count(samples->shape));
}

void vic_dataset_list(const vic_dataset *d, const vic_network *network, vic_inventory_visitor visitor) {
    list(&d->inputs, "samples of a data set", 0, visitor);
    list(&d->labels, "labels of a data set", vic_network_output(network), visitor);
}

static int64_t checksum(const vic_samples *samples) {
    uLong sum = crc32_z(0, Z_NULL, 0);
    if (samples->data == NULL)
        return -1;
    sum = crc32_z(sum, (const Bytef *)samples->element->name, strlen(samples->element->name));
    for (int i = 0; i < samples->shape.rank; i++) {
        const uint64_t dim = samples->shape.dim[i];
        sum = crc32_z(sum, (const Bytef *)&dim, sizeof dim);
    }
    size_t numbers = samples->count * vic_shape_count(samples->shape);
    return (int64_t)crc32_z(sum, samples->data, numbers * samples->element->bytes);
}

vic_status vic_dataset_checksums(const vic_dataset *d, vic_group *group, uint32_t *inputs, uint32_t *labels) {
    int64_t mine[2] = {checksum(&d->inputs), checksum(&d->labels)}, all[2];
    VIC_TRY(vic_group_allreduce_max(group, 2, mine, all));
    *inputs = (uint32_t)all[0];
    *labels = (uint32_t)all[1];
    return VIC_OK;
}

const vic_source *vic_dataset_source(const vic_dataset *dataset) {
    return &dataset->source;
}
