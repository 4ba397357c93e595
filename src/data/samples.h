/* How the numbers of a data file are stored: big-endian, one after the other. */
#ifndef VIC_DATA_SAMPLES_H
#define VIC_DATA_SAMPLES_H

#include "data.h"

typedef struct vic_element {
    const char *name;
    size_t bytes;
    /* The number at `from`. `whole` is NULL where numbers need not be integers. */
    double (*real)(const unsigned char *from);
    int64_t (*whole)(const unsigned char *from);
    /* row[0..n-1] = the numbers from `from` on, each divided by scale in the precision of the row. */
    void (*float32_row)(const unsigned char *from, size_t n, float scale, float *row);
    void (*float64_row)(const unsigned char *from, size_t n, double scale, double *row);
} vic_element;

extern const vic_element vic_element_uint8, vic_element_int8, vic_element_uint16, vic_element_int16,
    vic_element_uint32, vic_element_int32, vic_element_uint64, vic_element_int64, vic_element_float16,
    vic_element_float32, vic_element_float64;

#endif
