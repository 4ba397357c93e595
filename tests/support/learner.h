/* A trainer for inferences whose algorithm learns in its steps, which goes when the inference goes. */
#ifndef VICINAL_TESTS_SUPPORT_LEARNER_H
#define VICINAL_TESTS_SUPPORT_LEARNER_H

#include "learning/learning.h"

/* Collective. `optimizer` with its default settings but the rate, 0.1 of sgd and 0.01 of adam. With `undoes`
 * every inference begins with the parameters of the first and an optimiser without state, and the gradients
 * that it leaves are the sums over its steps. It may be forgotten. */
vic_trainer *learner_attach(vic_inference *x, const char *optimizer, bool undoes);

#endif
