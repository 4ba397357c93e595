/* A config written out with every default, row by row of the schema. */
#include "config_schema.h"
#include "config_text.h"

#include "learning/run_folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Characters that YAML does not print, or takes for line ends or byte order marks. */
static bool needs_escape(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe ||
           c == 0xffff;
}

void config_write_text(FILE *out, const char *text) {
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

vic_status config_write_number(FILE *out, double value) {
    char text[VIC_NUMBER_TEXT];
    VIC_TRY(vic_number_write(value, text));
    fputs(text, out);
    return VIC_OK;
}

static uint64_t whole_at(const config_key *key, const void *at) {
    return key->size == sizeof(int) ? (uint64_t) * (const int *)at : *(const uint64_t *)at;
}

vic_status config_write_value(const config_key *key, FILE *out, const void *home) {
    const void *at = (const char *)home + key->offset;
    if (key->type == CONFIG_REAL)
        return config_write_number(out, *(const double *)at);
    if (key->type == CONFIG_WHOLE)
        fprintf(out, "%" PRIu64, whole_at(key, at));
    else if (key->type == CONFIG_ON_OFF)
        fputs(*(const bool *)at ? "true" : "false", out);
    else
        fputs(key->names->get(at), out);
    return VIC_OK;
}

/* A number without a default, which no config can set to 0. */
static bool is_unset(const config_key *key, const vic_config *config) {
    const char *home = config_home_of(key, config);
    return key->type == CONFIG_REAL && key->fallback == NULL && *(const double *)(home + key->offset) == 0;
}

bool config_is_there(const config_key *key, const vic_config *config) {
    if (strstr(key->path, "[]") != NULL || is_unset(key, config))
        return false;
    for (size_t i = 0; i < config_n_keys; i++) {
        const config_key *section = &config_keys[i];
        size_t length = strlen(section->path);
        bool is_within = strncmp(key->path, section->path, length) == 0 &&
                         (key->path[length] == '.' || key->path[length] == '\0');
        if (section->is_there != NULL && is_within && !section->is_there(config))
            return false;
    }
    return true;
}

/* Depth in the tree times two. */
static int indent_of(const config_key *key) {
    int indent = 0;
    for (const char *point = strchr(key->path, '.'); point != NULL; point = strchr(point + 1, '.'))
        indent += 2;
    return indent;
}

typedef struct value {
    const config_key *key;
    const vic_config *config;
} value;

static vic_status write_value(FILE *out, const void *context) {
    const value *v = context;
    if (v->key->type == CONFIG_OTHER)
        return v->key->write(out, v->config, indent_of(v->key));
    return config_write_value(v->key, out, config_home_of(v->key, v->config));
}

vic_status config_value_text(const config_key *key, const vic_config *config, char **text) {
    return config_text_of(write_value, &(value){key, config}, text);
}

static vic_status write_key(const config_key *key, FILE *out, const vic_config *config) {
    char *text = NULL;
    if (!config_is_there(key, config))
        return VIC_OK;
    if (key->type == CONFIG_SECTION) {
        fprintf(out, "%*s%s:\n", indent_of(key), "", config_key_name(key));
        return VIC_OK;
    }
    VIC_TRY(config_value_text(key, config, &text));
    if (text[0] != '\0')
        fprintf(out, "%*s%s:%s%s\n", indent_of(key), "", config_key_name(key), text[0] == '\n' ? "" : " ",
                text);
    vic_release(&text);
    return VIC_OK;
}

static vic_status write_config(FILE *out, const void *config) {
    fputs(VIC_RESOLVED_HEADING "\n", out);
    for (size_t i = 0; i < config_n_keys; i++)
        VIC_TRY(write_key(&config_keys[i], out, config));
    return VIC_OK;
}

vic_status vic_config_resolved(const vic_config *config, char **text) {
    return config_text_of(write_config, config, text);
}

vic_status config_text_of(config_writer *write, const void *context, char **text) {
    size_t size;
    *text = NULL;
    FILE *out = open_memstream(text, &size);
    if (out == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory: no room for the config's text");
    vic_status status = write(out, context);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed)
        status = vic_fail(VIC_NO_MEMORY, "out of memory: no room for the config's text");
    if (status != VIC_OK)
        vic_release(text);
    return status;
}
