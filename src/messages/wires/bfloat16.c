/* bfloat16: the range of float32, 8 bits of precision. */
#include "half_float.h"

VIC_HALF_FLOAT(bfloat16, VIC_BFLOAT16_MANTISSA);
