/* What a conv2d computes, beside its definition, in float64. */
#ifndef VICINAL_TESTS_FUNCTIONS_PLAIN_CONVOLUTION_H
#define VICINAL_TESTS_FUNCTIONS_PLAIN_CONVOLUTION_H

#include "functions/functions.h"

/* A conv2d with a bias, and how many samples it gets. */
typedef struct convolution_trial {
    vic_precision precision;
    vic_shape in;
    size_t out, kernel, stride, padding, batch;
} convolution_trial;

/* Forward, vjp and gradients of numbers that float32 has, too. Fails the test where a result is off by more
 * than `most` of the largest number of its array. */
void assert_convolves(const convolution_trial *trial, double most);

#endif
