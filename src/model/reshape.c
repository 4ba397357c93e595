#include "reshape.h"

#include <stdio.h>
#include <string.h>

static size_t find_out(const vic_function *f) {
    size_t i = 0;
    while (i < f->kind->n_options && strcmp(f->kind->options[i].name, "out") != 0)
        i++;
    return i;
}

static void write_function(FILE *to, const vic_function *f, size_t width) {
    const vic_function_kind *kind = f->kind;
    size_t out = find_out(f);
    if (kind->n_options == 0) {
        fputs(kind->name, to);
        return;
    }
    fprintf(to, "{%s: {", kind->name);
    for (size_t i = 0; i < kind->n_options; i++) {
        size_t value = i == out && width > 0 ? width : f->option[i];
        fprintf(to, "%s%s: ", i > 0 ? ", " : "", kind->options[i].name);
        if (kind->options[i].is_switch)
            fputs(value ? "true" : "false", to);
        else
            fprintf(to, "%zu", value);
    }
    fputs("}}", to);
}

/* The last function with an option `out` decides how wide the layer is. */
static void write_layer(FILE *to, const vic_edge *edge, size_t width) {
    size_t widest = edge->n_functions;
    for (size_t i = 0; i < edge->n_functions; i++)
        if (find_out(&edge->functions[i]) < edge->functions[i].kind->n_options)
            widest = i;
    fputc('[', to);
    for (size_t i = 0; i < edge->n_functions; i++) {
        fputs(i > 0 ? ", " : "", to);
        write_function(to, &edge->functions[i], i == widest ? width : 0);
    }
    fputc(']', to);
}

static size_t layer_at(size_t i, size_t depth, size_t layers) {
    if (i + 1 == depth)
        return layers - 1;
    if (i == 0 || layers <= 2)
        return 0;
    return 1 + (i - 1) % (layers - 2);
}

vic_status vic_reshape(const vic_network *network, size_t width, size_t depth, char **text) {
    size_t layers = (size_t)network->n_edges, size;
    *text = NULL;
    if (depth > 1 && layers == 1)
        return vic_fail(VIC_BAD_CONFIG, "a network of one layer cannot be deepened");
    FILE *to = open_memstream(text, &size);
    if (to == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory");
    depth = depth > 0 ? depth : layers;
    fputs("network.layers=[", to);
    for (size_t i = 0; i < depth; i++) {
        fputs(i > 0 ? ", " : "", to);
        write_layer(to, &network->edges[layer_at(i, depth, layers)], i + 1 < depth ? width : 0);
    }
    fputc(']', to);
    return fclose(to) == 0 ? VIC_OK : vic_fail(VIC_NO_MEMORY, "out of memory");
}
