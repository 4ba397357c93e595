/* Messages as numbers of 16 bits. */
#ifndef VIC_MESSAGES_WIRES_HALF_FLOAT_H
#define VIC_MESSAGES_WIRES_HALF_FLOAT_H

#include "wires.h"

#include "base/half.h"
#include "functions/functions.h"
#include "functions/real.h"

#define VIC_HALF_FLOAT(label, mantissa)                                                                      \
    static void encode(size_t rows, size_t batch, const void *values, void *heads, void *codes) {            \
        const vic_real *from = values;                                                                       \
        uint16_t *to = codes;                                                                                \
        (void)heads;                                                                                         \
        for (size_t i = 0; i < rows * batch; i++)                                                            \
            to[i] = half_encode(from[i], mantissa);                                                          \
    }                                                                                                        \
    static void decode(size_t rows, size_t batch, const void *heads, const void *codes, void *values) {      \
        const uint16_t *from = codes;                                                                        \
        vic_real *to = values;                                                                               \
        (void)heads;                                                                                         \
        for (size_t i = 0; i < rows * batch; i++)                                                            \
            to[i] = (vic_real)half_decode(from[i], mantissa);                                                \
    }                                                                                                        \
    const vic_encoding VIC_NAME(vic_as_##label);                                                             \
    const vic_encoding VIC_NAME(vic_as_##label) = {                                                          \
        .name = #label, .value_bytes = sizeof(uint16_t), .encode = encode, .decode = decode}

#endif
