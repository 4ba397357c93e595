/* A reference case: the network in words and the runs of its case.json, for tests that compare with its
 * vectors. */
#ifndef VICINAL_TESTS_SUPPORT_CASE_H
#define VICINAL_TESTS_SUPPORT_CASE_H

#include "learning/learning.h"
#include "tensors/safetensors.h"

enum { CASE_MOST_RUNS = 16, CASE_MOST_TRAJECTORIES = 4 };

typedef struct case_run {
    char tag[64];
    vic_inference_options options; /* in error coordinates */
    vic_learning_options learning; /* of its steps; without an optimiser where they do not learn */
} case_run;

typedef struct case_trajectory {
    char tag[64]; /* the optimiser's name */
    vic_learning_options options;
    int steps;
} case_trajectory;

typedef struct reference_case {
    vic_network *network; /* float64 */
    size_t batch;
    int n_runs, n_trajectories;
    case_run run[CASE_MOST_RUNS];
    case_trajectory trajectory[CASE_MOST_TRAJECTORIES];
    vic_tensor_file *expected;
} reference_case;

/* Local. Reads tests/reference/NAME; fails the test when something in it is not understood. */
void case_open(reference_case *c, const char *name);
void case_close(reference_case *c);

/* The path of a file of the case; scrap memory. */
const char *case_file(const char *name, const char *file);

#endif
