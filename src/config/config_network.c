/* network.input and network.layers. Which functions there are, and their options, is in their tables. */
#include "config_schema.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LAYERS = 100000, MOST_FUNCTIONS = 1000 };

static const double most_numbers = 0x1p40; /* of one array; below it no product of sizes overflows */

static vic_status check_size(const config_node *node, const char *what, int rank, const size_t *dim) {
    double count = 1;
    for (int i = 0; i < rank; i++)
        count *= (double)dim[i];
    if (count > most_numbers)
        return config_fail(node->place, "%s would hold %.3g numbers; at most %.3g are possible", what, count,
                           most_numbers);
    return VIC_OK;
}

static vic_status read_dim(const config_node *node, size_t *dim) {
    uint64_t value;
    VIC_TRY(config_integer(node, 1, CONFIG_MOST, &value));
    *dim = (size_t)value;
    return VIC_OK;
}

static vic_status read_shape(const config_node *node, vic_shape *shape) {
    static const char expected[] = "the shape of one sample: 1 to 4 whole numbers, for example [1, 28, 28]";
    *shape = (vic_shape){.rank = 1};
    if (node->kind == CONFIG_SCALAR)
        return read_dim(node, &shape->dim[0]);
    VIC_TRY(config_sequence(node, expected));
    if (node->count > VIC_MAX_RANK)
        return config_fail(node->place, "network.input must be %s, not %zu numbers", expected, node->count);
    shape->rank = 0;
    for (const config_node *entry = node->first; entry != NULL; entry = entry->next)
        VIC_TRY(read_dim(entry, &shape->dim[shape->rank++]));
    return check_size(node, "one sample", shape->rank, shape->dim);
}

vic_status config_read_input(const config_node *node, vic_config *config) {
    vic_shape shape;
    VIC_TRY(read_shape(node, &shape));
    return vic_network_create(&config->network, config->precision, shape);
}

vic_status config_write_input(FILE *out, const vic_config *config, int indent) {
    char shape[VIC_SHAPE_TEXT];
    (void)indent;
    fputs(vic_shape_text(config->network->shapes[0], shape), out);
    return VIC_OK;
}

static vic_status read_option(const config_node *node, const vic_option *option, size_t *value) {
    uint64_t number;
    bool on;
    if (option->is_switch) {
        VIC_TRY(config_switch(node, &on));
        *value = on;
        return VIC_OK;
    }
    VIC_TRY(config_integer(node, option->least, CONFIG_MOST, &number));
    *value = (size_t)number;
    return VIC_OK;
}

/* A function as written: its name, and what stands after it, NULL for nothing. */
typedef struct written {
    const config_node *name, *value;
    const vic_function_kind *kind;
} written;

/* What was written for an option: its entry, or the value itself where that is short for this option. */
static const config_node *find_option(const written *w, const char *option) {
    if (w->value == NULL)
        return NULL;
    if (w->value->kind == CONFIG_MAPPING)
        return config_node_find(w->value, option);
    return strcmp(w->kind->shorthand, option) == 0 ? w->value : NULL;
}

static vic_status read_options(const written *w, size_t *values) {
    const vic_option *options = w->kind->options;
    const char *names[VIC_MAX_OPTIONS];
    for (size_t i = 0; i < w->kind->n_options; i++)
        names[i] = options[i].name;
    if (w->value != NULL && (w->value->kind == CONFIG_MAPPING || w->kind->shorthand == NULL))
        VIC_TRY(config_mapping(w->value, names, w->kind->n_options));
    for (size_t i = 0; i < w->kind->n_options; i++) {
        const config_node *entry = find_option(w, names[i]);
        if (entry == NULL && options[i].required)
            return config_fail(w->name->place, "%s needs '%s'; write %s", w->kind->name, names[i],
                               w->kind->help);
        values[i] = options[i].fallback;
        if (entry != NULL)
            VIC_TRY(read_option(entry, &options[i], &values[i]));
    }
    return VIC_OK;
}

