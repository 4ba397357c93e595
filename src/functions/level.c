#include "level.h"

#include "level_list.h"

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define NAME(level) #level,
static const char *const names[] = {VIC_LEVELS(NAME)};
enum { LEVELS = sizeof names / sizeof names[0] };

/* ---- the processor ---- */

#if defined(__x86_64__)

/* What __builtin_cpu_supports of some compilers does not know. A processor without lzcnt runs it as another
 * instruction. */
static bool has_rest_of_v3(void) {
    enum { BASIC = 1, EXTENDED = 0x80000001 };
    unsigned a, b, c, d;
    if (!__get_cpuid(BASIC, &a, &b, &c, &d) || !(c & bit_MOVBE) || !(c & bit_F16C))
        return false;
    return __get_cpuid(EXTENDED, &a, &b, &c, &d) && (c & bit_LZCNT);
}

static bool has_v2(void) {
    return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("sse3") &&
           __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1") &&
           __builtin_cpu_supports("sse4.2");
}

static bool has_v3(void) {
    return __builtin_cpu_supports("avx") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") && has_rest_of_v3();
}

static bool has_v4(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

const char *vic_processor_level(void) {
    __builtin_cpu_init();
    return !has_v2() ? "v1" : !has_v3() ? "v2" : !has_v4() ? "v3" : "v4";
}

#elif defined(__aarch64__)

const char *vic_processor_level(void) {
    return "arm64";
}

#else

const char *vic_processor_level(void) {
    return "generic";
}

#endif

/* ---- levels ---- */

int vic_level_count(void) {
    return LEVELS;
}

const char *vic_level_name(int level) {
    return names[level];
}

/* The names of one architecture are in the order of the alphabet. */
bool vic_level_runs(int level) {
    return strcmp(names[level], vic_processor_level()) <= 0;
}

int vic_level_highest(void) {
    int level = LEVELS - 1;
    while (level >= 0 && !vic_level_runs(level))
        level--;
    return level;
}

static const char *list(char *text, size_t size) {
    size_t used = 0;
    for (int i = 0; i < LEVELS; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", names[i]);
    return text;
}

vic_status vic_level_find(const char *name, int *level) {
    char all[64];
    for (*level = 0; *level < LEVELS && strcmp(names[*level], name) != 0;)
        ++*level;
    if (*level == LEVELS)
        return vic_fail(VIC_BAD_CONFIG, "there is no instruction level '%s' in this build, only %s", name,
                        list(all, sizeof all));
    if (vic_level_runs(*level))
        return VIC_OK;
    return vic_fail(VIC_BAD_CONFIG, "instruction level %s: this processor can run %s", name,
                    vic_processor_level());
}

/* -1: not asked for yet. */
static int chosen = -1;

int vic_level(void) {
    if (chosen < 0)
        chosen = vic_level_highest();
    return chosen < 0 ? 0 : chosen;
}

void vic_level_set(int level) {
    chosen = level;
}
