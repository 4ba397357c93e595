/* Long arrays in ranges that threads share. For this room alone. */
#ifndef VIC_FUNCTIONS_RANGES_H
#define VIC_FUNCTIONS_RANGES_H

#include <stddef.h>

/* Numbers first to first + n - 1. */
typedef void vic_range_task(const void *context, size_t first, size_t n);

/* Calls the task for ranges that make up 0 to n - 1 and depend on n alone; all of them begin at a multiple of
 * 1024. */
void vic_for_ranges(size_t n, vic_range_task *task, const void *context);

typedef double vic_range_term(const void *context, size_t first, size_t n);

/* The sum of the terms of the same ranges, in their order; vic_sum_parts: of ranges of `part` numbers. */
double vic_sum_ranges(size_t n, vic_range_term *term, const void *context);
double vic_sum_parts(size_t n, size_t part, vic_range_term *term, const void *context);

#endif
