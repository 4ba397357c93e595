/* Products by a matrix, which may be packed beforehand where it is multiplied again and again. For this room
 * alone. */
#ifndef VIC_FUNCTIONS_PACKED_H
#define VIC_FUNCTIONS_PACKED_H

#include "real.h"

/* A matrix (m, k); number (r, c) is at a + r * row + c * column, and one of the two is 1. */
typedef struct vic_matrix {
    size_t m, k;
    const vic_real *a;
    size_t row, column;
} vic_matrix;

/* Numbers of a packed matrix (m, k), and of the scratch of a product of it with k rows of n numbers. */
size_t VIC_NAME(vic_packed_count)(size_t m, size_t k);
size_t VIC_NAME(vic_multiply_scratch)(size_t m, size_t n, size_t k);

void VIC_NAME(vic_pack)(vic_matrix matrix, vic_real *packed);

/* result (m, n) = the matrix (m, k) times b (k, n), row-major, plus bias[r] in row r unless bias is NULL.
 * `packed` is the packed matrix or NULL, to the same bits: those of a number depend on k and on what it is
 * the sum of, not on m and n. */
void VIC_NAME(vic_multiply)(vic_matrix matrix, const vic_real *packed, size_t n, const vic_real *bias,
                            const vic_real *b, vic_real *result, vic_real *scratch);

#endif
