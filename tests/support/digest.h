/* Whether two runs gave the same bits, whatever their placement. */
#ifndef VICINAL_TESTS_SUPPORT_DIGEST_H
#define VICINAL_TESTS_SUPPORT_DIGEST_H

#include "inference/infer.h"

/* Per population, of everything that inferences left: recorded predictions, beliefs and errors, gradients,
 * and the free energy of each step. Both zeros count as equal. */
typedef struct digest {
    uint64_t *hash; /* per population; of the local ones, and on rank 0 of all once collected */
} digest;

/* Scrap memory. */
digest digest_new(const vic_network *network);

/* Local. Adds the last inference, which recorded and learned, on `batch` samples. */
void digest_add(digest d, vic_inference *x, size_t batch);

/* Collective. Brings all hashes to rank 0. */
void digest_collect(digest d, vic_inference *x);

/* Collective. The first population whose hashes differ on rank 0, or -1; rank 0's answer on every rank. */
int digest_difference(const vic_network *network, digest a, digest b);

#endif
