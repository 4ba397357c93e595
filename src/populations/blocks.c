#include "projection.h"

#include <string.h>

enum { CACHE = 384 * 1024, SAMPLES = 16 };

size_t vic_boundary_count(const vic_edge *edge, size_t k) {
    return vic_shape_count(k == 0 ? edge->computed[0].in : edge->computed[k - 1].out);
}

/* Does a function of the edge read the same numbers again, so that it matters where they are? */
static bool goes_over(const vic_edge *edge) {
    for (size_t k = 0; k < edge->n_functions; k++)
        if (edge->computed[k].kind->reach || vic_takes_notes(&edge->computed[k]))
            return true;
    return false;
}

/* The most numbers of a sample that should be in the cache together: what a function reads again, or what one
 * function leaves to the next. */
static size_t most_at_once(const vic_edge *edge) {
    size_t most = 0;
    for (size_t k = 0; k < edge->n_functions; k++) {
        const vic_function *f = &edge->computed[k];
        size_t left = k > 0 ? vic_boundary_count(edge, k) : 0, reach = f->kind->reach ? f->kind->reach(f) : 0;
        size_t more = left > reach ? left : reach;
        most = more > most ? more : most;
    }
    return most;
}

/* A batch is divided if it has to be. The largest array of a block then fits the cache beside its neighbour,
 * and blocks are whole vectors. */
size_t vic_block_size(const vic_edge *edge, vic_precision precision, size_t capacity) {
    size_t bytes = vic_precision_bytes(precision), largest = 0;
    if (!goes_over(edge) || most_at_once(edge) * capacity * bytes <= 2 * (size_t)CACHE)
        return capacity;
    for (size_t k = 0; k <= edge->n_functions; k++) {
        size_t count = vic_boundary_count(edge, k);
        largest = count > largest ? count : largest;
    }
    size_t fit = CACHE / (largest * bytes) / SAMPLES * SAMPLES;
    size_t block = fit > SAMPLES ? fit : SAMPLES;
    return block < capacity ? block : capacity;
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

/* Where the first row of a block begins in an array that lies part by part. */
static char *first_row(const vic_projection *p, size_t count, vic_slice part, vic_slice block,
                       const void *array) {
    vic_precision precision = p->network->precision;
    return (char *)vic_slice_at(precision, count, array, part) +
           (block.first - part.first) * vic_precision_bytes(precision);
}

void vic_to_block(const vic_projection *p, size_t count, vic_slice part, vic_slice block, const void *from,
                  void *to) {
    size_t bytes = vic_precision_bytes(p->network->precision), piece = block.samples * bytes;
    const char *row = first_row(p, count, part, block, from);
    for (size_t i = 0; i < count; i++)
        copy_piece((char *)to + i * piece, row + i * part.samples * bytes, piece);
}

void vic_from_block(const vic_projection *p, size_t count, vic_slice part, vic_slice block, const void *from,
                    void *to) {
    size_t bytes = vic_precision_bytes(p->network->precision), piece = block.samples * bytes;
    char *row = first_row(p, count, part, block, to);
    for (size_t i = 0; i < count; i++)
        copy_piece(row + i * part.samples * bytes, (const char *)from + i * piece, piece);
}
