/* What lies between the functions of an edge, and how many samples of it are worked on at a time. */
#ifndef VIC_NETWORK_BOUNDARIES_H
#define VIC_NETWORK_BOUNDARIES_H

#include "network.h"

/* Numbers of one sample at boundary k: the input of function k, or the prediction. */
size_t vic_boundary_count(const vic_edge *edge, size_t k);

/* How many samples a projection takes at a time; a pure function of (edge, precision, capacity). */
size_t vic_block_size(const vic_edge *edge, vic_precision precision, size_t capacity);

/* May boundary k, 0 < k < n_functions, be the same array as the one above it? */
bool vic_shares_array(const vic_edge *edge, size_t k);

bool vic_saves_context(const vic_function *function);

/* Is boundary k, 0 < k < n_functions, not read again, since the function above it saves its context? */
bool vic_is_discarded(const vic_edge *edge, size_t k);

/* Is boundary k, or one below that shares its array, read to take errors back, or for gradients? */
bool vic_is_read_by_vjp(const vic_edge *edge, size_t k);
bool vic_is_read_by_gradient(const vic_edge *edge, size_t k);

#endif
