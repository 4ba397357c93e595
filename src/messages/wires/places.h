/* How a message encodes which entries of a sample it holds. For this room alone. */
#ifndef VIC_MESSAGES_WIRES_PLACES_H
#define VIC_MESSAGES_WIRES_PLACES_H

#include "base/base.h"

typedef enum vic_places_form {
    VIC_PLACES_ALL,     /* all entries are there, zero where they were left out */
    VIC_PLACES_BITMAP,  /* a bit for each entry, the first in the lowest bit of the first byte */
    VIC_PLACES_INDICES, /* an index for each entry that is there, the lowest byte first */
} vic_places_form;

typedef struct vic_places {
    vic_places_form form;
    size_t features, kept;
    size_t rows;  /* entries that are there: features or kept */
    size_t bytes; /* of one sample's places */
} vic_places;

/* The form in which `kept` of `features` entries, of value_bytes each, take the fewest bytes. */
vic_places vic_places_choose(size_t features, size_t kept, size_t value_bytes);

/* Encodes the places at[0..kept-1], in ascending order, in `bytes` (places->bytes); and back. */
void vic_places_write(const vic_places *places, const uint32_t *at, unsigned char *bytes);
void vic_places_read(const vic_places *places, const unsigned char *bytes, uint32_t *at);

#endif
