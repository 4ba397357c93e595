/* From a design to the config that it stands for, and the edges that configs do not have. */
#include "design.h"

#include <stdio.h>
#include <string.h>

static vic_status close_text(FILE *stream) {
    return fclose(stream) == 0 ? VIC_OK : vic_fail(VIC_NO_MEMORY, "out of memory");
}

/* *text becomes a config of an input and layers alone; freed with free through vic_release. */
static vic_status write_network(char **text, size_t *size, const char *precision, const char *input,
                                size_t n_layers, char *const *layers) {
    FILE *to = open_memstream(text, size);
    if (to == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory");
    if (precision)
        fprintf(to, "precision: %s\n", precision);
    fprintf(to, "network:\n  input: %s\n  layers:%s\n", input, n_layers ? "" : " []");
    for (size_t i = 0; i < n_layers; i++)
        fprintf(to, "    - [%s]\n", layers[i]);
    return close_text(to);
}

/* The text of what is set begins with the option of the program that sets the same. */
static vic_status reword(vic_status status) {
    static const char option[] = "--set ";
    const char *text = vic_error_text();
    if (status == VIC_BAD_CONFIG && strncmp(text, option, sizeof option - 1) == 0)
        return vic_fail(status, "%s", text + sizeof option - 1);
    return status;
}

static vic_status parse(const vic_design *d, vic_config **config) {
    char *text = NULL;
    size_t size = strlen(d->text);
    vic_status status = VIC_OK;
    if (d->is_created)
        status = write_network(&text, &size, NULL, d->text, d->layers.n, d->layers.all);
    if (status == VIC_OK)
        status = vic_config_parse(config, d->path, text ? text : d->text, size,
                                  (const char *const *)d->settings.all, d->settings.n);
    vic_release(&text);
    return reword(status);
}

/* The functions are read by a config of two populations whose input is the edge's lower end. */
static vic_status connect_edge(vic_network *network, const vic_design_edge *edge) {
    char shape[VIC_SHAPE_TEXT], *text = NULL;
    size_t size;
    vic_config *pair = NULL;
    if (edge->to >= network->n_populations)
        return vic_fail(VIC_BAD_CONFIG, "an edge from population %d to %d: the highest one is %d", edge->from,
                        edge->to, vic_network_output(network));
    VIC_TRY(write_network(&text, &size, vic_precision_name(network->precision),
                          vic_shape_text(network->shapes[edge->from], shape), 1, &edge->functions));
    vic_status status = vic_config_parse(&pair, "edge", text, size, NULL, 0);
    vic_release(&text);
    if (status == VIC_OK)
        status = vic_network_connect(network, edge->from, edge->to, pair->network->edges[0].n_functions,
                                     pair->network->edges[0].functions);
    vic_config_destroy(&pair);
    return status;
}

/* Edges that configs do not have are as channels.edges leaves those that it does not name. */
static vic_status add_wires(vic_config *config) {
    vic_wires all;
    size_t count = (size_t)config->network->n_edges * VIC_MESSAGE_KINDS;
    VIC_TRY(vic_wires_create(&all, count, config->wires.seed));
    for (size_t i = 0; i < count; i++)
        all.of[i] = i < config->wires.count ? config->wires.of[i] : config->wire;
    vic_wires_release(&config->wires);
    config->wires = all;
    return VIC_OK;
}

static vic_status connect_all(const vic_design *d, vic_config *config) {
    for (size_t i = 0; i < d->n_edges; i++)
        VIC_TRY(connect_edge(config->network, &d->edges[i]));
    return d->n_edges > 0 ? add_wires(config) : VIC_OK;
}

static vic_status check_places(const vic_design *d, const vic_network *network) {
    if (d->n_places == 0 || d->n_places == (size_t)network->n_populations)
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "places of %zu populations, the network has %d", d->n_places,
                    network->n_populations);
}

vic_status vic_design_config(const vic_design *d, vic_config **config) {
    *config = NULL;
    vic_status status = parse(d, config);
    if (status == VIC_OK)
        status = connect_all(d, *config);
    if (status == VIC_OK)
        status = check_places(d, (*config)->network);
    if (status != VIC_OK)
        vic_config_destroy(config);
    return status;
}
