#include "coding.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static vic_status make_room(vic_coding *c, const vic_channel *channel, vic_tally *tally) {
    size_t number = vic_precision_bytes(channel->precision);
    size_t bytes = vic_coding_bytes(c, channel->capacity);
    if (bytes > INT_MAX)
        return vic_fail(VIC_BAD_CONFIG,
                        "edge %d: a message of %zu bytes is too large, at most %d: use a smaller batch",
                        channel->edge, bytes, INT_MAX);
    c->slots = channel->listens ? vic_codec_wire(c->codec)->delay + 1 : 1;
    c->slot_bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    c->message_bytes = channel->capacity * number;
    if (channel->listens)
        VIC_TRY(vic_allocate_counted(tally, channel->capacity, number, &c->heard));
    return vic_allocate_counted(tally, (size_t)c->slots, c->slot_bytes, &c->parcels);
}

vic_status vic_coding_create(vic_coding **coding, const vic_channel *channel, const vic_wire *wire,
                             const vic_draw *draw, size_t features, vic_tally *tally) {
    VIC_TRY(vic_allocate(1, sizeof **coding, coding));
    vic_coding *c = *coding;
    *c = (vic_coding){.draw = draw, .features = features};
    vic_tally working = {.forecast = tally && tally->forecast};
    vic_status status =
        vic_codec_create(&c->codec, wire, channel->precision, features, channel->capacity / features,
                         channel->speaks, channel->listens, &working);
    c->working_bytes = working.bytes;
    if (tally)
        tally->bytes += working.bytes;
    if (status == VIC_OK)
        status = make_room(c, channel, tally);
    if (status != VIC_OK)
        vic_coding_destroy(coding);
    return status;
}

void vic_coding_destroy(vic_coding **coding) {
    vic_coding *c = *coding;
    if (c == NULL)
        return;
    vic_codec_destroy(&c->codec);
    vic_release(&c->parcels);
    vic_release(&c->heard);
    vic_release(coding);
}

void vic_coding_list(const vic_coding *c, vic_stocktaker taker, vic_holding message) {
    char name[96];
    size_t number = message.item;
    const char *whose = message.name;
    message.name = name;
    message.item = 1;
    snprintf(name, sizeof name, "%s, encoded", whose);
    vic_list_plain(taker, c->parcels, message, (size_t)c->slots * c->slot_bytes);
    snprintf(name, sizeof name, "%s, on its way there", whose);
    if (c->working_bytes > 0)
        vic_list_plain(taker, c->codec, message, c->working_bytes);
    message.item = number;
    snprintf(name, sizeof name, "%s, decoded", whose);
    vic_list_plain(taker, c->heard, message, c->message_bytes / number);
}

size_t vic_coding_bytes(const vic_coding *c, size_t count) {
    return vic_codec_bytes(c->codec, count / c->features);
}

void *vic_coding_parcel(const vic_coding *c, int step) {
    return c->parcels + (size_t)(step % c->slots) * c->slot_bytes;
}

static uint64_t key_of(const vic_channel *channel, int step) {
    const vic_draw *draw = channel->coding->draw;
    size_t wire = (size_t)channel->edge * VIC_MESSAGE_KINDS + channel->kind;
    return vic_wire_key(draw->seed, wire, draw->occasion, step);
}

void vic_coding_pack(const vic_channel *channel, size_t count) {
    const vic_coding *c = channel->coding;
    vic_codec_pack(c->codec, key_of(channel, channel->step), count / c->features, channel->buffer,
                   channel->parcel);
}

const void *vic_coding_unpack(const vic_channel *channel, size_t count) {
    const vic_coding *c = channel->coding;
    bool sweep = channel->step == 0;
    int said = sweep ? 0 : channel->step - vic_codec_wire(c->codec)->delay;
    if (sweep || said >= 1)
        vic_codec_unpack(c->codec, key_of(channel, said), count / c->features, vic_coding_parcel(c, said),
                         !sweep, c->heard);
    return c->heard;
}
