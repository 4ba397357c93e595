/* Numbers for tests: the same in every run, in float64 or in the precision of a run, in memory that is freed
 * all at once. */
#ifndef VICINAL_TESTS_SUPPORT_NUMBERS_H
#define VICINAL_TESTS_SUPPORT_NUMBERS_H

#include "functions/functions.h"

/* `count` zeroed items that live until scrap_free. */
void *scrap(size_t count, size_t size);
/* For fixtures: the end of all scrap memory. */
void scrap_free(void);

/* A fixed function of (seed, i) that looks random: 64 bits, or uniform in [-1, 1). Seeds are small. */
uint64_t bits_at(uint64_t seed, uint64_t i);
double number_at(uint64_t seed, uint64_t i);

/* The ones below return scrap memory. */
double *numbers(size_t n, uint64_t seed);
/* n numbers from -2 to 2 in a random order, 4/n apart, none nearer to 0 than 1/n: small steps cross no kink
 * of relu and change no order. */
double *distinct_numbers(size_t n, uint64_t seed);
void *reals_of(vic_precision precision, size_t n, const double *x);
double *doubles_of(vic_precision precision, size_t n, const void *x);
/* n NaNs, for what a call has to fill. */
void *unset(vic_precision precision, size_t n);

double real_at(vic_precision precision, const void *x, size_t i);
/* The largest |x_i|, the largest |a_i - b_i|, the sum of a_i b_i; infinity where something is NaN. */
double largest(size_t n, const double *x);
double farthest(size_t n, const double *a, const double *b);
double inner(size_t n, const double *a, const double *b);

#endif
