/* The reference of configs, made from the schema. */
#include "config_schema.h"

#include <string.h>

/* Entries of a list are part of its value, and begin as what holds for all edges. */
static void print_default(FILE *to, const config_key *key) {
    bool is_entry = strstr(key->path, "[]") != NULL;
    const char *constant = config_key_fallback(key), *fallback = constant ? constant : key->fallback_is;
    if (is_entry && key->home == CONFIG_IN_WIRE)
        fallback = "as in channels";
    if (!key->required && fallback == NULL)
        return;
    fprintf(to, key->required ? "    required" : "    default: %s", fallback);
    if (key->type != CONFIG_SECTION && !is_entry)
        fputs(key->may_change ? "; may change on --resume" : "; the same on --resume", to);
    fputc('\n', to);
}

static void print_key(FILE *to, const config_key *key) {
    char form[CONFIG_NAMES];
    fprintf(to, "\n%s: %s\n", key->path, key->help);
    if (key->type != CONFIG_SECTION)
        fprintf(to, "    %s%s%s\n", config_describe(key, form), key->unit != NULL ? ", in " : "",
                key->unit != NULL ? key->unit : "");
    print_default(to, key);
}

static void print_functions(FILE *to) {
    size_t count;
    const vic_function_kind *const *kinds = vic_function_kinds(VIC_FLOAT32, &count);
    fputs("\nFunctions of network.layers\n", to);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "    %-10s %s\n", kinds[i]->name, kinds[i]->help);
}

static void print_algorithms(FILE *to) {
    size_t count;
    const vic_algorithm *const *all = vic_algorithms(&count);
    fputs("\nAlgorithms of inference.algorithm\n", to);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "    %-20s %s\n", vic_algorithm_name(all[i]), vic_algorithm_help(all[i]));
}

static void print_optimizers(FILE *to) {
    size_t count;
    const vic_optimizer_kind *const *kinds = vic_optimizer_kinds(VIC_FLOAT32, &count);
    fputs("\nOptimizers of learning.optimizer; a rate may change on --resume\n", to);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "    {%s}\n", kinds[i]->help);
}

static void print_formats(FILE *to) {
    size_t count;
    const vic_data_format *const *formats = vic_data_formats(&count);
    fputs("\nFormats of data.format\n", to);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "    %-8s %s\n", formats[i]->name, formats[i]->help);
}

static vic_status print_all(FILE *to) {
    fputs("Keys of a config: YAML or JSON. vicinal help config KEY prints a part of this.\n"
          "Any of them can be set on the command line too: --set inference.eta=0.1\n",
          to);
    for (size_t i = 0; i < config_n_keys; i++)
        print_key(to, &config_keys[i]);
    print_functions(to);
    print_algorithms(to);
    print_optimizers(to);
    print_formats(to);
    return VIC_OK;
}

static bool begins_with(const char *path, const char *words) {
    size_t length = strlen(words);
    return strncmp(path, words, length) == 0 &&
           (path[length] == '\0' || path[length] == '.' || path[length] == '[');
}

static vic_status unknown_key(const char *word) {
    const char **paths, *near;
    VIC_TRY(vic_allocate(2 * config_n_keys, sizeof *paths, &paths));
    for (size_t i = 0; i < config_n_keys; i++) {
        paths[2 * i] = config_keys[i].path;
        paths[2 * i + 1] = config_key_name(&config_keys[i]);
    }
    near = vic_nearest(word, paths, 2 * config_n_keys);
    for (size_t i = 0; i < config_n_keys; i++)
        if (near == paths[2 * i + 1])
            near = paths[2 * i];
    vic_release(&paths);
    if (near != NULL)
        return vic_fail(VIC_BAD_CONFIG,
                        "a config has no key '%s': did you mean '%s'? (see vicinal help config)", word, near);
    return vic_fail(VIC_BAD_CONFIG, "a config has no key '%s': see vicinal help config", word);
}

vic_status vic_config_help(FILE *to, const char *under) {
    size_t printed = 0;
    if (under == NULL)
        return print_all(to);
    for (size_t i = 0; i < config_n_keys; i++)
        if (begins_with(config_keys[i].path, under)) {
            print_key(to, &config_keys[i]);
            printed++;
        }
    if (printed == 0)
        return unknown_key(under);
    if (strcmp(under, "network") == 0 || strcmp(under, "network.layers") == 0)
        print_functions(to);
    if (strcmp(under, "inference") == 0 || strcmp(under, "inference.algorithm") == 0)
        print_algorithms(to);
    if (strncmp(under, "learning", strlen("learning")) == 0)
        print_optimizers(to);
    if (strcmp(under, "data") == 0 || strcmp(under, "data.format") == 0)
        print_formats(to);
    return VIC_OK;
}
