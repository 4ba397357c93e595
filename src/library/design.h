/* The inside of a design: the text of a config, or its parts, and what was set beside them. */
#ifndef VIC_LIBRARY_DESIGN_H
#define VIC_LIBRARY_DESIGN_H

#include "handle.h"
#include "result.h"

#include "config/config.h"

typedef struct vic_design_edge {
    int from, to;
    char *functions;
} vic_design_edge;

typedef struct vic_text_list {
    size_t n;
    char **all;
} vic_text_list;

struct vic_design {
    vic_handle handle;
    char *path;           /* for messages, and where relative paths begin */
    char *text;           /* of the config; of a design that was created, without its layers */
    bool is_created;      /* by vic_design_create: layers may be added */
    vic_text_list layers; /* as entries of network.layers */
    size_t n_edges;
    vic_design_edge *edges; /* beside those of the layers */
    vic_text_list settings; /* "key=value" */
    size_t n_places;        /* 0: none given */
    int *rank_of;
};

/* *copy becomes a design of its own, no handle of the program. Errors: VIC_NO_MEMORY. */
vic_status vic_design_copy(vic_design **copy, const vic_design *design);
/* Frees such a design; *design may be NULL. */
void vic_design_release(vic_design **design);

/* Adds a setting, and takes the last one away again. Errors: VIC_BAD_CONFIG, VIC_NO_MEMORY. */
vic_status vic_design_push(vic_design *design, const char *key, const char *value);
void vic_design_pop(vic_design *design);

/* *config becomes the config that the design stands for. Errors: VIC_BAD_CONFIG, VIC_NO_MEMORY; *config is
 * NULL then. */
vic_status vic_design_config(const vic_design *design, vic_config **config);

/* A hash of the design's text, settings, edges and places, below 2^62. */
uint64_t vic_design_hash(const vic_design *design);
/* Continues a hash with a text. */
uint64_t vic_text_hash(uint64_t hash, const char *text);

#endif