static vic_status read_name(const config_node *node, vic_precision precision, written *w) {
    size_t count, index;
    if (node->kind == CONFIG_SEQUENCE || (node->kind == CONFIG_MAPPING && node->count != 1) ||
        config_node_is_null(node))
        return config_expected(node,
                               "one function: its name, or its name with options as in {linear: {out: 10}}");
    *w = (written){.name = node};
    if (node->kind == CONFIG_MAPPING) {
        w->name = node->first->key;
        w->value = config_node_is_null(node->first) ? NULL : node->first;
    }
    const vic_function_kind *const *kinds = vic_function_kinds(precision, &count);
    const char **names;
    VIC_TRY(vic_allocate(count, sizeof *names, &names));
    for (size_t i = 0; i < count; i++)
        names[i] = kinds[i]->name;
    vic_status status = config_choice(w->name, "function", names, count, &index);
    vic_release(&names);
    if (status == VIC_OK)
        w->kind = kinds[index];
    return status;
}

/* *f becomes the function that `node` describes, placed on the shape `in`. */
static vic_status read_function(const config_node *node, vic_precision precision, vic_shape in,
                                vic_function *f) {
    written w = {0};
    size_t values[VIC_MAX_OPTIONS] = {0};
    VIC_TRY(read_name(node, precision, &w));
    VIC_TRY(read_options(&w, values));
    vic_status status = vic_function_place(f, w.kind, in, values);
    if (status == VIC_BAD_CONFIG)
        return config_fail(w.name->place, "%s", vic_error_text());
    VIC_TRY(status);
    VIC_TRY(check_size(w.name, "one sample of the output", f->out.rank, f->out.dim));
    for (size_t i = 0; i < f->n_parameters; i++)
        VIC_TRY(check_size(w.name, "one array of parameters", f->parameter[i].rank, f->parameter[i].dim));
    return VIC_OK;
}

static vic_status read_functions(const config_node *layer, vic_precision precision, vic_shape in,
                                 vic_function *functions) {
    if (layer->kind != CONFIG_SEQUENCE)
        return read_function(layer, precision, in, functions);
    for (const config_node *entry = layer->first; entry != NULL; entry = entry->next) {
        VIC_TRY(read_function(entry, precision, in, functions));
        in = (functions++)->out;
    }
    return VIC_OK;
}

/* Grows the network by the layer. */
static vic_status read_layer(const config_node *layer, vic_network *network) {
    vic_function *functions;
    int top = vic_network_output(network);
    size_t count = layer->kind == CONFIG_SEQUENCE ? layer->count : 1;
    if (count == 0)
        return config_expected(layer, "a function or a list of functions");
    if (count > MOST_FUNCTIONS)
        return config_fail(layer->place, "%zu functions in one layer; at most %d are possible", count,
                           MOST_FUNCTIONS);
    VIC_TRY(vic_allocate(count, sizeof *functions, &functions));
    vic_status status = read_functions(layer, network->precision, network->shapes[top], functions);
    if (status == VIC_OK)
        status = vic_network_grow(network, top, count, functions);
    vic_release(&functions);
    return status;
}

vic_status config_read_layers(const config_node *layers, vic_config *config) {
    VIC_TRY(config_sequence(layers, "a list of layers"));
    if (layers->count > MOST_LAYERS)
        return config_fail(layers->place, "%zu layers; at most %d are possible", layers->count, MOST_LAYERS);
    for (const config_node *layer = layers->first; layer != NULL; layer = layer->next)
        VIC_TRY(read_layer(layer, config->network));
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

static vic_status write_layer(FILE *out, const void *context) {
    const vic_edge *edge = context;
    fputc('[', out);
    for (size_t i = 0; i < edge->n_functions; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_function(out, &edge->functions[i]);
    }
    fputc(']', out);
    return VIC_OK;
}

vic_status config_write_layers(FILE *out, const vic_config *config, int indent) {
    for (int e = 0; e < config->network->n_edges; e++) {
        fprintf(out, "\n%*s- ", indent + 2, "");
        VIC_TRY(write_layer(out, &config->network->edges[e]));
    }
    return VIC_OK;
}

/* Layer by layer, so that a difference names the layer. */
vic_status config_identify_layers(const vic_config *config, vic_identity *identity) {
    for (int e = 0; e < config->network->n_edges; e++) {
        char key[32], *text;
        snprintf(key, sizeof key, "network.layers[%d]", e);
        VIC_TRY(config_text_of(write_layer, &config->network->edges[e], &text));
        vic_status status = vic_identity_add(identity, key, false, "%s", text);
        vic_release(&text);
        VIC_TRY(status);
    }
    return VIC_OK;
}
