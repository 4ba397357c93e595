/* Numbers on their way between a program's arrays and those of populations. */
#ifndef VIC_LIBRARY_NUMBERS_H
#define VIC_LIBRARY_NUMBERS_H

#include "result.h"

#include "functions/functions.h"

/* A program's array. */
typedef struct vic_array {
    vic_precision precision;
    void *values;
    size_t count;
} vic_array;

/* What a program's array of constants is passed as. Whoever takes it only reads. */
vic_array vic_array_f32(const float *values, size_t count);
vic_array vic_array_f64(const double *values, size_t count);

/* Errors: wrong use where it is NULL or has another number of numbers than `expected`. */
vic_status vic_array_check(vic_array array, size_t expected);

/* The rows (samples, features) of `array` become columns (features, samples) in `precision`; and back.
 * Errors: VIC_NO_MEMORY. */
vic_status vic_rows_to_columns(vic_array array, size_t features, size_t samples, vic_precision precision,
                               void *columns);
vic_status vic_columns_to_rows(vic_precision precision, const void *columns, size_t features, size_t samples,
                               vic_array array);

#endif
