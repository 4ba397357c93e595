/* Configs: what can be written in them, reading, the resolved form, and the identity of a run. One table says
 * for every key what it may be, its default, and what it means. Nothing here is collective. */
#ifndef VIC_CONFIG_CONFIG_H
#define VIC_CONFIG_CONFIG_H

#include "data/data.h"
#include "learning/learning.h"

#include <stdio.h>

typedef struct vic_data_options {
    const struct vic_data_format *format;
    double scale; /* values are divided by it */
    vic_data_reading reading;
    /* Resolved paths; empty where left out. */
    vic_file_list train_inputs, train_labels, test_inputs, test_labels;
} vic_data_options;

/* learning.compare: the updates of every so many batches beside exact ones. */
typedef struct vic_compare_options {
    size_t every; /* batches, beginning with the first; 0: never */
    bool weights_only;
} vic_compare_options;

typedef struct vic_config {
    char *path; /* as it was given */
    char *name;
    vic_precision precision;
    uint64_t seed;
    vic_network *network; /* holds the precision, the layers, the loss */
    double grain;         /* network.grain: parameters are drawn as multiples of it; 0: as they come */
    vic_inference_options inference;
    vic_error_weight *error_weights; /* per population, behind inference.error_weights; or NULL */
    double timeout;                  /* channels.timeout in seconds, 0: none */
    vic_wire wire;                   /* channels.*: of every edge that channels.edges does not name */
    vic_wires wires;                 /* behind inference.wires where one is not perfect */
    bool has_learning;
    vic_learning_options learning;
    vic_compare_options compare;
    vic_checkpoint_options checkpoint;
    bool has_data;
    vic_data_options data;
} vic_config;

/* Reads a config from `text` (YAML or JSON, `size` bytes) as if it stood in the file `path`; `overrides` are
 * n strings "key.path=value" with a YAML value, the last one of a key wins. Data paths that are not absolute
 * start at the folder of `path`, in overrides too. *config is freed with vic_config_destroy.
 * Errors: VIC_BAD_CONFIG, text "file:line:column: what is wrong, what is allowed", or "--set key=value: ..."
 * for an override. */
vic_status vic_config_parse(vic_config **config, const char *path, const char *text, size_t size,
                            const char *const *overrides, size_t n_overrides);
void vic_config_destroy(vic_config **config);

/* *text becomes the config with every default spelled out and absolute paths, as YAML that
 * vic_config_parse reads back to the same; the caller frees it with vic_release. */
vic_status vic_config_resolved(const vic_config *config, char **text);

/* Prints the reference of all keys, or of those whose path begins with the words of `under` where that is not
 * NULL. Errors: VIC_BAD_CONFIG when there is no such key, with the nearest one. */
vic_status vic_config_help(FILE *to, const char *under);
/* Prints the keys for a completion script of bash: the variables _vicinal_sections and _vicinal_keys, and the
 * function _vicinal_choices KEY. */
void vic_config_completion(FILE *to);

/* ---- what a run must share with another to go on where that one stopped ---- */

/* Keys with their values as text, in the order of the schema. */
typedef struct vic_identity vic_identity;

/* *identity becomes the instruction level, OpenBLAS's kernel and all keys of the config, those that may
 * change on resume marked as such. Free with vic_identity_destroy. */
vic_status vic_identity_of(const vic_config *config, vic_identity **identity);
void vic_identity_destroy(vic_identity **identity);
/* Adds one more key; its value is a printf-style text without line breaks. */
vic_status vic_identity_add(vic_identity *identity, const char *key, bool may_change, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same where a key that is there already gets another value, and stays where and what it is otherwise. */
vic_status vic_identity_set(vic_identity *identity, const char *key, bool may_change, const char *value);
/* *text becomes the identity as lines, which vic_identity_parse reads; freed by the caller with vic_release.
 */
vic_status vic_identity_text(const vic_identity *identity, char **text);
/* `path` is for messages. Errors: VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_identity_parse(vic_identity **identity, const char *text, const char *path);

/* Takes the instruction level and OpenBLAS's kernel out of the identity of a run that did not record them. */
void vic_identity_forget_machine(vic_identity *identity);

/* One key that has another value now. `before` is NULL where it was not recorded. */
typedef void vic_on_change(void *context, const char *key, const char *before, const char *now);

/* Calls `on_change` for every key that differs and may. Errors: VIC_BAD_FILE, naming the keys that must not
 * differ with both values; `path` is where `before` was read. */
vic_status vic_identity_compare(const vic_identity *before, const vic_identity *now, const char *path,
                                vic_on_change *on_change, void *context);

#endif
