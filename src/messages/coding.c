#include "coding.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static vic_status allocate_buffers(vic_coding *c, const vic_channel *channel,
                                   vic_memory_counter *memory_counter) {
    size_t number = vic_precision_bytes(channel->precision);
    size_t bytes = vic_coding_bytes(c, channel->capacity);
    if (bytes > INT_MAX)
        return vic_fail(VIC_BAD_CONFIG,
                        "edge %d: a message of %zu bytes is too large, at most %d: use a smaller batch",
                        channel->edge, bytes, INT_MAX);
    c->slots = channel->is_receiver ? vic_codec_wire(c->codec)->delay + 1 : 1;
    c->slot_bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    c->message_bytes = channel->capacity * number;
    if (channel->is_receiver)
        VIC_TRY(vic_allocate_counted(memory_counter, channel->capacity, number, &c->received));
    return vic_allocate_counted(memory_counter, (size_t)c->slots, c->slot_bytes, &c->packets);
}

vic_status vic_coding_create(vic_coding **coding, const vic_channel *channel, const vic_wire *wire,
                             const vic_draw *draw, size_t features, bool forecast) {
    VIC_TRY(vic_allocate(1, sizeof **coding, coding));
    vic_coding *c = *coding;
    *c = (vic_coding){.draw = draw, .features = features};
    vic_memory_counter memory_counter = {.forecast = forecast};
    vic_status status =
        vic_codec_create(&c->codec, wire, channel->precision, features, channel->capacity / features,
                         channel->is_sender, channel->is_receiver, &memory_counter);
    c->working_bytes = memory_counter.bytes;
    if (status == VIC_OK)
        status = allocate_buffers(c, channel, &memory_counter);
    if (status != VIC_OK)
        vic_coding_destroy(coding);
    return status;
}

void vic_coding_destroy(vic_coding **coding) {
    vic_coding *c = *coding;
    if (c == NULL)
        return;
    vic_codec_destroy(&c->codec);
    vic_release(&c->packets);
    vic_release(&c->received);
    vic_release(coding);
}

void vic_coding_list(const vic_coding *c, vic_inventory_visitor visitor, vic_allocation message) {
    char name[96];
    size_t number = message.item;
    const char *whose = message.name;
    message.name = name;
    message.item = 1;
    snprintf(name, sizeof name, "%s, encoded", whose);
    vic_list_plain(visitor, c->packets, message, (size_t)c->slots * c->slot_bytes);
    snprintf(name, sizeof name, "%s, on its way there", whose);
    if (c->working_bytes > 0)
        vic_list_plain(visitor, c->codec, message, c->working_bytes);
    message.item = number;
    snprintf(name, sizeof name, "%s, decoded", whose);
    vic_list_plain(visitor, c->received, message, c->message_bytes / number);
}

size_t vic_coding_bytes(const vic_coding *c, size_t count) {
    return vic_codec_bytes(c->codec, count / c->features);
}

void *vic_coding_packet(const vic_coding *c, int step) {
    return c->packets + (size_t)(step % c->slots) * c->slot_bytes;
}

static uint64_t key_of(const vic_channel *channel, int step) {
    const vic_draw *draw = channel->coding->draw;
    size_t wire = (size_t)channel->edge * VIC_MESSAGE_KINDS + channel->kind;
    return vic_wire_key(draw->seed, wire, draw->batch_index, step);
}

void vic_coding_pack(const vic_channel *channel, size_t count) {
    const vic_coding *c = channel->coding;
    vic_codec_pack(c->codec, key_of(channel, channel->step), count / c->features, channel->buffer,
                   channel->packet);
}

const void *vic_coding_unpack(const vic_channel *channel, size_t count) {
    const vic_coding *c = channel->coding;
    bool sweep = channel->step == 0;
    int sent_step = sweep ? 0 : channel->step - vic_codec_wire(c->codec)->delay;
    if (sweep || sent_step >= 1)
        vic_codec_unpack(c->codec, key_of(channel, sent_step), count / c->features,
                         vic_coding_packet(c, sent_step), !sweep, c->received);
    return c->received;
}
