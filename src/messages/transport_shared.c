/* Through a segment of shared memory, where two ranks are on one node. Messages are composed in the sender's
 * part, and read in place. They take its two slots in turns, so that the sender may write the next message
 * while the receiver still reads the last one, as it may over MPI.
 *
 * The receiver's word `ready` is the number of receives that it has posted: posting one gives the slot of the
 * message before back. Where messages are encoded, the first slot is where they are composed, the second one
 * where packets lie, and the receiver, which may read a packet some steps later, copies them out: it is ready
 * for the next one then.
 *
 * Micro-batches share a slot. One round is all of them; it begins with the first. */
#include "transport_shared.h"
#include "coding.h"
#include "word.h"

#include <string.h>

enum { PACKETS = 1 }; /* their slot */

static bool begins_round(const vic_channel *channel) {
    return channel->microbatch_index == 0;
}

bool vic_transport_shared_takes(const vic_segment *segment, const vic_channel *channel) {
    return segment->own && (channel->coding == NULL ||
                            vic_coding_bytes(channel->coding, channel->capacity) <= segment->slot_bytes);
}

/* Counts stay as they are: a channel that is opened anew for another coding goes on where the other end is,
 * even where that end has not changed its coding because its rank failed. */
void vic_transport_shared_open(vic_channel *channel, vic_segment *segment) {
    channel->transport = &vic_transport_shared;
    channel->state = segment;
    if (begins_round(channel))
        channel->buffer = vic_segment_slot(segment, channel->is_sender ? segment->own : segment->others, 0);
}

static vic_status begin_send(vic_channel *channel, size_t count) {
    vic_segment *s = channel->state;
    if (channel->coding)
        memcpy(vic_segment_slot(s, s->own, PACKETS), channel->packet, count);
    if (begins_round(channel))
        s->rounds++;
    vic_word_raise(&s->own->sent, &s->others->awaits_sent);
    return VIC_OK;
}

static vic_status finish_send(vic_channel *channel) {
    vic_segment *s = channel->state;
    if (!begins_round(channel))
        return VIC_OK;
    VIC_TRY(vic_word_wait(s->waiter, &s->others->ready, s->rounds, &s->own->awaits_ready));
    channel->buffer = vic_segment_slot(s, s->own, channel->coding ? 0 : s->rounds);
    return VIC_OK;
}

static vic_status begin_receive(vic_channel *channel, size_t count) {
    vic_segment *s = channel->state;
    (void)count;
    s->expected++;
    if (!begins_round(channel) || channel->coding)
        return VIC_OK;
    channel->buffer =
        vic_segment_slot(s, s->others, atomic_load_explicit(&s->own->ready, memory_order_relaxed));
    vic_word_raise(&s->own->ready, &s->others->awaits_ready);
    return VIC_OK;
}

static vic_status finish_receive(vic_channel *channel) {
    vic_segment *s = channel->state;
    if (s->received == s->expected)
        return VIC_OK;
    VIC_TRY(vic_word_wait(s->waiter, &s->others->sent, s->received + 1, &s->own->awaits_sent));
    s->received++;
    if (channel->coding == NULL)
        return VIC_OK;
    memcpy(channel->packet, vic_segment_slot(s, s->others, PACKETS),
           vic_coding_bytes(channel->coding, channel->count));
    vic_word_raise(&s->own->ready, &s->others->awaits_ready);
    return VIC_OK;
}

/* The segment is closed with the wiring. Until then the buffer, which is not in use, may be another
 * transport's. */
static bool leave(vic_channel *channel) {
    channel->state = NULL;
    return true;
}

const vic_transport vic_transport_shared = {
    .name = "shared",
    .is_unseen = true,
    .begin_send = begin_send,
    .finish_send = finish_send,
    .begin_receive = begin_receive,
    .finish_receive = finish_receive,
    .close = leave,
};
