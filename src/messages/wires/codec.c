/* Encoding of messages into bytes and back. A packet holds, for all samples: heads, codes, places. */
#include "effects.h"
#include "places.h"

#include <string.h>

struct vic_codec {
    vic_wire wire;
    vic_precision precision;
    const vic_wire_rules *rules;
    size_t features;
    vic_places places;
    bool thins;        /* entries are left out */
    double *rms;       /* per sample */
    void *noisy;       /* the message with its noise */
    void *values;      /* what is encoded of it: (places.rows, batch) */
    void *row;         /* one sample's magnitudes */
    uint32_t *largest; /* and the places of its largest entries */
    void *fresh;       /* what arrived, before lost samples are replaced */
    bool *lost;        /* per sample */
};

/* ---- making ---- */

static vic_status allocate_buffers(vic_codec *c, size_t capacity, bool packs, bool unpacks,
                                   vic_memory_counter *memory_counter) {
    size_t number = vic_precision_bytes(c->precision);
    size_t message = c->features * capacity, values = c->places.rows * capacity;
    if (c->thins) {
        VIC_TRY(vic_allocate_counted(memory_counter, c->places.kept, sizeof *c->largest, &c->largest));
        VIC_TRY(vic_allocate_counted(memory_counter, values, number, &c->values));
    }
    if (c->thins && packs)
        VIC_TRY(vic_allocate_counted(memory_counter, c->features, number, &c->row));
    if (c->wire.noise > 0 && packs) {
        VIC_TRY(vic_allocate_counted(memory_counter, capacity, sizeof *c->rms, &c->rms));
        VIC_TRY(vic_allocate_counted(memory_counter, message, number, &c->noisy));
    }
    if (c->wire.drop > 0 && unpacks) {
        VIC_TRY(vic_allocate_counted(memory_counter, capacity, sizeof *c->lost, &c->lost));
        VIC_TRY(vic_allocate_counted(memory_counter, message, number, &c->fresh));
    }
    return VIC_OK;
}

vic_status vic_codec_create(vic_codec **codec, const vic_wire *wire, vic_precision precision, size_t features,
                            size_t capacity, bool packs, bool unpacks, vic_memory_counter *memory_counter) {
    VIC_TRY(vic_allocate(1, sizeof **codec, codec));
    vic_codec *c = *codec;
    *c = (vic_codec){
        .wire = *wire,
        .precision = precision,
        .rules = vic_wire_rules_of(precision),
        .features = features,
    };
    if (c->wire.encoding == NULL)
        c->wire.encoding = vic_encoding_exact(precision);
    size_t kept = vic_wire_kept(wire, features);
    c->places = vic_places_choose(features, kept, c->wire.encoding->value_bytes);
    c->thins = kept < features;
    vic_status status = allocate_buffers(c, capacity, packs, unpacks, memory_counter);
    if (status != VIC_OK)
        vic_codec_destroy(codec);
    return status;
}

void vic_codec_destroy(vic_codec **codec) {
    vic_codec *c = *codec;
    if (c == NULL)
        return;
    vic_release(&c->rms);
    vic_release(&c->noisy);
    vic_release(&c->values);
    vic_release(&c->row);
    vic_release(&c->largest);
    vic_release(&c->fresh);
    vic_release(&c->lost);
    vic_release(codec);
}

const vic_wire *vic_codec_wire(const vic_codec *c) {
    return &c->wire;
}

size_t vic_codec_bytes(const vic_codec *c, size_t batch) {
    return vic_wire_bytes(&c->wire, c->precision, c->features, batch);
}

/* ---- a packet ---- */

typedef struct packet {
    unsigned char *heads, *codes, *places;
} packet;

static packet open_packet(const vic_codec *c, size_t batch, const void *bytes) {
    const vic_encoding *encoding = c->wire.encoding;
    packet p = {.heads = (unsigned char *)bytes};
    p.codes = p.heads + batch * encoding->sample_bytes;
    p.places = p.codes + batch * c->places.rows * encoding->value_bytes;
    return p;
}

/* The largest entries of each sample, with their places, or among zeros. */
static const void *thin(vic_codec *c, size_t batch, const void *message, const packet *p) {
    bool all = c->places.form == VIC_PLACES_ALL;
    if (all)
        memset(c->values, 0, c->features * batch * vic_precision_bytes(c->precision));
    for (size_t b = 0; b < batch; b++) {
        c->rules->find_largest(c->features, batch, b, c->places.kept, message, c->row, c->largest);
        if (all) {
            c->rules->copy(batch, b, c->places.kept, c->largest, message, c->values);
            continue;
        }
        c->rules->gather(batch, b, c->places.kept, c->largest, message, c->values);
        vic_places_write(&c->places, c->largest, p->places + b * c->places.bytes);
    }
    return c->values;
}

void vic_codec_pack(vic_codec *c, uint64_t key, size_t batch, const void *message, void *bytes) {
    packet p = open_packet(c, batch, bytes);
    if (c->noisy) {
        c->rules->add_noise(c->features, batch, c->wire.noise, key, c->rms, message, c->noisy);
        message = c->noisy;
    }
    if (c->thins)
        message = thin(c, batch, message, &p);
    c->wire.encoding->encode(c->places.rows, batch, message, p.heads, p.codes);
}

/* ---- and back ---- */

static void decode(const vic_codec *c, size_t batch, const packet *p, void *message) {
    const vic_encoding *encoding = c->wire.encoding;
    if (c->places.form == VIC_PLACES_ALL) {
        encoding->decode(c->features, batch, p->heads, p->codes, message);
        return;
    }
    encoding->decode(c->places.rows, batch, p->heads, p->codes, c->values);
    memset(message, 0, c->features * batch * vic_precision_bytes(c->precision));
    for (size_t b = 0; b < batch; b++) {
        vic_places_read(&c->places, p->places + b * c->places.bytes, c->largest);
        c->rules->scatter(batch, b, c->places.kept, c->largest, c->values, message);
    }
}

static void draw_losses(const vic_codec *c, uint64_t key, size_t batch) {
    for (size_t b = 0; b < batch; b++)
        c->lost[b] = (double)(vic_random_bits(key, VIC_RANDOM_LOSS, b, 0) >> 11) * 0x1p-53 < c->wire.drop;
}

void vic_codec_unpack(vic_codec *c, uint64_t key, size_t batch, const void *bytes, bool lossy,
                      void *received) {
    packet p = open_packet(c, batch, bytes);
    if (!lossy || c->fresh == NULL) {
        decode(c, batch, &p, received);
        return;
    }
    draw_losses(c, key, batch);
    decode(c, batch, &p, c->fresh);
    c->rules->replace(c->features, batch, c->lost, c->fresh, received);
}
