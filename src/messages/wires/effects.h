/* What is done to the numbers of a message besides encoding, in one precision. For this room alone. */
#ifndef VIC_MESSAGES_WIRES_EFFECTS_H
#define VIC_MESSAGES_WIRES_EFFECTS_H

#include "wires.h"

typedef struct vic_wire_rules {
    /* noisy = message + noise * rms_b * z, with the root mean square rms_b of sample b and standard normal
     * numbers z, a function of (key, sample, entry). Both (features, batch); rms: scratch, batch numbers. */
    void (*add_noise)(size_t features, size_t batch, double noise, uint64_t key, double *rms,
                      const void *message, void *noisy);
    /* places[0..kept-1] become the places of the largest magnitudes of sample b of message (features, batch),
     * in their order; of equal ones the first. NaN is larger than everything. row: features numbers. */
    void (*find_largest)(size_t features, size_t batch, size_t b, size_t kept, const void *message, void *row,
                         uint32_t *places);
    /* values (kept, batch) gets the entries of sample b at these places. */
    void (*gather)(size_t batch, size_t b, size_t kept, const uint32_t *places, const void *message,
                   void *values);
    /* message (features, batch) gets them back. */
    void (*scatter)(size_t batch, size_t b, size_t kept, const uint32_t *places, const void *values,
                    void *message);
    /* The same entries at the same places of `to`, (features, batch) too. */
    void (*copy)(size_t batch, size_t b, size_t kept, const uint32_t *places, const void *from, void *to);
    /* to = from, but for the samples that are lost. Both (features, batch). */
    void (*replace)(size_t features, size_t batch, const bool *lost, const void *from, void *to);
} vic_wire_rules;

const vic_wire_rules *vic_wire_rules_of(vic_precision precision);

#endif
