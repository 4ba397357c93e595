/* The characters of a config. Private to the room. */
#ifndef VIC_CONFIG_CONFIG_TEXT_H
#define VIC_CONFIG_CONFIG_TEXT_H

#include "config_tree.h"

/* Bytes of the character of UTF-8 at `text`, 0 when it is not one; *character becomes its number. */
size_t config_character(const char *text, size_t size, uint32_t *character);

/* A position in a text, with its line and column. */
typedef struct config_cursor {
    const char *text;
    size_t size;
    size_t offset;
    config_place place;
} config_cursor;

/* The cursor at the start of `text`; `place` is that of its first character. */
config_cursor config_cursor_start(const char *text, size_t size, config_place place);
/* Goes to the character at `offset`, forwards or backwards from where it is, and returns its place. */
config_place config_cursor_at(config_cursor *cursor, size_t offset);

/* Errors: VIC_BAD_CONFIG at the first byte that is not UTF-8 or is a control character. */
vic_status config_text_check(const char *text, size_t size, config_place start);

#endif
