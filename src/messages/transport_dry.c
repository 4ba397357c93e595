/* No message is sent. The hooks of vic_dry_messages keep the clock: they are called for each message, and
 * decide when it has arrived. */
#include "transport.h"

static vic_dry_message message_of(const vic_channel *channel) {
    return (vic_dry_message){
        .edge = channel->edge,
        .kind = channel->kind,
        .step = channel->step,
        .microbatch_index = channel->microbatch_index,
        .sender = channel->sender,
        .receiver = channel->receiver,
    };
}

typedef struct line {
    const vic_dry_messages *messages;
    bool sent; /* ever */
} line;

vic_status vic_transport_dry_open(vic_channel *channel, const vic_dry_messages *messages) {
    channel->transport = &vic_transport_dry;
    VIC_TRY(vic_allocate(1, sizeof(line), &channel->state));
    *(line *)channel->state = (line){.messages = messages};
    return VIC_OK;
}

static vic_status begin_send(vic_channel *channel, size_t count) {
    line *l = channel->state;
    (void)count;
    l->sent = true;
    return l->messages->send(l->messages->context, message_of(channel));
}

static vic_status finish_send(vic_channel *channel) {
    const line *l = channel->state;
    return l->sent ? l->messages->clear(l->messages->context, message_of(channel)) : VIC_OK;
}

static vic_status begin_receive(vic_channel *channel, size_t count) {
    const line *l = channel->state;
    (void)count;
    return l->messages->post_receive(l->messages->context, message_of(channel));
}

static vic_status finish_receive(vic_channel *channel) {
    const line *l = channel->state;
    return l->messages->receive(l->messages->context, message_of(channel));
}

static bool can_send(const vic_channel *channel) {
    const line *l = channel->state;
    return !l->sent || l->messages->has_left(l->messages->context, message_of(channel));
}

static bool has_arrived(const vic_channel *channel) {
    const line *l = channel->state;
    return l->messages->has_arrived(l->messages->context, message_of(channel));
}

static bool close_line(vic_channel *channel) {
    vic_release(&channel->state);
    return true;
}

const vic_transport vic_transport_dry = {
    .name = "dry",
    .begin_send = begin_send,
    .finish_send = finish_send,
    .begin_receive = begin_receive,
    .finish_receive = finish_receive,
    .can_send = can_send,
    .has_arrived = has_arrived,
    .close = close_line,
};
