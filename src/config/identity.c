/* What a run is made of, key by key, and what may differ when it is resumed. As text, a line is a key and its
 * value: "= key: value", with ~ for keys that may change. */
#include "config_schema.h"

#include "functions/functions.h"
#include "functions/level.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_NAMED = 4, LONGEST_VALUE = 160 };

typedef struct entry {
    char *key, *value;
    bool may_change;
} entry;

struct vic_identity {
    size_t n, capacity;
    entry *entries;
};

void vic_identity_destroy(vic_identity **identity) {
    if (*identity == NULL)
        return;
    for (size_t i = 0; i < (*identity)->n; i++) {
        vic_release(&(*identity)->entries[i].key);
        vic_release(&(*identity)->entries[i].value);
    }
    vic_release(&(*identity)->entries);
    vic_release(identity);
}

static vic_status grow(vic_identity *identity) {
    entry *more;
    if (identity->n < identity->capacity)
        return VIC_OK;
    size_t capacity = 2 * identity->capacity + 32;
    VIC_TRY(vic_allocate(capacity, sizeof *more, &more));
    if (identity->n > 0)
        memcpy(more, identity->entries, identity->n * sizeof *more);
    vic_release(&identity->entries);
    identity->entries = more;
    identity->capacity = capacity;
    return VIC_OK;
}

/* Takes `value` over. */
static vic_status append(vic_identity *identity, const char *key, bool may_change, char *value) {
    char *name = NULL;
    vic_status status = grow(identity);
    if (status == VIC_OK)
        status = vic_format(&name, "%s", key);
    if (status != VIC_OK) {
        vic_release(&value);
        return status;
    }
    for (char *c = strchr(value, '\n'); c != NULL; c = strchr(c, '\n'))
        *c = ' ';
    identity->entries[identity->n++] = (entry){name, value, may_change};
    return VIC_OK;
}

vic_status vic_identity_add(vic_identity *identity, const char *key, bool may_change, const char *format,
                            ...) {
    char *value;
    va_list arguments;
    va_start(arguments, format);
    vic_status status = vic_format_list(&value, format, arguments);
    va_end(arguments);
    VIC_TRY(status);
    return append(identity, key, may_change, value);
}

vic_status vic_identity_set(vic_identity *identity, const char *key, bool may_change, const char *value) {
    for (size_t i = 0; i < identity->n; i++)
        if (strcmp(identity->entries[i].key, key) == 0) {
            vic_release(&identity->entries[i].value);
            return vic_format(&identity->entries[i].value, "%s", value);
        }
    return vic_identity_add(identity, key, may_change, "%s", value);
}

static vic_status add_key(vic_identity *identity, const config_key *key, const vic_config *config) {
    char *text;
    if (key->type == CONFIG_SECTION || !config_is_there(key, config))
        return VIC_OK;
    if (key->identify != NULL)
        return key->identify(config, identity);
    VIC_TRY(config_value_text(key, config, &text));
    if (text[0] != '\0')
        return append(identity, key->path, key->may_change, text);
    vic_release(&text);
    return VIC_OK;
}

/* What the last bits of results depend on besides the config. A checkpoint that has none of it goes on with
 * any. */
static const struct machine_key {
    const char *key;
    const char *advice; /* what to do, before the value */
} machine_keys[] = {{"instruction level", "pass --level "}, {"OpenBLAS kernel", "export OPENBLAS_CORETYPE="}};
enum { LEVEL, BLAS_KERNEL, MACHINE_KEYS };

static const struct machine_key *find_machine_key(const char *key) {
    for (int i = 0; i < MACHINE_KEYS; i++)
        if (strcmp(machine_keys[i].key, key) == 0)
            return &machine_keys[i];
    return NULL;
}

static vic_status add_machine(vic_identity *identity) {
    VIC_TRY(vic_identity_add(identity, machine_keys[LEVEL].key, false, "%s", vic_level_name(vic_level())));
    return vic_identity_add(identity, machine_keys[BLAS_KERNEL].key, false, "%s", vic_blas_kernel());
}

vic_status vic_identity_of(const vic_config *config, vic_identity **identity) {
    VIC_TRY(vic_allocate(1, sizeof **identity, identity));
    vic_status status = add_machine(*identity);
    for (size_t i = 0; i < config_n_keys && status == VIC_OK; i++)
        status = add_key(*identity, &config_keys[i], config);
    if (status != VIC_OK)
        vic_identity_destroy(identity);
    return status;
}

void vic_identity_forget_machine(vic_identity *identity) {
    size_t kept = 0;
    for (size_t i = 0; i < identity->n; i++) {
        entry *e = &identity->entries[i];
        if (find_machine_key(e->key) == NULL) {
            identity->entries[kept++] = *e;
            continue;
        }
        vic_release(&e->key);
        vic_release(&e->value);
    }
    identity->n = kept;
}

/* ---- as text ---- */

static vic_status write_lines(FILE *out, const void *context) {
    const vic_identity *identity = context;
    for (size_t i = 0; i < identity->n; i++) {
        const entry *e = &identity->entries[i];
        fprintf(out, "%c %s: %s\n", e->may_change ? '~' : '=', e->key, e->value);
    }
    return VIC_OK;
}

vic_status vic_identity_text(const vic_identity *identity, char **text) {
    return config_text_of(write_lines, identity, text);
}

