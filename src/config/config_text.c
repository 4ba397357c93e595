#include "config_text.h"

#include <string.h>

enum { MOST_EMPTY_LINES = 200 };

static bool starts_with(const char *text, size_t size, unsigned char lead, size_t length) {
    unsigned char mask = length == 2 ? 0xe0 : length == 3 ? 0xf0 : 0xf8;
    if (((unsigned char)text[0] & mask) != lead || size < length)
        return false;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return false;
    return true;
}

size_t config_character(const char *text, size_t size, uint32_t *character) {
    static const unsigned char lead[] = {0xc0, 0xe0, 0xf0};
    static const uint32_t smallest[] = {0x80, 0x800, 0x10000};
    *character = (unsigned char)text[0];
    if (*character < 0x80)
        return 1;
    for (size_t length = 2; length <= 4; length++) {
        if (!starts_with(text, size, lead[length - 2], length))
            continue;
        *character = (unsigned char)(text[0] & (0x7f >> length));
        for (size_t i = 1; i < length; i++)
            *character = *character << 6 | ((unsigned char)text[i] & 0x3f);
        bool surrogate = *character >= 0xd800 && *character < 0xe000;
        bool known = *character >= smallest[length - 2] && *character <= 0x10ffff && !surrogate;
        return known ? length : 0;
    }
    return 0;
}

config_cursor config_cursor_start(const char *text, size_t size, config_place place) {
    return (config_cursor){.text = text, .size = size, .offset = 0, .place = place};
}

/* CR LF, LF and a lone CR end a line. */
static bool ends_line(const config_cursor *cursor) {
    char c = cursor->text[cursor->offset];
    bool next_is_lf = cursor->offset + 1 < cursor->size && cursor->text[cursor->offset + 1] == '\n';
    return c == '\n' || (c == '\r' && !next_is_lf);
}

static void step_forward(config_cursor *cursor) {
    uint32_t character;
    size_t left = cursor->size - cursor->offset;
    size_t length = config_character(cursor->text + cursor->offset, left, &character);
    bool next_line = ends_line(cursor);
    cursor->offset += length > 0 ? length : 1;
    cursor->place.line += next_line;
    cursor->place.column = next_line ? 1 : cursor->place.column + 1;
}

static void step_back(config_cursor *cursor) {
    do
        cursor->offset--;
    while (cursor->offset > 0 && ((unsigned char)cursor->text[cursor->offset] & 0xc0) == 0x80);
    cursor->place.column--;
    if (!ends_line(cursor))
        return;
    config_cursor line = *cursor; /* where the line that was entered begins */
    while (line.offset > 0) {
        line.offset--;
        if (ends_line(&line)) {
            line.offset++;
            break;
        }
    }
    line.place.line--;
    line.place.column = 1;
    while (line.offset < cursor->offset)
        step_forward(&line);
    cursor->place = line.place;
}

config_place config_cursor_at(config_cursor *cursor, size_t offset) {
    while (cursor->offset > offset)
        step_back(cursor);
    while (cursor->offset < offset && cursor->offset < cursor->size)
        step_forward(cursor);
    return cursor->place;
}

static vic_status check_character(const config_cursor *cursor) {
    uint32_t character;
    const char *at = cursor->text + cursor->offset;
    if (config_character(at, cursor->size - cursor->offset, &character) == 0)
        return config_fail(cursor->place, "byte 0x%02x is not UTF-8 text; expected YAML in UTF-8",
                           (unsigned char)*at);
    bool blank = character == '\t' || character == '\n' || character == '\r';
    if ((character < 0x20 && !blank) || (character >= 0x7f && character < 0xa0 && character != 0x85))
        return config_fail(cursor->place, "control character 0x%02x; expected YAML in UTF-8",
                           (unsigned)character);
    return VIC_OK;
}

/* libfyaml takes time that grows with the square of what these two find. */
static vic_status check_line_start(const config_cursor *cursor, size_t empty_lines) {
    if (cursor->text[cursor->offset] == '%' && cursor->place.column == 1)
        return config_fail(cursor->place, "directives (%%) are not part of configs; leave the line out");
    if (empty_lines > MOST_EMPTY_LINES)
        return config_fail(cursor->place, "more than %d empty lines, one after the other", MOST_EMPTY_LINES);
    return VIC_OK;
}

vic_status config_text_check(const char *text, size_t size, config_place start) {
    config_cursor cursor = config_cursor_start(text, size, start);
    size_t empty_lines = 0;
    while (cursor.offset < size) {
        VIC_TRY(check_character(&cursor));
        VIC_TRY(check_line_start(&cursor, empty_lines));
        bool breaks = ends_line(&cursor), blank = strchr(" \t\r\n", text[cursor.offset]) != NULL;
        empty_lines = blank ? empty_lines + breaks : 0;
        step_forward(&cursor);
    }
    return VIC_OK;
}
