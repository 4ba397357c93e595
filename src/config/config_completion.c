/* Config keys for the completion of shells: lists of words, made from the schema. */
#include "config_schema.h"

#include <string.h>

static bool is_entry(const config_key *key) {
    return strstr(key->path, "[]") != NULL;
}

static void print_paths(FILE *to, const char *variable, bool sections) {
    const char *space = "";
    fprintf(to, "%s='", variable);
    for (size_t i = 0; i < config_n_keys; i++) {
        const config_key *key = &config_keys[i];
        if (is_entry(key) || (key->type == CONFIG_SECTION) != sections)
            continue;
        fprintf(to, "%s%s", space, key->path);
        space = " ";
    }
    fputs("'\n", to);
}

static void print_names(FILE *to, const config_names_of *names) {
    for (size_t i = 0; names->name(i) != NULL; i++)
        fprintf(to, "%s%s", i > 0 ? " " : "", names->name(i));
}

static void print_choices(FILE *to, const config_key *key) {
    if (is_entry(key) || (key->type != CONFIG_ONE_OF && key->type != CONFIG_ON_OFF))
        return;
    fprintf(to, "    %s) echo '", key->path);
    if (key->type == CONFIG_ON_OFF)
        fputs("true false", to);
    else
        print_names(to, key->names);
    fputs("' ;;\n", to);
}

void vic_config_completion(FILE *to) {
    print_paths(to, "_vicinal_sections", true);
    print_paths(to, "_vicinal_keys", false);
    fputs("\n# _vicinal_choices KEY: the values that it may have, where they are names.\n"
          "_vicinal_choices() {\n    case $1 in\n",
          to);
    for (size_t i = 0; i < config_n_keys; i++)
        print_choices(to, &config_keys[i]);
    fputs("    esac\n}\n", to);
}
