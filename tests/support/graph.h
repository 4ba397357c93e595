/* Small networks for tests, and made-up data for inferences over them. */
#ifndef VICINAL_TESTS_SUPPORT_GRAPH_H
#define VICINAL_TESTS_SUPPORT_GRAPH_H

#include "inference/infer.h"

/* A chain of `layers` linear layers, tanh behind each but the last, of widths[0..layers] neurons; mean
 * squared error. Ends the test when it cannot be made. Free with vic_network_destroy. */
vic_network *graph_chain(vic_precision precision, int layers, const size_t *widths);

/* The same, every population a few neurons wide and no two neighbours alike. */
vic_network *graph_any_chain(vic_precision precision, int layers);

/* Five populations that are no chain: 0-1, 1-2, 1-3, 0-3, 3-4, 2-4, 1-4, in this order. */
vic_network *graph_dag(vic_precision precision);

/* A chain of five layers with an edge from population 1 past the others to the output. */
vic_network *graph_bypass(vic_precision precision);

/* Local. Draws parameters, input, target and, where there are arrays for them, initial beliefs of `batch`
 * samples: the same numbers whatever the placement. */
void graph_feed(vic_inference *inference, size_t batch, uint64_t seed);

#endif
