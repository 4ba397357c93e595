/* How one number lies in a little-endian file of arrays. Private to the room. */
#ifndef VIC_TENSORS_NUMBER_TYPE_H
#define VIC_TENSORS_NUMBER_TYPE_H

#include "base/base.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "arrays in files are little-endian, and so must this machine be: their numbers are read as they lie"
#endif

typedef struct vic_number_type {
    const char *name; /* as safetensors call it */
    size_t bytes;
    /* The number at `from`; NULL: such numbers are not read. */
    double (*real)(const unsigned char *from);
    /* *value becomes the number; false when it is above INT64_MAX. NULL where numbers need not be integers.
     */
    bool (*whole)(const unsigned char *from, int64_t *value);
} vic_number_type;

/* NULL when no type is called so. */
const vic_number_type *vic_number_type_find(const char *name);

#endif
