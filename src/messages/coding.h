/* The two ends of a channel whose wire is not perfect: messages travel as parcels. For this room alone. */
#ifndef VIC_MESSAGES_CODING_H
#define VIC_MESSAGES_CODING_H

#include "transport.h"

/* What random numbers of all channels depend on. */
typedef struct vic_draw {
    uint64_t seed, occasion;
} vic_draw;

struct vic_coding {
    vic_codec *codec;
    const vic_draw *draw;
    size_t features;      /* numbers of a sample */
    size_t message_bytes; /* of `heard` */
    int slots;            /* parcels that are kept: those on their way */
    size_t slot_bytes;
    unsigned char *parcels;
    size_t working_bytes; /* of the codec's own room */
    void *heard;          /* the message that was heard last; NULL at the sender */
};

/* Room for the ends that the channel has here, counted in `tally`. Errors: VIC_NO_MEMORY, VIC_BAD_CONFIG when
 * a message would be too large. */
vic_status vic_coding_create(vic_coding **coding, const vic_channel *channel, const vic_wire *wire,
                             const vic_draw *draw, size_t features, vic_tally *tally);
void vic_coding_destroy(vic_coding **coding);

/* Shows the parcels and the message that was heard, as holdings like `message`. */
void vic_coding_list(const vic_coding *coding, vic_stocktaker taker, vic_holding message);

/* Bytes of a parcel of `count` numbers, and where that of `step` lies. */
size_t vic_coding_bytes(const vic_coding *coding, size_t count);
void *vic_coding_parcel(const vic_coding *coding, int step);
/* The channel's buffer into the parcel of its present step. */
void vic_coding_pack(const vic_channel *channel, size_t count);
/* What its listener hears in the present step: the message that arrives, or what it heard last. */
const void *vic_coding_unpack(const vic_channel *channel, size_t count);

#endif
