/* The formats of data files. A new one is a line here and a file that defines vic_data_format_NAME. */
#ifndef VIC_DATA_DATA_FORMATS_H
#define VIC_DATA_DATA_FORMATS_H

#include "data.h"

#define VIC_DATA_FORMATS(X) X(idx) X(cifar10) X(csv) X(npy)

#define VIC_DECLARE_DATA_FORMAT(name) extern const vic_data_format vic_data_format_##name;
VIC_DATA_FORMATS(VIC_DECLARE_DATA_FORMAT)
#undef VIC_DECLARE_DATA_FORMAT

#endif
