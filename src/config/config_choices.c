/* The choices among names: which there are, and how the chosen one is kept. */
#include "config_schema.h"

/* ---- enumerations are kept as their number ---- */

static void put_number(vic_precision precision, size_t index, void *at) {
    (void)precision;
    *(unsigned *)at = (unsigned)index;
}

_Static_assert(sizeof(vic_precision) == sizeof(unsigned) && sizeof(vic_coordinates) == sizeof(unsigned) &&
                   sizeof(vic_reduction) == sizeof(unsigned) && sizeof(vic_header) == sizeof(unsigned),
               "enumerations are kept as unsigned numbers");

static const char *precision_name(size_t index) {
    return index <= VIC_FLOAT64 ? vic_precision_name((vic_precision)index) : NULL;
}

static const char *precision_of(const void *at) {
    return precision_name(*(const vic_precision *)at);
}

const config_names_of config_precisions = {precision_name, put_number, precision_of};

static const char *reduction_name(size_t index) {
    static const char *const names[] = {[VIC_MEAN] = "mean", [VIC_SUM] = "sum"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *reduction_of(const void *at) {
    return reduction_name(*(const vic_reduction *)at);
}

const config_names_of config_reductions = {reduction_name, put_number, reduction_of};

static const char *coordinates_name(size_t index) {
    static const char *const names[] = {
        [VIC_COORDINATES_ERROR] = "error", [VIC_COORDINATES_BELIEF] = "belief"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *coordinates_of(const void *at) {
    return coordinates_name(*(const vic_coordinates *)at);
}

const config_names_of config_coordinates = {coordinates_name, put_number, coordinates_of};

static const char *header_name(size_t index) {
    static const char *const names[] = {
        [VIC_HEADER_AUTO] = "auto", [VIC_HEADER_PRESENT] = "true", [VIC_HEADER_ABSENT] = "false"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *header_of(const void *at) {
    return header_name(*(const vic_header *)at);
}

const config_names_of config_headers = {header_name, put_number, header_of};

/* Kept as vic_inference_options.always. */
static const char *messages_name(size_t index) {
    static const char *const names[] = {"event-driven", "always"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static void put_messages(vic_precision precision, size_t index, void *at) {
    (void)precision;
    *(bool *)at = index == 1;
}

static const char *messages_of(const void *at) {
    return messages_name(*(const bool *)at);
}

const config_names_of config_messages = {messages_name, put_messages, messages_of};

/* VIC_MESSAGE_KINDS stands for both. */
static const char *edge_kind_name(size_t index) {
    if (index == VIC_MESSAGE_KINDS)
        return "both";
    return index < VIC_MESSAGE_KINDS ? vic_message_kind_name((vic_message_kind)index) : NULL;
}

static const char *edge_kind_of(const void *at) {
    return edge_kind_name(*(const unsigned *)at);
}

const config_names_of config_edge_kinds = {edge_kind_name, put_number, edge_kind_of};

/* ---- entries of registries are kept as their address; both precisions have the same names ---- */

static const char *loss_name(size_t index) {
    size_t count;
    const vic_loss_kind *const *all = vic_loss_kinds(VIC_FLOAT32, &count);
    return index < count ? all[index]->name : NULL;
}

static void put_loss(vic_precision precision, size_t index, void *at) {
    size_t count;
    *(const vic_loss_kind **)at = vic_loss_kinds(precision, &count)[index];
}

static const char *loss_of(const void *at) {
    return (*(const vic_loss_kind *const *)at)->name;
}

const config_names_of config_losses = {loss_name, put_loss, loss_of};

static const char *algorithm_name(size_t index) {
    size_t count;
    const vic_algorithm *const *all = vic_algorithms(&count);
    return index < count ? vic_algorithm_name(all[index]) : NULL;
}

static void put_algorithm(vic_precision precision, size_t index, void *at) {
    size_t count;
    (void)precision;
    *(const vic_algorithm **)at = vic_algorithms(&count)[index];
}

static const char *algorithm_of(const void *at) {
    return vic_algorithm_name(*(const vic_algorithm *const *)at);
}

const config_names_of config_algorithms = {algorithm_name, put_algorithm, algorithm_of};

static const char *encoding_name(size_t index) {
    size_t count;
    const vic_encoding *const *all = vic_encodings(VIC_FLOAT32, &count);
    return index < count ? all[index]->name : NULL;
}

static void put_encoding(vic_precision precision, size_t index, void *at) {
    size_t count;
    *(const vic_encoding **)at = vic_encodings(precision, &count)[index];
}

static const char *encoding_of(const void *at) {
    return (*(const vic_encoding *const *)at)->name;
}

const config_names_of config_encodings = {encoding_name, put_encoding, encoding_of};

static const char *format_name(size_t index) {
    size_t count;
    const vic_data_format *const *all = vic_data_formats(&count);
    return index < count ? all[index]->name : NULL;
}

static void put_format(vic_precision precision, size_t index, void *at) {
    size_t count;
    (void)precision;
    *(const vic_data_format **)at = vic_data_formats(&count)[index];
}

static const char *format_of(const void *at) {
    return (*(const vic_data_format *const *)at)->name;
}

const config_names_of config_formats = {format_name, put_format, format_of};
