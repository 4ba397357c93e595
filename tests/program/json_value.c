/* json_value [KEY.INDEX.KEY...] <FILE: prints what stands there; ends with 1 when it is no JSON or has no
 * such key. Where keys have dots: /KEY/INDEX/KEY... For scripts that look into the program's JSON. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *step_into(const json_t *value, const char *key) {
    return json_is_array(value) ? json_array_get(value, strtoul(key, NULL, 10)) : json_object_get(value, key);
}

int main(int argc, char **argv) {
    json_error_t error;
    json_t *all = json_loadf(stdin, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (all == NULL) {
        fprintf(stderr, "line %d, column %d: %s\n", error.line, error.column, error.text);
        return 1;
    }
    const json_t *value = all;
    const char *separator = argc > 1 && *argv[1] == '/' ? "/" : ".";
    for (char *key = argc > 1 ? strtok(argv[1], separator) : NULL; key && value;
         key = strtok(NULL, separator))
        value = step_into(value, key);
    if (value == NULL)
        fprintf(stderr, "there is no such value\n");
    else
        json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
    json_decref(all);
    return value == NULL;
}
