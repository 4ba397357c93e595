/* The list of targets, made from that of tests/CMakeLists.txt. */
#include "fuzz.h"

#include <string.h>

#define X(name) void fuzz_##name(const unsigned char *data, size_t size);
FUZZ_TARGETS
#undef X

#define X(name) {#name, fuzz_##name},
static const struct {
    const char *name;
    fuzz_reader *reader;
} targets[] = {FUZZ_TARGETS};

fuzz_reader *fuzz_find(const char *name) {
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, name) == 0)
            return targets[i].reader;
    return NULL;
}
