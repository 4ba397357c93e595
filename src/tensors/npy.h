/* Arrays as numpy.save writes them. */
#ifndef VIC_TENSORS_NPY_H
#define VIC_TENSORS_NPY_H

#include "npy_header.h"

/* Whether the file, plain or gzipped, begins as such arrays do; false where it cannot be read, or only once.
 */
bool vic_is_npy(const char *path);

/* Reads a whole file of format 1.0, 2.0 or 3.0, plain or gzipped. Numbers in the other byte order, and arrays
 * in Fortran's, are turned over. Free with vic_npy_release, also after an error. Errors: VIC_BAD_FILE when it
 * is not such a file, holds something else than numbers, or is empty. */
vic_status vic_npy_read(vic_npy *array, const char *path);
void vic_npy_release(vic_npy *array);

/* Reverses the bytes of each of `count` numbers. */
void vic_swap_bytes(unsigned char *data, size_t count, size_t bytes);

#endif
