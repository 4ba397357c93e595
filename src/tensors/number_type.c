#include "number_type.h"

#include "base/half.h"

#define NUMBER(type, label)                                                                                  \
    static double real_##label(const unsigned char *from) {                                                  \
        type value;                                                                                          \
        memcpy(&value, from, sizeof value);                                                                  \
        return (double)value;                                                                                \
    }
#define INTEGER(type, label)                                                                                 \
    NUMBER(type, label)                                                                                      \
    static bool whole_##label(const unsigned char *from, int64_t *whole) {                                   \
        type value;                                                                                          \
        memcpy(&value, from, sizeof value);                                                                  \
        *whole = (int64_t)value;                                                                             \
        return *whole >= 0 || (type)-1 < (type)1;                                                            \
    }
NUMBER(double, f64)
NUMBER(float, f32)
INTEGER(int64_t, i64)
INTEGER(int32_t, i32)
INTEGER(int16_t, i16)
INTEGER(int8_t, i8)
INTEGER(uint64_t, u64)
INTEGER(uint32_t, u32)
INTEGER(uint16_t, u16)
INTEGER(uint8_t, u8)

static bool whole_bool(const unsigned char *from, int64_t *whole) {
    *whole = *from != 0;
    return true;
}

static double real_bool(const unsigned char *from) {
    return *from != 0;
}

static uint16_t code_at(const unsigned char *from) {
    uint16_t code;
    memcpy(&code, from, sizeof code);
    return code;
}

static double real_f16(const unsigned char *from) {
    return half_decode(code_at(from), VIC_FLOAT16_MANTISSA);
}

static double real_bf16(const unsigned char *from) {
    return half_decode(code_at(from), VIC_BFLOAT16_MANTISSA);
}

const vic_number_type *vic_number_type_find(const char *name) {
    static const vic_number_type known[] = {
        {"F64", 8, real_f64, NULL},         {"F32", 4, real_f32, NULL},      {"F16", 2, real_f16, NULL},
        {"BF16", 2, real_bf16, NULL},       {"I64", 8, real_i64, whole_i64}, {"I32", 4, real_i32, whole_i32},
        {"I16", 2, real_i16, whole_i16},    {"I8", 1, real_i8, whole_i8},    {"U64", 8, real_u64, whole_u64},
        {"U32", 4, real_u32, whole_u32},    {"U16", 2, real_u16, whole_u16}, {"U8", 1, real_u8, whole_u8},
        {"BOOL", 1, real_bool, whole_bool}, {"F8_E4M3", 1, NULL, NULL},      {"F8_E5M2", 1, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}
