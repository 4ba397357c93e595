#include "config_yaml.h"
#include "config_text.h"

#include <libfyaml.h>
#include <string.h>

/* libfyaml takes up to 400 times as much memory. */
enum { LARGEST_TEXT = 4 << 20 };

typedef struct reading {
    struct fy_diag *diag;
    struct fy_parser *parser;
    config_cursor cursor; /* turns the parser's offsets into places */
    config_place here;    /* of the last event that had one */
} reading;

static vic_status read_node(reading *r, struct fy_event *event, int depth, config_node **node);

/* libfyaml prints where it is given no function to do so. */
static void discard(struct fy_diag *diag, void *user, const char *text, size_t size) {
    (void)diag, (void)user, (void)text, (void)size;
}

static vic_status open_parser(reading *r, const char *text, size_t size) {
    struct fy_diag_cfg diagnostics;
    fy_diag_cfg_default(&diagnostics);
    diagnostics.fp = NULL;
    diagnostics.output_fn = discard;
    diagnostics.level = FYET_ERROR;
    diagnostics.colorize = false;
    r->diag = fy_diag_create(&diagnostics);
    if (r->diag == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory: no YAML parser");
    fy_diag_set_collect_errors(r->diag, true);
    struct fy_parse_cfg options = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE,
                                   .diag = r->diag};
    r->parser = fy_parser_create(&options);
    if (r->parser == NULL || fy_parser_set_string(r->parser, text, size) != 0)
        return vic_fail(VIC_NO_MEMORY, "out of memory: no YAML parser");
    return VIC_OK;
}

static void close_parser(reading *r) {
    if (r->parser != NULL)
        fy_parser_destroy(r->parser);
    if (r->diag != NULL)
        fy_diag_destroy(r->diag);
}

static vic_status syntax_error(const reading *r) {
    void *previous = NULL;
    const struct fy_diag_error *error;
    while ((error = fy_diag_errors_iterate(r->diag, &previous)) != NULL) {
        if (error->type < FYET_ERROR || error->msg == NULL)
            continue;
        config_place place = r->here;
        place.line = error->line > 0 ? error->line : place.line;
        place.column = error->line > 0 && error->column > 0 ? error->column : place.column;
        return config_fail(place, "not valid YAML: %.*s", (int)strcspn(error->msg, "\n"), error->msg);
    }
    return config_fail(r->here, "not valid YAML");
}

/* Is the event a scalar of no characters, as after "key:"? Only some releases of libfyaml give it a place. */
static bool is_left_out(struct fy_event *event) {
    if (event->type != FYET_SCALAR)
        return false;
    struct fy_token *token = fy_event_get_token(event);
    size_t size = 0;
    return token == NULL || (fy_scalar_token_get_style(token) == FYSS_PLAIN &&
                             (fy_token_get_text(token, &size) == NULL || size == 0));
}

/* *event becomes the next event, NULL at the end. A value that is left out keeps the place of what comes
 * before it. */
static vic_status next_event(reading *r, struct fy_event **event) {
    *event = fy_parser_parse(r->parser);
    if (*event == NULL)
        return fy_parser_get_stream_error(r->parser) ? syntax_error(r) : VIC_OK;
    const struct fy_mark *mark = is_left_out(*event) ? NULL : fy_event_start_mark(*event);
    if (mark != NULL)
        r->here = config_cursor_at(&r->cursor, mark->input_pos);
    return VIC_OK;
}

static vic_status check_event(const reading *r, struct fy_event *event) {
    if (event == NULL)
        return config_fail(r->here, "not valid YAML: the text ends too early");
    if (event->type == FYET_ALIAS || fy_event_get_anchor_token(event) != NULL)
        return config_fail(r->here,
                           "anchors and aliases (&, *) are not part of configs; write the value out");
    if (fy_event_get_tag_token(event) != NULL)
        return config_fail(r->here, "tags (!) are not part of configs; write the value alone");
    return VIC_OK;
}

/* The parser places a quoted scalar behind its quote. */
static bool follows_quote(const config_cursor *cursor) {
    char before = cursor->offset > 0 ? cursor->text[cursor->offset - 1] : ' ';
    return before == '"' || before == '\'';
}

static vic_status read_scalar(const reading *r, struct fy_event *event, config_node **node) {
    struct fy_token *token = fy_event_get_token(event);
    size_t size = 0;
    const char *text = token != NULL ? fy_token_get_text(token, &size) : NULL;
    if (text == NULL)
        size = 0;
    if (size > 0 && memchr(text, '\0', size) != NULL)
        return config_fail(r->here, "the text holds a zero character");
    VIC_TRY(config_node_create(node, CONFIG_SCALAR, r->here, text, size));
    (*node)->plain = token == NULL || fy_scalar_token_get_style(token) == FYSS_PLAIN;
    if (!(*node)->plain && follows_quote(&r->cursor))
        (*node)->place.column--;
    return VIC_OK;
}

