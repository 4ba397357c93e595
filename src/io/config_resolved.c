/* A config written out with every default. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "config_number.h"
#include "config_text.h"
#include "vicinal/io.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Characters that YAML does not print, or takes for line ends or byte order marks. */
static bool needs_escape(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe ||
           c == 0xffff;
}

/* In double quotes, whatever the text holds. */
static void write_text(FILE *out, const char *text) {
    size_t left = strlen(text), length;
    uint32_t c;
    fputc('"', out);
    for (; left > 0; text += length, left -= length) {
        length = config_character(text, left, &c);
        if (length == 0)
            length = 1;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (int)c);
        else if (needs_escape(c))
            fprintf(out, "\\u%04" PRIx32, c);
        else
            fwrite(text, 1, length, out);
    }
    fputc('"', out);
}

static vic_status write_number(FILE *out, double value) {
    char text[CONFIG_NUMBER];
    VIC_TRY(config_number_write(value, text));
    fputs(text, out);
    return VIC_OK;
}

static void write_function(FILE *out, const vic_function *f) {
    const vic_function_kind *kind = f->kind;
    if (kind->n_options == 0) {
        fputs(kind->name, out);
        return;
    }
    fprintf(out, "{%s: {", kind->name);
    for (size_t i = 0; i < kind->n_options; i++) {
        fprintf(out, "%s%s: ", i > 0 ? ", " : "", kind->options[i].name);
        if (kind->options[i].is_switch)
            fputs(f->option[i] ? "true" : "false", out);
        else
            fprintf(out, "%zu", f->option[i]);
    }
    fputs("}}", out);
}

static void write_network(FILE *out, const vic_network *network) {
    char shape[VIC_SHAPE_TEXT];
    fprintf(out, "network:\n  input: %s\n  layers:\n", vic_shape_text(network->shapes[0], shape));
    for (int e = 0; e < network->n_edges; e++) {
        fputs("    - [", out);
        for (size_t i = 0; i < network->edges[e].n_functions; i++) {
            fputs(i > 0 ? ", " : "", out);
            write_function(out, &network->edges[e].functions[i]);
        }
        fputs("]\n", out);
    }
    fprintf(out, "  loss: %s\n", network->loss->name);
    fprintf(out, "  reduction: %s\n", network->reduction == VIC_MEAN ? "mean" : "sum");
}

static vic_status write_precision_weights(FILE *out, const vic_config *config) {
    fputs("  precision_weights: [", out);
    for (int p = 1; p < vic_network_output(config->network); p++) {
        const vic_error_precision *precision = &config->precision_weights[p];
        fputs(p > 1 ? ", " : "", out);
        fputs(precision->count == 1 ? "" : "[", out);
        for (size_t i = 0; i < precision->count; i++) {
            fputs(i > 0 ? ", " : "", out);
            VIC_TRY(write_number(out, precision->values[i]));
        }
        fputs(precision->count == 1 ? "" : "]", out);
    }
    fputs("]\n", out);
    return VIC_OK;
}

static vic_status write_inference(FILE *out, const vic_config *config) {
    const vic_inference_options *options = &config->inference;
    fprintf(out, "inference:\n  algorithm: %s\n  eta: ", vic_algorithm_name(options->algorithm));
    VIC_TRY(write_number(out, options->eta));
    fprintf(out, "\n  steps: %d\n", options->steps);
    fprintf(out, "  coordinates: %s\n", options->coordinates == VIC_COORDINATES_ERROR ? "error" : "belief");
    fprintf(out, "  messages: %s\n", options->always ? "always" : "event-driven");
    fprintf(out, "  microbatches: %d\n", options->microbatches);
    if (config->precision_weights)
        VIC_TRY(write_precision_weights(out, config));
    return VIC_OK;
}

static vic_status write_wire(FILE *out, const vic_wire *wire) {
    fprintf(out, "delay: %d, drop: ", wire->delay);
    VIC_TRY(write_number(out, wire->drop));
    fputs(", noise: ", out);
    VIC_TRY(write_number(out, wire->noise));
    fprintf(out, ", encoding: %s, keep: ", wire->encoding->name);
    return write_number(out, wire->keep);
}

/* All that are not perfect, one by one. */
static vic_status write_wires(FILE *out, const vic_config *config) {
    const vic_network *network = config->network;
    fputs("edges: [", out);
    bool first = true;
    for (int i = 0; i < network->n_edges * VIC_MESSAGE_KINDS; i++) {
        const vic_edge *edge = &network->edges[i / VIC_MESSAGE_KINDS];
        if (vic_wire_is_perfect(&config->wires.of[i], network->precision))
            continue;
        fprintf(out, "%s\n    {from: %d, to: %d, kind: %s, ", first ? "" : ",", edge->from, edge->to,
                vic_message_kind_name(i % VIC_MESSAGE_KINDS));
        VIC_TRY(write_wire(out, &config->wires.of[i]));
        fputc('}', out);
        first = false;
    }
    fputc(']', out);
    return VIC_OK;
}

