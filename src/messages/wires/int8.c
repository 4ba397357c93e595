/* Whole numbers from -127 to 127, in units of 1/127 of the largest magnitude in their sample, which is sent
 * with them in the run's precision. One number that is not finite makes its sample NaN. */
#include "wires.h"

#include "functions/functions.h"
#include "functions/real.h"

enum { LARGEST = 127 };

/* scale[b] becomes the largest magnitude of sample b, NaN where one of its numbers is not finite. */
static void find_scales(size_t rows, size_t batch, const vic_real *values, vic_real *scale) {
    for (size_t b = 0; b < batch; b++)
        scale[b] = 0;
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < batch; b++) {
            double magnitude = fabs((double)values[r * batch + b]);
            if (!isfinite(magnitude))
                scale[b] = (vic_real)NAN;
            else if (magnitude > scale[b])
                scale[b] = (vic_real)magnitude;
        }
}

static void encode(size_t rows, size_t batch, const void *values, void *heads, void *codes) {
    const vic_real *from = values;
    vic_real *scale = heads;
    int8_t *to = codes;
    find_scales(rows, batch, from, scale);
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < batch; b++) {
            double unit = (double)from[r * batch + b] / scale[b];
            to[r * batch + b] = scale[b] > 0 ? (int8_t)rint(LARGEST * unit) : 0;
        }
}

static void decode(size_t rows, size_t batch, const void *heads, const void *codes, void *values) {
    const vic_real *scale = heads;
    const int8_t *from = codes;
    vic_real *to = values;
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < batch; b++)
            to[r * batch + b] = (vic_real)(scale[b] * (from[r * batch + b] / (double)LARGEST));
}

const vic_encoding VIC_NAME(vic_as_int8);
const vic_encoding VIC_NAME(vic_as_int8) = {.name = "int8",
                                            .value_bytes = sizeof(int8_t),
                                            .sample_bytes = sizeof(vic_real),
                                            .encode = encode,
                                            .decode = decode};