static vic_status check_key(const config_node *mapping, const config_node *key) {
    char word[CONFIG_WORD];
    if (key->kind != CONFIG_SCALAR || config_node_is_null(key))
        return config_fail(key->place, "a key must be a word");
    if (mapping->count >= CONFIG_MOST_KEYS)
        return config_fail(key->place, "more than %d keys in one mapping", CONFIG_MOST_KEYS);
    const config_node *duplicate = config_node_find(mapping, key->text);
    if (duplicate == NULL)
        return VIC_OK;
    config_word(key->text, word);
    if (!duplicate->key->place.in_override)
        return config_fail(key->place, "key '%s' is given twice, first in line %d; keep one", word,
                           duplicate->key->place.line);
    return config_fail(key->place, "key '%s' is given twice; keep one", word);
}

static bool comes_before(config_place a, config_place b) {
    return a.line < b.line || (a.line == b.line && a.column < b.column);
}

static vic_status read_entry(reading *r, struct fy_event *event, int depth, config_node *parent) {
    config_node *key = NULL, *value = NULL;
    vic_status status = VIC_OK;
    if (parent->kind == CONFIG_MAPPING) {
        status = read_node(r, event, depth, &key);
        event = NULL;
        if (status == VIC_OK)
            status = check_key(parent, key);
        if (status == VIC_OK)
            status = next_event(r, &event);
    }
    if (status == VIC_OK)
        status = read_node(r, event, depth, &value);
    if (status == VIC_OK && key != NULL && comes_before(key->place, parent->place))
        parent->place = key->place; /* in [a: 1] the parser places the mapping at its colon */
    if (status == VIC_OK)
        config_node_append(parent, key, value);
    else
        config_node_destroy(&key);
    return status;
}

/* Reads entries up to the event that closes `node`. */
static vic_status read_entries(reading *r, int depth, config_node *node) {
    enum fy_event_type closing = node->kind == CONFIG_MAPPING ? FYET_MAPPING_END : FYET_SEQUENCE_END;
    if (depth >= CONFIG_DEEPEST)
        return config_fail(node->place, "nested more than %d deep", CONFIG_DEEPEST);
    for (;;) {
        struct fy_event *event;
        VIC_TRY(next_event(r, &event));
        if (event != NULL && event->type == closing) {
            fy_parser_event_free(r->parser, event);
            return VIC_OK;
        }
        VIC_TRY(read_entry(r, event, depth + 1, node));
    }
}

/* Takes `event` over. */
static vic_status read_node(reading *r, struct fy_event *event, int depth, config_node **node) {
    *node = NULL;
    vic_status status = check_event(r, event);
    enum fy_event_type type = status == VIC_OK ? event->type : FYET_NONE;
    if (type == FYET_SCALAR)
        status = read_scalar(r, event, node);
    else if (type == FYET_SEQUENCE_START || type == FYET_MAPPING_START)
        status = config_node_create(node, type == FYET_MAPPING_START ? CONFIG_MAPPING : CONFIG_SEQUENCE,
                                    r->here, NULL, 0);
    else if (status == VIC_OK)
        status = config_fail(r->here, "not valid YAML");
    if (event != NULL)
        fy_parser_event_free(r->parser, event);
    if (status == VIC_OK && (*node)->kind != CONFIG_SCALAR)
        status = read_entries(r, depth, *node);
    if (status != VIC_OK)
        config_node_destroy(node);
    return status;
}

/* Walks the stream to its end; its one document becomes *root. */
static vic_status read_stream(reading *r, config_node **root) {
    for (;;) {
        struct fy_event *event;
        VIC_TRY(next_event(r, &event));
        if (event == NULL)
            return VIC_OK;
        bool second = event->type == FYET_DOCUMENT_START && *root != NULL;
        bool outside = event->type == FYET_STREAM_START || event->type == FYET_STREAM_END ||
                       event->type == FYET_DOCUMENT_START || event->type == FYET_DOCUMENT_END;
        if (!outside) {
            VIC_TRY(read_node(r, event, 0, root));
            continue;
        }
        fy_parser_event_free(r->parser, event);
        if (second)
            return config_fail(r->here, "a second document begins (---); one is expected");
    }
}

static bool has_byte_order_mark(const char *text, size_t size) {
    return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
}

vic_status config_yaml_read(config_node **root, const char *text, size_t size, config_place start) {
    *root = NULL;
    if (has_byte_order_mark(text, size)) {
        text += 3;
        size -= 3;
    }
    if (size > LARGEST_TEXT)
        return config_fail(start, "%zu bytes are too many: at most %d are read", size, LARGEST_TEXT);
    VIC_TRY(config_text_check(text, size, start));
    if (size == 0)
        return VIC_OK;
    reading r = {.cursor = config_cursor_start(text, size, start), .here = start};
    vic_status status = open_parser(&r, text, size);
    if (status == VIC_OK)
        status = read_stream(&r, root);
    close_parser(&r);
    if (status != VIC_OK)
        config_node_destroy(root);
    return status;
}
