#include "numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The head of a piece of memory, in the cache line before it. */
typedef struct piece {
    struct piece *next;
} piece;

enum { HEAD = 64 };

static piece *pieces;

void *scrap(size_t count, size_t size) {
    piece *p = NULL;
    if (count > (SIZE_MAX - HEAD) / size || vic_allocate(HEAD + count * size, 1, &p) != VIC_OK) {
        fprintf(stderr, "%s\n", vic_error_text());
        exit(EXIT_FAILURE);
    }
    p->next = pieces;
    pieces = p;
    return (char *)p + HEAD;
}

void scrap_free(void) {
    while (pieces) {
        piece *p = pieces;
        pieces = p->next;
        vic_release(&p);
    }
}

/* splitmix64 */
uint64_t bits_at(uint64_t seed, uint64_t i) {
    uint64_t z = (seed << 40) + (i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

double number_at(uint64_t seed, uint64_t i) {
    return (double)(bits_at(seed, i) >> 11) * 0x1p-52 - 1;
}

double *numbers(size_t n, uint64_t seed) {
    double *x = scrap(n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = number_at(seed, i);
    return x;
}

double *distinct_numbers(size_t n, uint64_t seed) {
    double *x = scrap(n, sizeof *x);
    for (size_t i = 0; i < n; i++) {
        size_t j = bits_at(seed, i) % (i + 1);
        x[i] = x[j];
        x[j] = ((double)i + 0.25) * 4 / (double)n - 2;
    }
    return x;
}

void *reals_of(vic_precision precision, size_t n, const double *x) {
    void *reals = scrap(n, vic_precision_bytes(precision));
    vic_arithmetic_of(precision)->from_float64(n, x, reals);
    return reals;
}

double real_at(vic_precision precision, const void *x, size_t i) {
    return precision == VIC_FLOAT32 ? ((const float *)x)[i] : ((const double *)x)[i];
}

double *doubles_of(vic_precision precision, size_t n, const void *x) {
    double *doubles = scrap(n, sizeof *doubles);
    for (size_t i = 0; i < n; i++)
        doubles[i] = real_at(precision, x, i);
    return doubles;
}

void *unset(vic_precision precision, size_t n) {
    void *x = scrap(n, vic_precision_bytes(precision));
    for (size_t i = 0; i < n; i++)
        if (precision == VIC_FLOAT32)
            ((float *)x)[i] = NAN;
        else
            ((double *)x)[i] = NAN;
    return x;
}

static double larger(double most, double x) {
    if (isnan(x))
        return INFINITY;
    return x > most ? x : most;
}

double largest(size_t n, const double *x) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = larger(most, fabs(x[i]));
    return most;
}

double farthest(size_t n, const double *a, const double *b) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = larger(most, fabs(a[i] - b[i]));
    return most;
}

double inner(size_t n, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}
