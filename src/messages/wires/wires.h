/* What wires do to messages: delay, loss, noise, thinning, number formats. Numbers only: this room turns a
 * message into bytes and back, and does not depend on ranks. Nothing here is collective.
 *
 * A message is an array (features, batch), the sample index contiguous. Each sample is independent of the
 * others: its noise, its largest entries, its scale and whether it is lost do not depend on the rest of the
 * batch. The sender adds noise, keeps the largest entries and encodes them; the receiver decodes, and skips
 * the samples that were lost. */
#ifndef VIC_MESSAGES_WIRES_WIRES_H
#define VIC_MESSAGES_WIRES_WIRES_H

#include "functions/functions.h"

/* How numbers are written into bytes. Every encoding exists for both precisions of the run. A new one is one
 * file, one registry line and one build line. */
typedef struct vic_encoding {
    const char *name;
    size_t value_bytes;  /* of one entry */
    size_t sample_bytes; /* sent with each sample beside its entries, such as a scale */
    /* heads (batch) of sample_bytes, codes (rows, batch) of value_bytes; values (rows, batch). Numbers that
     * are not finite are decoded as such, or make their whole sample NaN. */
    void (*encode)(size_t rows, size_t batch, const void *values, void *heads, void *codes);
    void (*decode)(size_t rows, size_t batch, const void *heads, const void *codes, void *values);
} vic_encoding;

/* The encodings of a precision, in the order of the registry; its own (`float32` of float32) is exact. */
const vic_encoding *const *vic_encodings(vic_precision precision, size_t *count);
/* NULL when there is none of that name. */
const vic_encoding *vic_encoding_find(vic_precision precision, const char *name);
/* The one that changes nothing. */
const vic_encoding *vic_encoding_exact(vic_precision precision);

/* What happens to one kind of message on one edge. */
typedef struct vic_wire {
    int delay;    /* inference steps, >= 0; not in the sweep */
    double drop;  /* probability that a sample is lost on the way, 0 <= drop < 1; not in the sweep */
    double noise; /* standard deviation, relative to the root mean square of the sample's entries, >= 0 */
    const vic_encoding *encoding; /* NULL: exact */
    double keep; /* the fraction of a sample's entries that is sent, rounded up, the largest ones; 0 < keep */
} vic_wire;

/* All wires of a network. */
typedef struct vic_wires {
    uint64_t seed;
    size_t count;
    vic_wire *of; /* per edge and kind: of[2 edge] predictions, of[2 edge + 1] errors */
} vic_wires;

/* *wires gets `count` perfect wires. Release with vic_wires_release. */
vic_status vic_wires_create(vic_wires *wires, size_t count, uint64_t seed);
void vic_wires_release(vic_wires *wires);

bool vic_wire_equal(const vic_wire *a, const vic_wire *b);
/* Is what comes out what went in, at once? */
bool vic_wire_is_perfect(const vic_wire *wire, vic_precision precision);
/* Is the message that arrives a function of the message sent alone: neither late, nor lost, nor noisy? */
bool vic_wire_is_steady(const vic_wire *wire);
/* May the message received last be another than the one sent last? */
bool vic_wire_forgets(const vic_wire *wire);
/* Are all of them so? NULL wires are perfect. */
bool vic_wires_are_steady(const vic_wires *wires);

/* The entries of a sample that are sent: keep * features, rounded up. */
size_t vic_wire_kept(const vic_wire *wire, size_t features);
/* Bytes of a message of `batch` samples as it is sent. Entries that are not all sent need their places, as a
 * bitmap or as indices of 1, 2 or 4 bytes, whichever is smaller; where even so it would be larger than with
 * zeros for the entries left out, it is sent with zeros. */
size_t vic_wire_bytes(const vic_wire *wire, vic_precision precision, size_t features, size_t batch);

/* What the random numbers of a message depend on, besides the sample. `batch_index`: the number of the batch.
 */
uint64_t vic_wire_key(uint64_t seed, size_t wire, uint64_t batch_index, int step);

/* One end of a wire, or both, with the scratch memory that they need. */
typedef struct vic_codec vic_codec;

/* The wire is copied. Arrays are counted in `memory_counter`, which may be NULL and need not outlive the
 * call. Free with vic_codec_destroy. Errors: VIC_NO_MEMORY. */
vic_status vic_codec_create(vic_codec **codec, const vic_wire *wire, vic_precision precision, size_t features,
                            size_t capacity, bool packs, bool unpacks, vic_memory_counter *memory_counter);
void vic_codec_destroy(vic_codec **codec);
const vic_wire *vic_codec_wire(const vic_codec *codec);
/* vic_wire_bytes of this wire. */
size_t vic_codec_bytes(const vic_codec *codec, size_t batch);

/* packet (vic_codec_bytes) becomes what is sent of `message` (features, batch). */
void vic_codec_pack(vic_codec *codec, uint64_t key, size_t batch, const void *message, void *packet);
/* received (features, batch) becomes what was sent; samples that are lost stay as they are, where `lossy`. */
void vic_codec_unpack(vic_codec *codec, uint64_t key, size_t batch, const void *packet, bool lossy,
                      void *received);

#endif
