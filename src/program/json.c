#include "json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

json_t *vic_json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

vic_status vic_json_print(json_t *object) {
    if (object == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory while writing JSON");
    int failed = json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(object);
    if (failed || putchar('\n') == EOF || fflush(stdout) != 0)
        return vic_fail(VIC_BAD_FILE, "stdout cannot be written: %s", strerror(errno));
    return VIC_OK;
}
