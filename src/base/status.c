#include "base.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static _Thread_local char error_text[1024];

const char *vic_status_name(vic_status status) {
    static const char *const names[] = {
        "done",       "check failed", "bad config",    "bad file",
        "not finite", "interrupted",  "out of memory", "no peer",
    };
    size_t known = sizeof names / sizeof names[0];
    return (size_t)status < known ? names[status] : "unknown status";
}

/* What comes out of files could steer a terminal. */
static void replace_controls(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c; c++)
        if (*c < ' ' || *c == 0x7f)
            *c = '?';
}

vic_status vic_fail(vic_status status, const char *format, ...) {
    char text[sizeof error_text]; /* the arguments may point into error_text */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    replace_controls(text);
    snprintf(error_text, sizeof error_text, "%s", text);
    return status;
}

const char *vic_error_text(void) {
    return error_text;
}

double vic_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
