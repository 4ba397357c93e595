/* IEEE 754 binary32, rounded to nearest even. */
#include "whole_float.h"

VIC_WHOLE_FLOAT(float32, float);
