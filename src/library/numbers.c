#include "numbers.h"

vic_array vic_array_f32(const float *values, size_t count) {
    return (vic_array){VIC_FLOAT32, (void *)(uintptr_t)values, count};
}

vic_array vic_array_f64(const double *values, size_t count) {
    return (vic_array){VIC_FLOAT64, (void *)(uintptr_t)values, count};
}

vic_status vic_array_check(vic_array array, size_t expected) {
    VIC_TRY(vic_check_pointer(array.values, "values"));
    if (array.count == expected)
        return VIC_OK;
    return VIC_FAIL_WRONG_USE("an array of %zu numbers, expected %zu", array.count, expected);
}

vic_status vic_rows_to_columns(vic_array array, size_t features, size_t samples, vic_precision precision,
                               void *columns) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(precision);
    void *rows;
    if (array.precision == precision) {
        arithmetic->samples_inward(features, samples, array.values, samples, columns);
        return VIC_OK;
    }
    VIC_TRY(vic_allocate(features * samples, vic_precision_bytes(precision), &rows));
    vic_convert(features * samples, array.precision, array.values, precision, rows);
    arithmetic->samples_inward(features, samples, rows, samples, columns);
    vic_release(&rows);
    return VIC_OK;
}

vic_status vic_columns_to_rows(vic_precision precision, const void *columns, size_t features, size_t samples,
                               vic_array array) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(precision);
    void *rows;
    if (array.precision == precision) {
        arithmetic->samples_outward(features, samples, columns, array.values);
        return VIC_OK;
    }
    VIC_TRY(vic_allocate(features * samples, vic_precision_bytes(precision), &rows));
    arithmetic->samples_outward(features, samples, columns, rows);
    vic_convert(features * samples, precision, rows, array.precision, array.values);
    vic_release(&rows);
    return VIC_OK;
}
