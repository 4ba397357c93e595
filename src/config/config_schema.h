/* The schema of configs: what every key may be, and where it is kept. Private to the config room.
 *
 * A new key is one row in config_keys.c and a member of vic_config; reader, error texts,
 * resolved form, identity on resume and the reference page follow from the row. */
#ifndef VIC_CONFIG_CONFIG_SCHEMA_H
#define VIC_CONFIG_CONFIG_SCHEMA_H

#include "config.h"
#include "config_reader.h"

#include <stdio.h>

typedef enum config_type {
    CONFIG_SECTION, /* a mapping of keys that have rows of their own */
    CONFIG_REAL,    /* a double */
    CONFIG_WHOLE,   /* an int, a size_t or a uint64_t */
    CONFIG_ON_OFF,  /* a bool */
    CONFIG_ONE_OF,  /* one of several names */
    CONFIG_OTHER,   /* what `read` and `write` make of it */
} config_type;

/* The names that a choice is among, and how the chosen one is kept. */
typedef struct config_names_of {
    const char *(*name)(size_t index); /* NULL beyond the last one */
    void (*put)(vic_precision precision, size_t index, void *at);
    const char *(*get)(const void *at);
} config_names_of;

/* What holds the value of a key. */
typedef enum config_home { CONFIG_IN_CONFIG, CONFIG_IN_NETWORK, CONFIG_IN_WIRE } config_home;

typedef struct config_key {
    const char *path; /* "inference.eta"; "channels.edges[].from" of entries of a list */
    config_type type;
    bool required;
    bool may_change; /* on resume; keys that may not are the identity of a run */
    config_home home;
    size_t offset; /* in what holds it */
    size_t size;   /* of a whole number: 4 or 8 */
    config_range range;
    uint64_t least, most;
    const config_names_of *names;
    bool first_by_default; /* the first of `names` */
    const char *fallback; /* as it would be written; NULL: none, the member stays 0 and is not written then */
    const char *fallback_is;                    /* in words, where it is no constant */
    void (*derive)(vic_config *config);         /* sets such a default */
    bool (*is_there)(const vic_config *config); /* of a section that is left out of the resolved form */
    const char *form; /* what the value looks like, where the type does not say it */
    const char *unit;
    const char *help;
    const char *hint; /* what to write where it is missing */

    /* After a value was read from `node` to `at`. Errors: VIC_BAD_CONFIG at the node. */
    vic_status (*check)(const config_node *node, const vic_config *config, const void *at);
    /* Of CONFIG_OTHER; of a section, what is noted before its keys are read. `node` is NULL where the key is
     * left out. */
    vic_status (*read)(const config_node *node, vic_config *config);
    /* Writes the value as YAML, nothing at all where there is none. `indent` is that of the key. */
    vic_status (*write)(FILE *out, const vic_config *config, int indent);
    /* Adds the value to an identity as several entries; NULL: as `write` writes it. */
    vic_status (*identify)(const vic_config *config, vic_identity *identity);
} config_key;

/* All rows; a section comes before its keys. */
extern const config_key config_keys[];
extern const size_t config_n_keys;

/* NULL when there is none. */
const config_key *config_key_find(const char *path);
/* Is the row a key of this section ("" for the whole config), and not of a section in it? */
bool config_key_is_in(const config_key *key, const char *section);
/* The default as it would be written; NULL: none that is constant. */
const char *config_key_fallback(const config_key *key);
/* The key without its section. */
const char *config_key_name(const config_key *key);

/* The node must be a mapping with keys of this section alone. */
vic_status config_check_keys(const config_node *node, const char *section);
/* Reads the value of a row, not CONFIG_OTHER and no section, to its place in `home`. */
vic_status config_read_value(const config_key *key, const config_node *node, const vic_config *config,
                             void *home);
