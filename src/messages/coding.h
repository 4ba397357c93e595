/* The two ends of a channel whose wire is not perfect: messages are transmitted as packets. For this room
 * alone. */
#ifndef VIC_MESSAGES_CODING_H
#define VIC_MESSAGES_CODING_H

#include "transport.h"

/* What random numbers of all channels depend on. */
typedef struct vic_draw {
    uint64_t seed, batch_index;
} vic_draw;

struct vic_coding {
    vic_codec *codec;
    const vic_draw *draw;
    size_t features;      /* numbers of a sample */
    size_t message_bytes; /* of `received` */
    int slots;            /* packets that are kept: those in flight */
    size_t slot_bytes;
    unsigned char *packets;
    size_t working_bytes; /* of the codec's scratch */
    void *received;       /* the message that was received last; NULL at the sender */
};

/* Allocates the ends that the channel has on this rank; for a `forecast`, to be listed alone, arrays are not
 * backed by memory. Errors: VIC_NO_MEMORY, VIC_BAD_CONFIG when a message would be too large. */
vic_status vic_coding_create(vic_coding **coding, const vic_channel *channel, const vic_wire *wire,
                             const vic_draw *draw, size_t features, bool forecast);
void vic_coding_destroy(vic_coding **coding);

/* Visits all arrays, as allocations like `message`. */
void vic_coding_list(const vic_coding *coding, vic_inventory_visitor visitor, vic_allocation message);

/* Bytes of a packet of `count` numbers, and where that of `step` is stored. */
size_t vic_coding_bytes(const vic_coding *coding, size_t count);
void *vic_coding_packet(const vic_coding *coding, int step);
/* Encodes the channel's buffer into the packet of its current step. */
void vic_coding_pack(const vic_channel *channel, size_t count);
/* What is received in the current step: the message that arrives, or the last one received. */
const void *vic_coding_unpack(const vic_channel *channel, size_t count);

#endif
