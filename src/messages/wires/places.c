#include "places.h"

#include <string.h>

static size_t index_bytes(size_t features) {
    return features <= 1 << 8 ? 1 : features <= 1 << 16 ? 2 : 4;
}

vic_places vic_places_choose(size_t features, size_t kept, size_t value_bytes) {
    size_t bitmap = (features + 7) / 8, indices = kept * index_bytes(features);
    vic_places places = {.form = VIC_PLACES_ALL, .features = features, .kept = kept, .rows = features};
    size_t less = indices < bitmap ? indices : bitmap;
    if (kept == features || kept * value_bytes + less >= features * value_bytes)
        return places;
    places.form = indices < bitmap ? VIC_PLACES_INDICES : VIC_PLACES_BITMAP;
    places.rows = kept;
    places.bytes = less;
    return places;
}

void vic_places_write(const vic_places *places, const uint32_t *at, unsigned char *bytes) {
    memset(bytes, 0, places->bytes);
    size_t size = index_bytes(places->features);
    for (size_t i = 0; i < places->kept; i++) {
        if (places->form == VIC_PLACES_BITMAP)
            bytes[at[i] / 8] |= (unsigned char)(1 << at[i] % 8);
        for (size_t k = 0; k < size && places->form == VIC_PLACES_INDICES; k++)
            bytes[i * size + k] = (unsigned char)(at[i] >> 8 * k);
    }
}

static void read_indices(const vic_places *places, const unsigned char *bytes, uint32_t *at) {
    size_t size = index_bytes(places->features);
    for (size_t i = 0; i < places->kept; i++) {
        at[i] = 0;
        for (size_t k = 0; k < size; k++)
            at[i] |= (uint32_t)bytes[i * size + k] << 8 * k;
    }
}

static void read_bitmap(const vic_places *places, const unsigned char *bytes, uint32_t *at) {
    size_t found = 0;
    for (size_t f = 0; f < places->features && found < places->kept; f++)
        if (bytes[f / 8] >> f % 8 & 1)
            at[found++] = (uint32_t)f;
}

void vic_places_read(const vic_places *places, const unsigned char *bytes, uint32_t *at) {
    if (places->form == VIC_PLACES_INDICES)
        read_indices(places, bytes, at);
    else
        read_bitmap(places, bytes, at);
}
