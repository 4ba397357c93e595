/* Headers of safetensors files that must be refused, each with the bytes of data that follow it (zeros) and a
 * fragment of the error text. */
#ifndef VICINAL_TESTS_IO_MALFORMED_TENSORS_H
#define VICINAL_TESTS_IO_MALFORMED_TENSORS_H

#include <stddef.h>

#define ENTRY(dtype, shape, offsets)                                                                         \
    "{\"x\":{\"dtype\":" dtype ",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define TWO(offsets_a, offsets_b)                                                                            \
    "{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" offsets_a "},"                                \
    "\"y\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" offsets_b "}}"

static const struct {
    const char *header;
    size_t data;
    const char *fragment;
} malformed[] = {
    /* JSON */
    {"", 0, "does not begin with {"},
    {" {}", 0, "does not begin with {"},
    {"[]", 0, "does not begin with {"},
    {"{", 0, "no valid JSON"},
    {"{}x", 0, "no valid JSON"},
    {"{\"x\":}", 0, "no valid JSON"},
    {"{\"x\xff\":1}", 0, "no valid JSON"},
    {"{\"x\\u0000\":1}", 0, "no valid JSON"},
    {"{\"x\":{},\"x\":{}}", 0, "no valid JSON"},
    {"{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
     "no valid JSON"},
    {"{\"x\":1}", 0, "\"x\": no JSON object"},
    {"{\"x\":[]}", 0, "\"x\": no JSON object"},
    {"{\"x\":null}", 0, "\"x\": no JSON object"},
    /* metadata */
    {"{\"__metadata__\":[]}", 0, "__metadata__ is no JSON object"},
    {"{\"__metadata__\":\"pt\"}", 0, "__metadata__ is no JSON object"},
    {"{\"__metadata__\":{\"epoch\":1}}", 0, "\"epoch\" is no string"},
    {"{\"__metadata__\":{\"epoch\":{}}}", 0, "\"epoch\" is no string"},
    /* dtype */
    {"{\"x\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "\"dtype\" is missing"},
    {ENTRY("32", "[1]", "[0,4]"), 4, "\"dtype\" is missing or no string"},
    {ENTRY("\"F31\"", "[1]", "[0,4]"), 4, "unknown dtype \"F31\""},
    {ENTRY("\"f32\"", "[1]", "[0,4]"), 4, "unknown dtype \"f32\""},
    {ENTRY("\"\"", "[1]", "[0,4]"), 4, "unknown dtype \"\""},
    /* shape */
    {"{\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "\"shape\" is missing"},
    {ENTRY("\"F32\"", "1", "[0,4]"), 4, "\"shape\" is missing or no array"},
    {ENTRY("\"F32\"", "{}", "[0,4]"), 4, "\"shape\" is missing or no array"},
    {ENTRY("\"F32\"", "[1.0]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ENTRY("\"F32\"", "[\"1\"]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ENTRY("\"F32\"", "[[1]]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ENTRY("\"F32\"", "[true]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ENTRY("\"F32\"", "[-1]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ENTRY("\"F32\"", "[-1,-1]", "[0,4]"), 4, "\"shape\" holds something else"},
    {ENTRY("\"F32\"", "[99999999999999999999]", "[0,4]"), 4, "no valid JSON"},
    {ENTRY("\"F32\"", "[4294967296,4294967297]", "[0,4]"), 4, "[4294967296, 4294967297] of F32 overflows"},
    {ENTRY("\"F32\"", "[4611686018427387905]", "[0,4]"), 4, "overflows"},
    /* offsets */
    {"{\"x\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "\"data_offsets\" is missing"},
    {ENTRY("\"F32\"", "[1]", "4"), 4, "\"data_offsets\" is missing or no pair"},
    {ENTRY("\"F32\"", "[1]", "[4]"), 4, "\"data_offsets\" is missing or no pair"},
    {ENTRY("\"F32\"", "[1]", "[0,4,4]"), 4, "\"data_offsets\" is missing or no pair"},
    {ENTRY("\"F32\"", "[1]", "[0,4.0]"), 4, "\"data_offsets\" are not two offsets"},
    {ENTRY("\"F32\"", "[1]", "[\"0\",4]"), 4, "\"data_offsets\" are not two offsets"},
    {ENTRY("\"F32\"", "[1]", "[-4,0]"), 4, "\"data_offsets\" are not two offsets"},
    {ENTRY("\"F32\"", "[1]", "[0,18446744073709551620]"), 4, "no valid JSON"},
    {ENTRY("\"F32\"", "[1]", "[4,0]"), 4, "[4, 0] begin after their end"},
    {ENTRY("\"F32\"", "[1]", "[0,4]"), 3, "[0, 4] end beyond the file, which has 3 bytes"},
    {ENTRY("\"F32\"", "[1]", "[9223372036854775803,9223372036854775807]"), 4, "end beyond the file"},
    {ENTRY("\"F32\"", "[2]", "[0,4]"), 4, "[0, 4] hold 4 bytes, expected 8 for shape [2] of F32"},
    {ENTRY("\"F64\"", "[]", "[0,4]"), 4, "[0, 4] hold 4 bytes, expected 8 for shape [] of F64"},
    {ENTRY("\"F32\"", "[0]", "[0,4]"), 4, "[0, 4] hold 4 bytes, expected 0"},
    {ENTRY("\"F16\"", "[2]", "[0,2]"), 2, "hold 2 bytes, expected 4"},
    /* the data as a whole */
    {TWO("[0,4]", "[2,6]"), 6, "\"x\" and \"y\" overlap"},
    {TWO("[4,8]", "[4,8]"), 8, "4 bytes before tensor"},
    {TWO("[0,4]", "[0,4]"), 4, "overlap"},
    {TWO("[0,4]", "[5,9]"), 9, "1 bytes before tensor \"y\" belong to no tensor"},
    {TWO("[5,9]", "[1,5]"), 9, "1 bytes before tensor \"y\" belong to no tensor"},
    {TWO("[4,8]", "[0,4]"), 11, "3 bytes at the end belong to no tensor"},
    {"{}", 1, "1 bytes at the end belong to no tensor"},
};

#endif
