/* A network that learns, for tests of epochs. */
#ifndef VICINAL_TESTS_LEARNING_EPOCH_FIXTURE_H
#define VICINAL_TESTS_LEARNING_EPOCH_FIXTURE_H

#include "made_data.h"

#include "support/digest.h"

enum { BATCH = 6, COUNT = 20, MOST = 16, SEED = 5 };

/* A network that learns, on the ranks of a placement. */
typedef struct fixture {
    vic_network *network;
    int rank_of[MOST];
    vic_inference *x;
    vic_trainer *trainer;
    made_data data;
} fixture;

typedef struct plan {
    vic_precision precision;
    const char *loss;
    vic_reduction reduction;
    vic_inference_options inference;
    bool drop_last, alone;
    double rate;
} plan;

/* Exact in float64, cross-entropy, a rate of 0.1. */
plan usual(void);

/* Collective. Drawn parameters; COUNT samples in batches of BATCH. Close with close_fixture. */
void open_fixture(fixture *s, plan p);
void close_fixture(fixture *s);

/* Collective. What the last batch of an epoch left. */
digest digest_of(const fixture *s);

#endif