static vic_status write_channels(FILE *out, const vic_config *config) {
    const vic_wires *wires = config->inference.wires;
    bool alike = true;
    for (size_t i = 1; wires && i < wires->count; i++)
        alike = alike && vic_wire_equal(&wires->of[i], &wires->of[0]);
    fputs("channels: {", out);
    if (config->timeout > 0) {
        fputs("timeout: ", out);
        VIC_TRY(write_number(out, config->timeout));
    }
    fputs(config->timeout > 0 && wires ? ", " : "", out);
    if (wires)
        VIC_TRY(alike ? write_wire(out, &wires->of[0]) : write_wires(out, config));
    fputs("}\n", out);
    return VIC_OK;
}

static vic_status write_learning(FILE *out, const vic_config *config) {
    const vic_learning_options *learning = &config->learning;
    const vic_compare_options *compare = &config->compare;
    const vic_optimizer_kind *kind = learning->optimizer;
    fprintf(out, "learning:\n  optimizer: {%s: {", kind->name);
    for (size_t i = 0; i < kind->n_settings; i++) {
        fprintf(out, "%s%s: ", i > 0 ? ", " : "", kind->settings[i].name);
        VIC_TRY(write_number(out, learning->settings[i]));
    }
    fprintf(out, "}}\n  batch: %zu\n  epochs: %zu\n", learning->batch, learning->epochs);
    fprintf(out, "  drop_last: %s\n", learning->drop_last ? "true" : "false");
    if (compare->every > 0)
        fprintf(out, "  compare: {every: %zu, weights_only: %s}\n", compare->every,
                compare->weights_only ? "true" : "false");
    return VIC_OK;
}

static vic_status join(char **path, const char *folder, const char *file) {
    size_t length = strlen(folder);
    bool ends_in_slash = length > 0 && folder[length - 1] == '/';
    return vic_format(path, "%s%s%s", folder, ends_in_slash ? "" : "/", file);
}

/* The file itself may be missing, or be a link that somebody wants to move: only its folder is resolved, and
 * a folder that is missing too is at least told from the root. */
static vic_status make_absolute(const char *path, char **absolute) {
    char *folder;
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    VIC_TRY(vic_format(&folder, "%.*s", (int)(file - path), path));
    char *real = realpath(slash != NULL ? folder : ".", NULL);
    vic_release(&folder);
    if (real == NULL) {
        file = path;
        real = path[0] != '/' ? realpath(".", NULL) : NULL;
    }
    vic_status status = real != NULL ? join(absolute, real, file) : vic_format(absolute, "%s", path);
    free(real);
    return status;
}

static vic_status write_path(FILE *out, const char *path) {
    char *absolute;
    VIC_TRY(make_absolute(path, &absolute));
    write_text(out, absolute);
    vic_release(&absolute);
    return VIC_OK;
}

static vic_status write_files(FILE *out, const char *key, vic_file_list files) {
    fprintf(out, "    %s: %s", key, files.n > 1 ? "[" : "");
    for (size_t i = 0; i < files.n; i++) {
        fputs(i > 0 ? ", " : "", out);
        VIC_TRY(write_path(out, files.paths[i]));
    }
    fputs(files.n > 1 ? "]\n" : "\n", out);
    return VIC_OK;
}

static vic_status write_set(FILE *out, const char *name, vic_file_list inputs, vic_file_list labels) {
    if (inputs.n == 0)
        return VIC_OK;
    fprintf(out, "  %s:\n", name);
    VIC_TRY(write_files(out, "inputs", inputs));
    return write_files(out, "labels", labels);
}

static vic_status write_data(FILE *out, const vic_data_options *data) {
    fprintf(out, "data:\n  format: %s\n  scale: ", data->format->name);
    VIC_TRY(write_number(out, data->scale));
    fputc('\n', out);
    VIC_TRY(write_set(out, "train", data->train_inputs, data->train_labels));
    return write_set(out, "test", data->test_inputs, data->test_labels);
}

static vic_status write_config(FILE *out, const vic_config *config) {
    fputs("# A config of vicinal with every default spelled out; it can be run as it is.\nname: ", out);
    write_text(out, config->name);
    fprintf(out, "\nprecision: %s\n", vic_precision_name(config->network->precision));
    fprintf(out, "seed: %" PRIu64 "\n", config->seed);
    write_network(out, config->network);
    if (config->grain > 0) {
        fputs("  grain: ", out);
        VIC_TRY(write_number(out, config->grain));
        fputc('\n', out);
    }
    VIC_TRY(write_inference(out, config));
    VIC_TRY(write_channels(out, config));
    if (config->has_learning)
        VIC_TRY(write_learning(out, config));
    return config->has_data ? write_data(out, &config->data) : VIC_OK;
}

vic_status vic_config_resolved(const vic_config *config, char **text) {
    size_t size;
    *text = NULL;
    FILE *out = open_memstream(text, &size);
    if (out == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory: no room for the config's text");
    vic_status status = write_config(out, config);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        status = vic_fail(VIC_NO_MEMORY, "out of memory: no room for the config's text");
    if (status != VIC_OK)
        vic_release(text);
    return status;
}
