/* IEEE 754 binary16: 11 bits of precision, from 6e-8 to 65504; what is larger becomes infinite. */
#include "half_float.h"

VIC_HALF_FLOAT(float16, VIC_FLOAT16_MANTISSA);
