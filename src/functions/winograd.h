/* Convolutions with 3 x 3 kernels and stride 1 by Winograd's F(2 x 2, 3 x 3), between many channels: 16
 * products for 4 outputs in the place of 36. A. Lavin, S. Gray, "Fast algorithms for convolutional neural
 * networks", CVPR 2016, section 4.1. */
#ifndef VIC_FUNCTIONS_WINOGRAD_H
#define VIC_FUNCTIONS_WINOGRAD_H

#include "convolution.h"

/* Is it the faster way? */
bool VIC_NAME(vic_winograd_suits)(const vic_convolution *v);

/* Numbers of scratch memory that the functions below need for v->batch samples, or fewer. */
size_t VIC_NAME(vic_winograd_scratch)(const vic_convolution *v);

/* As vic_convolve and vic_correlate. */
void VIC_NAME(vic_winograd_convolve)(const vic_convolution *v, const vic_real *weight, const vic_real *bias,
                                     const vic_real *in, vic_real *out, vic_real *scratch);
void VIC_NAME(vic_winograd_correlate)(const vic_convolution *v, const vic_real *error, const vic_real *in,
                                      bool add, vic_real *weight, vic_real *scratch);

#endif
