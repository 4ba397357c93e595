/* Made-up records in the binary format of CIFAR-10: no pictures, but bytes that encode where they belong. */
#ifndef VICINAL_TESTS_IO_MADE_CIFAR10_H
#define VICINAL_TESTS_IO_MADE_CIFAR10_H

#include <stddef.h>

enum { MADE_IMAGE = 3072, MADE_RECORD = 1 + MADE_IMAGE, MADE_CLASSES = 10 };

static inline unsigned char made_label(size_t record) {
    return (unsigned char)((7 * record + 3) % MADE_CLASSES);
}

/* Byte `i` of the image, channel by channel, row by row. */
static inline unsigned char made_pixel(size_t record, size_t i) {
    return (unsigned char)(31 * record + i + i / 251);
}

/* Records first..first+n-1 into `bytes`, which has n * MADE_RECORD. */
static inline void make_records(size_t first, size_t n, unsigned char *bytes) {
    for (size_t record = first; record < first + n; record++) {
        *bytes++ = made_label(record);
        for (size_t i = 0; i < MADE_IMAGE; i++)
            *bytes++ = made_pixel(record, i);
    }
}

#endif
