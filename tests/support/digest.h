/* Whether two runs gave the same bits, wherever their populations live. */
#ifndef VICINAL_TESTS_SUPPORT_DIGEST_H
#define VICINAL_TESTS_SUPPORT_DIGEST_H

#include "vicinal/inference.h"

/* Per population, of everything that an inference on `batch` samples left: recorded predictions, beliefs and
 * errors, gradients, and the free energy of each step. Both zeros count as equal. */
typedef struct digest {
    double half[2]; /* 32 bits each */
} digest;

/* Collective. Returns one digest per population, complete on rank 0; scrap memory. The inference records, and
 * learns. */
digest *digest_collect(vic_inference *x, size_t batch);

/* Collective. The first population whose digests differ on rank 0, or -1; rank 0's answer on every rank. */
int digest_difference(const vic_network *network, const digest *a, const digest *b);

#endif
