#include "projection.h"

#include <string.h>

enum { CACHE = 384 * 1024, SAMPLES = 16 };

size_t vic_boundary_count(const vic_edge *edge, size_t k) {
    return vic_shape_count(k == 0 ? edge->functions[0].in : edge->functions[k - 1].out);
}

/* The largest array of a block fits the cache beside its neighbour, and blocks are whole vectors. */
size_t vic_block_size(const vic_edge *edge, vic_precision precision, size_t capacity) {
    bool in_blocks = false;
    size_t largest = 0;
    for (size_t k = 0; k <= edge->n_functions; k++) {
        size_t count = vic_boundary_count(edge, k);
        largest = count > largest ? count : largest;
        in_blocks = in_blocks || (k < edge->n_functions && edge->functions[k].kind->in_blocks);
    }
    size_t fit = CACHE / (largest * vic_precision_bytes(precision)) / SAMPLES * SAMPLES;
    size_t block = fit > SAMPLES ? fit : SAMPLES;
    return in_blocks && block < capacity ? block : capacity;
}

size_t vic_boundary_samples(const vic_projection *p, size_t k) {
    bool inner = k > 0 && k < p->edge->n_functions;
    return p->forgets && inner ? p->block : p->capacity;
}

bool vic_is_whole(const vic_projection *p) {
    return p->block == p->capacity;
}

bool vic_next_block(const vic_projection *p, vic_slice part, vic_slice *block) {
    block->first += block->samples;
    size_t left = part.first + part.samples - block->first;
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

/* Row by row, so that one side is read or written from end to end and the other in as many streams as there
 * are blocks. */
void vic_to_blocks(const vic_projection *p, size_t count, vic_slice part, const void *from, void *to) {
    size_t bytes = vic_precision_bytes(p->network->precision);
    const char *row = vic_slice_at(p->network->precision, count, from, part);
    for (size_t i = 0; i < count; i++, row += part.samples * bytes)
        for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);)
            copy_piece((char *)to + (b.first * count + i * b.samples) * bytes,
                       row + (b.first - part.first) * bytes, b.samples * bytes);
}

void vic_from_blocks(const vic_projection *p, size_t count, vic_slice part, const void *from, void *to) {
    size_t bytes = vic_precision_bytes(p->network->precision);
    char *row = vic_slice_at(p->network->precision, count, to, part);
    for (size_t i = 0; i < count; i++, row += part.samples * bytes)
        for (vic_slice b = {part.first, 0}; vic_next_block(p, part, &b);)
            copy_piece(row + (b.first - part.first) * bytes,
                       (const char *)from + (b.first * count + i * b.samples) * bytes, b.samples * bytes);
}
