/* The weights of Winograd's F(2 x 2, 3 x 3), for this room alone: kernels w of 3 x 3, arrays (output channel,
 * input channel, 3, 3), and transformed ones, G w G^T, of 4 x 4, arrays (place, output channel, input
 * channel). Threads share both ways. */
#ifndef VIC_FUNCTIONS_WINOGRAD_WEIGHTS_H
#define VIC_FUNCTIONS_WINOGRAD_WEIGHTS_H

#include "real.h"

#include <stdbool.h>
#include <stddef.h>

enum { VIC_WINOGRAD_KERNEL = 3, VIC_WINOGRAD_TILE = 4, VIC_WINOGRAD_PLACES = 16 };

/* to = G weight G^T */
void VIC_NAME(vic_winograd_transform_weights)(size_t outs, size_t ins, const vic_real *weight, vic_real *to);

/* weight = G^T from G, the adjoint, or += that where `add`. */
void VIC_NAME(vic_winograd_gather_gradient)(size_t outs, size_t ins, const vic_real *from, bool add,
                                            vic_real *weight);

#endif
