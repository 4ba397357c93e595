/* The header of a numpy array: a Python dictionary, of which every word is checked. Private to the room.
 */
#ifndef VIC_TENSORS_NPY_HEADER_H
#define VIC_TENSORS_NPY_HEADER_H

#include "number_type.h"

typedef struct vic_npy {
    const vic_number_type *type;
    int rank;
    size_t *dim;
    size_t count, bytes;
    unsigned char *data; /* the last axis contiguous, little-endian */
} vic_npy;

typedef struct npy_header {
    bool big_endian, fortran;
} npy_header;

/* From the text of the header, ended by a zero: sets the type, the shape, the count and the bytes of `array`.
 * Errors: VIC_BAD_FILE. */
vic_status npy_header_parse(const char *path, const char *text, npy_header *header, vic_npy *array);

#endif
