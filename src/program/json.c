#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

json_t *vic_json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *vic_json_text(const char *text, size_t size) {
    char *ascii;
    json_t *json = json_stringn(text, size);
    if (json || vic_allocate(size, 1, &ascii) != VIC_OK)
        return json;
    for (size_t i = 0; i < size; i++)
        ascii[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
    json = json_stringn(ascii, size);
    vic_release(&ascii);
    return json;
}

static bool holds_back;
static json_t *held;

void vic_json_hold_back(void) {
    holds_back = true;
}

vic_status vic_json_let_go(const char *key, json_t *value) {
    json_t *object = held;
    holds_back = false;
    held = NULL;
    if (object == NULL) {
        json_decref(value);
        return VIC_OK;
    }
    if (json_object_set_new(object, key, value) != 0) {
        json_decref(object);
        object = NULL;
    }
    return vic_json_print(object);
}

vic_status vic_json_print(json_t *object) {
    if (object == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory while writing JSON");
    if (holds_back) {
        held = object;
        return VIC_OK;
    }
    int failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(object);
    if (failed || putchar('\n') == EOF || fflush(stdout) != 0)
        return vic_fail(VIC_BAD_FILE, "stdout cannot be written: %s", strerror(errno));
    return VIC_OK;
}
