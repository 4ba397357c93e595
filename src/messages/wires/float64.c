/* IEEE 754 binary64. */
#include "whole_float.h"

VIC_WHOLE_FLOAT(float64, double);
