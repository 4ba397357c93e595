#include "projection.h"

#include <string.h>

bool vic_is_whole(const vic_projection *p) {
    return p->block == p->capacity;
}

bool vic_next_block(const vic_projection *p, vic_sample_range microbatch, vic_sample_range *block) {
    block->first += block->samples;
    size_t left = microbatch.first + microbatch.samples - block->first;
    block->samples = left < p->block ? left : p->block;
    return left > 0;
}

/* A piece of a row. Full blocks are whole cache lines, which the compiler copies without a call. */
static void copy_piece(void *to, const void *from, size_t bytes) {
    enum { LINE = 64 };
    size_t k = 0;
    for (; k + LINE <= bytes; k += LINE)
        memcpy((char *)to + k, (const char *)from + k, LINE);
    if (k < bytes)
        memcpy((char *)to + k, (const char *)from + k, bytes - k);
}

/* The first row of a block in an array that is stored micro-batch by micro-batch. */
static char *first_row(const vic_projection *p, size_t count, vic_sample_range microbatch,
                       vic_sample_range block, const void *array) {
    vic_precision precision = p->network->precision;
    return (char *)vic_microbatch_at(precision, count, array, microbatch) +
           (block.first - microbatch.first) * vic_precision_bytes(precision);
}

void vic_to_block(const vic_projection *p, size_t count, vic_sample_range microbatch, vic_sample_range block,
                  const void *from, void *to) {
    size_t bytes = vic_precision_bytes(p->network->precision), piece = block.samples * bytes;
    const char *row = first_row(p, count, microbatch, block, from);
    for (size_t i = 0; i < count; i++)
        copy_piece((char *)to + i * piece, row + i * microbatch.samples * bytes, piece);
}

void vic_from_block(const vic_projection *p, size_t count, vic_sample_range microbatch,
                    vic_sample_range block, const void *from, void *to) {
    size_t bytes = vic_precision_bytes(p->network->precision), piece = block.samples * bytes;
    char *row = first_row(p, count, microbatch, block, to);
    for (size_t i = 0; i < count; i++)
        copy_piece(row + i * microbatch.samples * bytes, (const char *)from + i * piece, piece);
}
