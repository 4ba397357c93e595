#include "places.h"
#include "wires.h"

#include <math.h>

vic_status vic_wires_create(vic_wires *wires, size_t count, uint64_t seed) {
    *wires = (vic_wires){.seed = seed};
    VIC_TRY(vic_allocate(count, sizeof *wires->of, &wires->of));
    wires->count = count;
    for (size_t i = 0; i < count; i++)
        wires->of[i].keep = 1;
    return VIC_OK;
}

void vic_wires_release(vic_wires *wires) {
    vic_release(&wires->of);
    wires->count = 0;
}

static const vic_encoding *encoding_of(const vic_wire *wire, vic_precision precision) {
    return wire->encoding ? wire->encoding : vic_encoding_exact(precision);
}

bool vic_wire_equal(const vic_wire *a, const vic_wire *b) {
    return a->delay == b->delay && a->drop == b->drop && a->noise == b->noise && a->encoding == b->encoding &&
           a->keep == b->keep;
}

bool vic_wire_is_steady(const vic_wire *wire) {
    return wire->delay == 0 && wire->drop == 0 && wire->noise == 0;
}

bool vic_wire_is_perfect(const vic_wire *wire, vic_precision precision) {
    return vic_wire_is_steady(wire) && wire->keep >= 1 &&
           encoding_of(wire, precision) == vic_encoding_exact(precision);
}

bool vic_wire_forgets(const vic_wire *wire) {
    return wire->delay > 0 || wire->drop > 0;
}

bool vic_wires_are_steady(const vic_wires *wires) {
    for (size_t i = 0; wires && i < wires->count; i++)
        if (!vic_wire_is_steady(&wires->of[i]))
            return false;
    return true;
}

/* 0.07 of 100 entries are 7, whatever the product is rounded to. */
size_t vic_wire_kept(const vic_wire *wire, size_t features) {
    const double rounding = 1e-12;
    size_t kept = (size_t)ceil(wire->keep * (double)features * (1 - rounding));
    return kept < 1 ? 1 : kept < features ? kept : features;
}

size_t vic_wire_bytes(const vic_wire *wire, vic_precision precision, size_t features, size_t batch) {
    const vic_encoding *encoding = encoding_of(wire, precision);
    vic_places places = vic_places_choose(features, vic_wire_kept(wire, features), encoding->value_bytes);
    return batch * (encoding->sample_bytes + places.rows * encoding->value_bytes + places.bytes);
}

/* A key of its own for each message, so that the numbers of its samples have a whole counter to themselves.
 */
uint64_t vic_wire_key(uint64_t seed, size_t wire, uint64_t batch_index, int step) {
    enum { STEP_BITS = 24 };
    return vic_random_bits(seed, VIC_RANDOM_WIRE, wire, batch_index << STEP_BITS | (uint64_t)step);
}
