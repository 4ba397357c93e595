/* An encoding that writes numbers as a type of C: the including file names it. */
#ifndef VIC_MESSAGES_WIRES_WHOLE_FLOAT_H
#define VIC_MESSAGES_WIRES_WHOLE_FLOAT_H

#include "wires.h"

#include "functions/functions.h"
#include "functions/real.h"

#define VIC_WHOLE_FLOAT(label, type)                                                                         \
    static void encode(size_t rows, size_t batch, const void *values, void *heads, void *codes) {            \
        const vic_real *from = values;                                                                       \
        type *to = codes;                                                                                    \
        (void)heads;                                                                                         \
        for (size_t i = 0; i < rows * batch; i++)                                                            \
            to[i] = (type)from[i];                                                                           \
    }                                                                                                        \
    static void decode(size_t rows, size_t batch, const void *heads, const void *codes, void *values) {      \
        const type *from = codes;                                                                            \
        vic_real *to = values;                                                                               \
        (void)heads;                                                                                         \
        for (size_t i = 0; i < rows * batch; i++)                                                            \
            to[i] = (vic_real)from[i];                                                                       \
    }                                                                                                        \
    const vic_encoding VIC_NAME(vic_as_##label);                                                             \
    const vic_encoding VIC_NAME(vic_as_##label) = {                                                          \
        .name = #label, .value_bytes = sizeof(type), .encode = encode, .decode = decode}

#endif