/* "= key: value"; *line moves behind it. */
static vic_status parse_line(vic_identity *identity, const char **line, const char *path) {
    const char *start = *line, *end = strchr(start, '\n'), *colon = strstr(start, ": ");
    char *key, *value;
    if (end == NULL || colon == NULL || colon > end || (start[0] != '=' && start[0] != '~') ||
        start[1] != ' ')
        return vic_fail(VIC_BAD_FILE, "%s: the checkpoint's list of settings is damaged", path);
    VIC_TRY(vic_format(&key, "%.*s", (int)(colon - start - 2), start + 2));
    vic_status status = vic_format(&value, "%.*s", (int)(end - colon - 2), colon + 2);
    if (status == VIC_OK)
        status = append(identity, key, start[0] == '~', value);
    vic_release(&key);
    *line = end + 1;
    return status;
}

vic_status vic_identity_parse(vic_identity **identity, const char *text, const char *path) {
    VIC_TRY(vic_allocate(1, sizeof **identity, identity));
    vic_status status = VIC_OK;
    while (*text != '\0' && status == VIC_OK)
        status = parse_line(*identity, &text, path);
    if (status != VIC_OK)
        vic_identity_destroy(identity);
    return status;
}

/* ---- comparing ---- */

static const char absent[] = "absent";

/* The entry of a key; most keys of two identities stand at the same place. */
static const entry *find(const vic_identity *identity, const char *key, size_t guess) {
    if (guess < identity->n && strcmp(identity->entries[guess].key, key) == 0)
        return &identity->entries[guess];
    for (size_t i = 0; i < identity->n; i++)
        if (strcmp(identity->entries[i].key, key) == 0)
            return &identity->entries[i];
    return NULL;
}

/* The keys that must not differ and do, as text. */
typedef struct differences {
    size_t n;
    char text[MOST_NAMED * (3 * LONGEST_VALUE + CONFIG_KEY_PATH)];
} differences;

static size_t common_length(const char *a, const char *b) {
    size_t n = 0;
    while (a[n] != '\0' && a[n] == b[n])
        n++;
    return n;
}

/* Of a long value the part around the first place at which the two differ. */
static void shorten(const char *value, size_t differs_at, char text[LONGEST_VALUE]) {
    enum { BEFORE = 60, SHOWN = LONGEST_VALUE - 8 };
    bool is_long = strlen(value) >= LONGEST_VALUE;
    size_t first = is_long && differs_at > BEFORE ? differs_at - BEFORE : 0;
    bool goes_on = is_long && strlen(value + first) > SHOWN;
    snprintf(text, LONGEST_VALUE, "%s%.*s%s", first > 0 ? "..." : "", is_long ? SHOWN : LONGEST_VALUE,
             value + first, goes_on ? "..." : "");
}

static void note(differences *d, const char *key, const char *before, const char *now) {
    char then_text[LONGEST_VALUE], now_text[LONGEST_VALUE];
    size_t used = strlen(d->text), differs_at = common_length(before, now);
    if (d->n++ >= MOST_NAMED)
        return;
    shorten(before, differs_at, then_text);
    shorten(now, differs_at, now_text);
    const struct machine_key *machine = find_machine_key(key);
    snprintf(d->text + used, sizeof d->text - used, "%s%s is %s there and %s here%s%s%s",
             used > 0 ? "; " : "", key, then_text, now_text, machine ? " (" : "",
             machine ? machine->advice : "", machine ? then_text : "");
    if (machine)
        strcat(d->text, ")");
}

/* A key that the checkpoint does not have is newer than it, and had its default then. */
static bool is_new_default(const char *key, const entry *before, const entry *now) {
    const config_key *row = config_key_find(key);
    const char *fallback = row != NULL ? config_key_fallback(row) : NULL;
    return before == NULL && fallback != NULL && strcmp(now->value, fallback) == 0;
}

static void compare_one(const char *key, const entry *before, const entry *now, differences *d,
                        vic_on_change *on_change, void *context) {
    const char *then_value = before != NULL ? before->value : absent,
               *now_value = now != NULL ? now->value : absent;
    if (strcmp(then_value, now_value) == 0 || is_new_default(key, before, now))
        return;
    if (before == NULL && find_machine_key(key) != NULL)
        on_change(context, key, NULL, now_value);
    else if (now != NULL ? now->may_change : before->may_change)
        on_change(context, key, then_value, now_value);
    else
        note(d, key, then_value, now_value);
}

vic_status vic_identity_compare(const vic_identity *before, const vic_identity *now, const char *path,
                                vic_on_change *on_change, void *context) {
    differences d = {0};
    for (size_t i = 0; i < now->n; i++)
        compare_one(now->entries[i].key, find(before, now->entries[i].key, i), &now->entries[i], &d,
                    on_change, context);
    for (size_t i = 0; i < before->n; i++)
        if (find(now, before->entries[i].key, i) == NULL)
            compare_one(before->entries[i].key, &before->entries[i], NULL, &d, on_change, context);
    if (d.n == 0)
        return VIC_OK;
    char more[32] = "";
    if (d.n > MOST_NAMED)
        snprintf(more, sizeof more, "; and %zu more", d.n - MOST_NAMED);
    return vic_fail(VIC_BAD_FILE,
                    "%s: the checkpoint is of a run with other settings: %s%s; resume with the same "
                    "settings, or start anew in another folder",
                    path, d.text, more);
}
