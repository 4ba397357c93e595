/* Layer functions and losses in plain loops over one sample in float64, to check the fast ones against.
 * Written from their definitions; nothing here calls the library's arithmetic. */
#ifndef VICINAL_TESTS_SUPPORT_SLOW_FUNCTIONS_H
#define VICINAL_TESTS_SUPPORT_SLOW_FUNCTIONS_H

#include "functions/functions.h"

typedef struct slow_function {
    const char *name;
    /* y = f(x; theta) */
    void (*forward)(const vic_function *f, double *const *theta, const double *x, double *y);
    /* below = J^T e, gradient[k] += e . dy/dtheta_k */
    void (*back)(const vic_function *f, double *const *theta, const double *x, const double *y,
                 const double *e, double *below, double *const *gradient);
} slow_function;

/* Fails the test when there is no slow version of that name. */
const slow_function *slow_function_find(const char *name);

/* Returns the loss of `prediction`, (batch, outputs); error becomes its slope. classes or values are read,
 * whichever the loss compares with. */
double slow_loss(const char *name, vic_reduction reduction, size_t batch, size_t outputs,
                 const double *prediction, const int64_t *classes, const double *values, double *error);

#endif
