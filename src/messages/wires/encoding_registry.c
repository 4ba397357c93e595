/* A new encoding is one line in the list. */
#include "effects.h"
#include "wires.h"

#include "functions/level.h"
#include "functions/level_list.h"

#include <string.h>

#define ENCODINGS(X, level)                                                                                  \
    X(float64, level) X(float32, level) X(bfloat16, level) X(float16, level) X(int8, level)

#define ONE(name, level) +1
enum { N_ENCODINGS = ENCODINGS(ONE, ) };

#define DECLARE(name, level)                                                                                 \
    extern const vic_encoding vic_as_##name##_f32_##level, vic_as_##name##_f64_##level;
#define DECLARE_LEVEL(level)                                                                                 \
    ENCODINGS(DECLARE, level)                                                                                \
    extern const vic_wire_rules vic_wire_rules_f32_##level, vic_wire_rules_f64_##level;
VIC_LEVELS(DECLARE_LEVEL)

/* By level and precision. */
#define FLOAT32(name, level) &vic_as_##name##_f32_##level,
#define FLOAT64(name, level) &vic_as_##name##_f64_##level,
#define OF_LEVEL(level)      {{ENCODINGS(FLOAT32, level)}, {ENCODINGS(FLOAT64, level)}},
#define RULES_OF(level)      {&vic_wire_rules_f32_##level, &vic_wire_rules_f64_##level},
static const vic_encoding *const encodings[][2][N_ENCODINGS] = {VIC_LEVELS(OF_LEVEL)};
static const vic_wire_rules *const rules[][2] = {VIC_LEVELS(RULES_OF)};

const vic_encoding *const *vic_encodings(vic_precision precision, size_t *count) {
    *count = N_ENCODINGS;
    return encodings[vic_level()][precision];
}

const vic_encoding *vic_encoding_find(vic_precision precision, const char *name) {
    size_t count;
    const vic_encoding *const *all = vic_encodings(precision, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

const vic_encoding *vic_encoding_exact(vic_precision precision) {
    return vic_encoding_find(precision, precision == VIC_FLOAT32 ? "float32" : "float64");
}

const vic_wire_rules *vic_wire_rules_of(vic_precision precision) {
    return rules[vic_level()][precision];
}
