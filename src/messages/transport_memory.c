/* Both populations are on this rank: the sender's buffer is read in place. */
#include "transport.h"

typedef struct mailbox {
    bool full;
    size_t sent, expected;
} mailbox;

vic_status vic_transport_memory_open(vic_channel *channel) {
    channel->transport = &vic_transport_memory;
    return vic_allocate(1, sizeof(mailbox), &channel->state);
}

static vic_status begin_send(vic_channel *channel, size_t count) {
    mailbox *box = channel->state;
    if (box->full)
        return vic_fail(VIC_NO_PEER, "the last message was never received");
    box->full = true;
    box->sent = count;
    return VIC_OK;
}

static vic_status finish_send(vic_channel *channel) {
    const mailbox *box = channel->state;
    return box->full ? vic_fail(VIC_NO_PEER, "the last message was never received") : VIC_OK;
}

static vic_status begin_receive(vic_channel *channel, size_t count) {
    mailbox *box = channel->state;
    box->expected = count;
    return VIC_OK;
}

static vic_status finish_receive(vic_channel *channel) {
    mailbox *box = channel->state;
    if (!box->full)
        return vic_fail(VIC_NO_PEER, "no message was sent");
    if (box->sent != box->expected)
        return vic_fail(VIC_NO_PEER, "%zu %s came instead of %zu", box->sent,
                        channel->coding ? "bytes" : "numbers", box->expected);
    box->full = false;
    return VIC_OK;
}

static bool close_mailbox(vic_channel *channel) {
    vic_release(&channel->state);
    return true;
}

const vic_transport vic_transport_memory = {
    .name = "memory",
    .immediate = true,
    .begin_send = begin_send,
    .finish_send = finish_send,
    .begin_receive = begin_receive,
    .finish_receive = finish_receive,
    .close = close_mailbox,
};
