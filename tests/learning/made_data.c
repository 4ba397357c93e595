#include "made_data.h"

#include "support/numbers.h"

static size_t features_of(const vic_network *network) {
    return vic_shape_count(network->shapes[0]);
}

static size_t outputs_of(const vic_network *network) {
    return vic_shape_count(network->shapes[vic_network_output(network)]);
}

static int64_t class_of(const vic_network *network, size_t sample) {
    return (int64_t)(bits_at(901, sample) % outputs_of(network));
}

/* Exact in float32; a trace of the class, so that there is something to learn. */
static double value_of(const vic_network *network, size_t sample, size_t feature) {
    double trace = (int64_t)(feature % outputs_of(network)) == class_of(network, sample) ? 0.5 : 0;
    return (float)(trace + number_at(902, sample * features_of(network) + feature) / 2);
}

/* Allocates nothing, for several threads may call it. */
static void inputs(void *context, const size_t *order, size_t n, size_t first, size_t count, void *rows) {
    const vic_network *network = ((const made_data *)context)->network;
    size_t bytes = vic_precision_bytes(network->precision);
    for (size_t i = 0; i < count * n; i++) {
        double value = value_of(network, order[i / count], first + i % count);
        vic_arithmetic_of(network->precision)->from_float64(1, &value, (char *)rows + i * bytes);
    }
}

static void classes(void *context, const size_t *order, size_t n, int64_t *labels) {
    const made_data *data = context;
    for (size_t i = 0; i < n; i++)
        labels[i] = class_of(data->network, order[i]);
}

void made_data_open(made_data *data, const vic_network *network, size_t count) {
    *data = (made_data){
        .network = network,
        .source = {.count = count, .context = data, .inputs = inputs, .classes = classes},
    };
}

net_data made_data_batch(const made_data *data, const size_t *order, size_t n) {
    const vic_network *network = data->network;
    size_t features = features_of(network), outputs = outputs_of(network);
    net_data batch = {.batch = n};
    batch.input = scrap(features * n, sizeof(double));
    batch.values = scrap(outputs * n, sizeof(double));
    batch.classes = scrap(n, sizeof(int64_t));
    for (size_t i = 0; i < features * n; i++)
        batch.input[i] = value_of(network, order[i / features], i % features);
    for (size_t b = 0; b < n; b++) {
        batch.classes[b] = class_of(network, order[b]);
        batch.values[b * outputs + (size_t)batch.classes[b]] = 1;
    }
    return batch;
}
