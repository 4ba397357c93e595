/* A network on all ranks, and wires that are alike, for tests of inference over wires. */
#ifndef VICINAL_TESTS_INFERENCE_WIRES_STAGE_H
#define VICINAL_TESTS_INFERENCE_WIRES_STAGE_H

#include "support/digest.h"
#include "support/nets.h"

enum { BATCH = 6, L = 4, WIRES = L * VIC_MESSAGE_KINDS };

typedef struct stage {
    vic_network *network;
    int rank_of[L + 1];
    vic_wires wires;
    vic_inference *x;
    size_t batch;
} stage;

/* The network of L layers; destroy it. */
vic_network *stage_chain(vic_precision precision);

/* With all wires like `wire`, and no inference yet. End it with stage_strike. */
stage stage_of(vic_precision precision, size_t batch, vic_wire wire);
void stage_strike(stage *s);

/* The rank of population p: the first for all; in turn; in blocks. */
int stage_alone(int p);
int stage_dealt(int p);
int stage_in_blocks(int p);

/* Collective. Makes the inference, with parameters and a batch. */
void stage_place(stage *s, int (*rank)(int), vic_inference_options options);

/* Collective. Runs it, and gives all that it computed. */
digest stage_run(stage *s, uint64_t batch_index);

/* The projection of edge `edge`, or NULL where it is not local. */
vic_projection *stage_projection(vic_inference *x, int edge);

#endif
