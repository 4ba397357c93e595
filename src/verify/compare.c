#include "compare.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Goes to the next parameter in scope, from *next on: *i becomes its index, *count its size. */
static bool next_parameter(const vic_pair *pair, size_t *next, size_t *i, size_t *count) {
    size_t n = vic_edge_parameters(&pair->network->edges[pair->edge]);
    for (*i = *next; *i < n; (*i)++) {
        const vic_parameter *parameter = vic_parameter_slot_at(pair->network, pair->edge, *i).parameter;
        if (pair->scope == VIC_WEIGHTS_ALONE && strcmp(parameter->name, "weight") != 0)
            continue;
        *count = parameter->count;
        *next = *i + 1;
        return true;
    }
    return false;
}

size_t vic_pair_count(const vic_pair *pair) {
    size_t total = 0, next = 0, i, count;
    while (next_parameter(pair, &next, &i, &count))
        total += count;
    return total;
}

/* The largest |update_scale * update_k - reference_scale * reference_k|, and the sum of their squares divided
 * by that of `unit`. */
static double largest_and_sum(const vic_pair *pair, double update_scale, double reference_scale, double unit,
                              double *sum) {
    size_t next = 0, i, count;
    double largest = 0;
    *sum = 0;
    while (next_parameter(pair, &next, &i, &count))
        for (size_t k = 0; k < count; k++) {
            double d = fabs(update_scale * vic_number_at(pair->precision, pair->update[i], k) -
                            reference_scale * vic_number_at(pair->precision, pair->reference[i], k));
            largest = d <= largest ? largest : d; /* NaN stays */
            *sum += d / unit * (d / unit);
        }
    return largest;
}

/* As vic_pair_distance, where squares leave the range of float64. */
static double extreme_distance(const vic_pair *pair, double update_scale, double reference_scale) {
    double sum, largest = largest_and_sum(pair, update_scale, reference_scale, 1, &sum);
    if (largest == 0 || !isfinite(largest))
        return largest;
    largest_and_sum(pair, update_scale, reference_scale, largest, &sum);
    return largest * sqrt(sum);
}

double vic_pair_distance(const vic_pair *pair, double update_scale, double reference_scale) {
    const double smallest = 0x1p-900;
    const vic_arithmetic *arithmetic = vic_arithmetic_of(pair->precision);
    size_t next = 0, i, count;
    double sum = 0;
    while (next_parameter(pair, &next, &i, &count))
        sum += arithmetic->squared_distance(count, update_scale, pair->update[i], reference_scale,
                                            pair->reference[i]);
    if (sum < smallest || !isfinite(sum))
        return extreme_distance(pair, update_scale, reference_scale);
    return sqrt(sum);
}

static bool all_zero(vic_precision precision, double scale, const void *array, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (scale * vic_number_at(precision, array, k) != 0)
            return false;
    return true;
}

/* What is larger than the smallest number of float32 and yet 0 there was rounded off, beside larger numbers.
 */
static bool is_tiny_in_float64(const vic_pair *pair, double scale, size_t i, size_t count) {
    for (size_t k = 0; pair->float64 && k < count; k++) {
        double size = fabs(scale * vic_number_at(VIC_FLOAT64, pair->float64[i], k));
        if (size > 0 && size < FLT_MIN)
            return true;
    }
    return false;
}

static bool reference_is_zero(const vic_pair *pair, double scale, size_t i, size_t count) {
    return all_zero(pair->precision, scale, pair->reference[i], count) &&
           !is_tiny_in_float64(pair, scale, i, count);
}

bool vic_pair_underflows(const vic_pair *pair, double scale) {
    size_t next = 0, i, count;
    while (next_parameter(pair, &next, &i, &count))
        if (all_zero(pair->precision, 1, pair->update[i], count) && !reference_is_zero(pair, scale, i, count))
            return true;
    return false;
}

bool vic_pair_vanishes(const vic_pair *pair) {
    size_t next = 0, i, count;
    while (next_parameter(pair, &next, &i, &count))
        if (all_zero(pair->precision, 1, pair->reference[i], count))
            return true;
    return false;
}

static double ulp_distance(const vic_pair *pair) {
    const vic_arithmetic *arithmetic = vic_arithmetic_of(pair->precision);
    size_t next = 0, i, count;
    double largest = 0;
    while (next_parameter(pair, &next, &i, &count))
        largest = fmax(largest, (double)arithmetic->ulp_distance(count, pair->update[i], pair->reference[i]));
    return largest;
}

/* W. Kahan's formula, which keeps its digits at small angles: 2 atan2(|a/|a| - b/|b||, |a/|a| + b/|b||). */
static double angle_between(const vic_pair *pair, double length, double reference_length) {
    double apart = vic_pair_distance(pair, 1 / length, 1 / reference_length);
    double along = vic_pair_distance(pair, 1 / length, -1 / reference_length);
    return 2 * atan2(apart, along) * 180 / acos(-1);
}

/* The C library writes a NaN that arithmetic makes as -nan; this one as nan. */
static double finite_or_nan(double value) {
    return isfinite(value) ? value : NAN;
}

/* Numbers so small that 1 / length is infinite have hardly a digit, and no direction. */
static bool is_divisor(double length) {
    return length > 0 && isfinite(length) && isfinite(1 / length);
}

void vic_compare(const vic_pair *pair, vic_layer_check *check) {
    double length = vic_pair_distance(pair, 1, 0), reference_length = vic_pair_distance(pair, 0, 1);
    double apart = vic_pair_distance(pair, 1, 1);
    bool measurable = reference_length > 0, both = is_divisor(length) && is_divisor(reference_length);
    *check = (vic_layer_check){
        .has_parameters = vic_pair_count(pair) > 0,
        .norm = reference_length,
        .relative_error = apart == 0 ? 0 : finite_or_nan(measurable ? apart / reference_length : NAN),
        .angle = both ? finite_or_nan(angle_between(pair, length, reference_length)) : NAN,
        .ulp = ulp_distance(pair),
        .scale = finite_or_nan(measurable ? length / reference_length : NAN),
        .law = NAN,
        .law_error = NAN,
        .kept = true,
    };
}
