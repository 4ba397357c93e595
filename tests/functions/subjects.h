/* The functions that the conformance suite runs over, and calls of them: float64 in, float64 out, computed in
 * the precision of the function. What is returned is scrap memory. */
#ifndef VICINAL_TESTS_FUNCTIONS_SUBJECTS_H
#define VICINAL_TESTS_FUNCTIONS_SUBJECTS_H

#include "functions/functions.h"

/* Lists every registered kind, placed on each of its cases; fails the test when a kind has none that fits.
 * Returns the length of the list, which is the same in both precisions. */
size_t list_subjects(void);

typedef struct call {
    vic_precision precision;
    const vic_function *f;
    size_t batch, n_in, n_out; /* numbers of the whole batch */
    const double *theta[VIC_MAX_PARAMETERS];
} call;

call call_of(vic_precision precision, size_t which, size_t batch);

double *forward(const call *c, const double *in);
double *change(const call *c, const double *in, const double *displacement);
double *vjp(const call *c, const double *in, const double *error);
/* gradient[k] holds what `add` adds to, and becomes the new gradient. */
void gradients(const call *c, const double *in, const double *error, bool add, double **gradient);

/* In the precision of the function, for calls of its kind. */
const void *const *theta_of(const call *c);
void *scratch_of(const call *c);

/* What a number may be off by that is a sum of products of this size: there are at most `terms` of them, each
 * rounded once or twice. */
double rounding(const call *c, double size);

#endif