/* "a number above 0", "one of a, b", in `text` of CONFIG_NAMES bytes. Returns `text`. */
const char *config_describe(const config_key *key, char *text);
/* Writes the value of a row, as config_read_value reads it, from its place in `home`. */
vic_status config_write_value(const config_key *key, FILE *out, const void *home);
/* What a function writes, as text that the caller frees with vic_release. */
typedef vic_status config_writer(FILE *out, const void *context);
vic_status config_text_of(config_writer *write, const void *context, char **text);
/* The value of any key but a section, as in the resolved form; freed by the caller with vic_release. */
vic_status config_value_text(const config_key *key, const vic_config *config, char **text);
/* The network, the wire that all edges share, or the config itself. */
const void *config_home_of(const config_key *key, const vic_config *config);
/* Is the key in the resolved form? Sections that were left out are not, and neither are members that are 0
 * without a default. */
bool config_is_there(const config_key *key, const vic_config *config);

/* The choices of registries and enumerations. */
extern const config_names_of config_precisions, config_losses, config_reductions, config_algorithms,
    config_coordinates, config_messages, config_edge_kinds, config_encodings, config_formats, config_headers;

/* Sets every key that the tree leaves out to its default, and the others to their values in the tree. */
vic_status config_read_all(const config_node *root, vic_config *config);

/* In double quotes, whatever the text holds. */
void config_write_text(FILE *out, const char *text);
vic_status config_write_number(FILE *out, double value);

/* ---- values that are more than one number or name ---- */

vic_status config_read_name(const config_node *node, vic_config *config);
vic_status config_write_name(FILE *out, const vic_config *config, int indent);

vic_status config_read_input(const config_node *node, vic_config *config);
vic_status config_write_input(FILE *out, const vic_config *config, int indent);
vic_status config_read_layers(const config_node *node, vic_config *config);
vic_status config_write_layers(FILE *out, const vic_config *config, int indent);
vic_status config_identify_layers(const vic_config *config, vic_identity *identity);

vic_status config_read_precision_weights(const config_node *node, vic_config *config);
vic_status config_write_precision_weights(FILE *out, const vic_config *config, int indent);
vic_status config_identify_precision_weights(const vic_config *config, vic_identity *identity);

vic_status config_read_edges(const config_node *node, vic_config *config);
vic_status config_write_edges(FILE *out, const vic_config *config, int indent);

vic_status config_read_optimizer(const config_node *node, vic_config *config);
vic_status config_write_optimizer(FILE *out, const vic_config *config, int indent);
vic_status config_identify_optimizer(const vic_config *config, vic_identity *identity);

vic_status config_read_train_inputs(const config_node *node, vic_config *config);
vic_status config_read_train_labels(const config_node *node, vic_config *config);
vic_status config_read_test_inputs(const config_node *node, vic_config *config);
vic_status config_read_test_labels(const config_node *node, vic_config *config);
vic_status config_write_train_inputs(FILE *out, const vic_config *config, int indent);
vic_status config_write_train_labels(FILE *out, const vic_config *config, int indent);
vic_status config_write_test_inputs(FILE *out, const vic_config *config, int indent);
vic_status config_write_test_labels(FILE *out, const vic_config *config, int indent);

vic_status config_read_label(const config_node *node, vic_config *config);
vic_status config_write_label(FILE *out, const vic_config *config, int indent);
vic_status config_read_label_offset(const config_node *node, vic_config *config);
vic_status config_write_label_offset(FILE *out, const vic_config *config, int indent);

/* ---- checks ---- */

vic_status config_check_header(const config_node *node, const vic_config *config, const void *at);
vic_status config_check_microbatches(const config_node *node, const vic_config *config, const void *at);
vic_status config_check_delay(const config_node *node, const vic_config *config, const void *at);
vic_status config_check_encoding(const config_node *node, const vic_config *config, const void *at);

/* What several keys must be together, once all are read. */
vic_status config_check_together(const config_node *root, const vic_config *config);

#endif
