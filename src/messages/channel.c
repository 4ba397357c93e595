#include "coding.h"
#include "ledger.h"
#include "timeline.h"
#include "transport.h"

#include <string.h>

/* `from_peer`: the message was to come from the other end, which else was to take it. */
static vic_status name_the_message(const vic_channel *channel, bool from_peer, vic_status status) {
    if (status != VIC_NO_PEER)
        return status;
    return vic_fail(VIC_NO_PEER, "%s on edge %d at step %d %s population %d: %s (see channels.timeout)",
                    vic_message_kind_name(channel->kind), channel->edge, channel->step,
                    from_peer ? "from" : "to", from_peer ? channel->sender : channel->receiver,
                    vic_error_text());
}

/* ---- times: messages that take no time are recorded as instants ---- */

static double begin_of(const vic_channel *channel) {
    if (channel->timeline == NULL)
        return 0;
    vic_timeline_catch_up(channel->timeline);
    return channel->transport->immediate ? 0 : vic_now();
}

/* Returns the seconds that it took. */
static double end_of(const vic_channel *channel, vic_doing doing, double begin) {
    if (channel->timeline == NULL)
        return 0;
    if (channel->transport->immediate) {
        if (doing == VIC_POSTING || doing == VIC_WAITING)
            vic_timeline_add_instant(channel->timeline, doing, channel);
        return 0;
    }
    double end = vic_now();
    vic_timeline_add_span(channel->timeline, doing, channel, begin, end);
    return end - begin;
}

/* ---- the contract ---- */

size_t vic_message_numbers(const vic_network *network, int edge, size_t capacity) {
    return vic_size_product(capacity, vic_shape_count(network->shapes[network->edges[edge].to]));
}

/* Predictions travel up an edge, errors down. */
int vic_message_sender(const vic_edge *edge, vic_message_kind kind) {
    return kind == VIC_PREDICTION ? edge->from : edge->to;
}

int vic_message_receiver(const vic_edge *edge, vic_message_kind kind) {
    return kind == VIC_PREDICTION ? edge->to : edge->from;
}

vic_channel *vic_channel_microbatch(vic_channel *channel, int microbatch_index, size_t first) {
    vic_channel *carrier = channel;
    while (carrier->microbatch_index < microbatch_index)
        carrier = carrier->next;
    carrier->buffer = (char *)channel->buffer + first * vic_precision_bytes(channel->precision);
    return carrier;
}

/* Begins the message of `step`; returns the size of what is transmitted: numbers, or bytes of a packet. */
static size_t begin_message(vic_channel *channel, int step, size_t count) {
    channel->step = step;
    channel->count = count;
    channel->packet = channel->coding ? vic_coding_packet(channel->coding, step) : channel->buffer;
    return channel->coding ? vic_coding_bytes(channel->coding, count) : count;
}

vic_status vic_channel_compose(vic_channel *channel, void **message) {
    double begin = begin_of(channel);
    vic_status status = channel->transport->finish_send(channel);
    vic_ledger_cleared(channel->ledger, channel->edge, channel->kind, channel->step,
                       end_of(channel, VIC_CLEARING, begin));
    *message = channel->buffer;
    return name_the_message(channel, false, status);
}

vic_status vic_channel_send(vic_channel *channel, int step, size_t count) {
    size_t units = begin_message(channel, step, count);
    size_t bytes = channel->coding ? units : count * vic_precision_bytes(channel->precision);
    if (channel->coding)
        vic_coding_pack(channel, count);
    double begin = begin_of(channel);
    vic_status status = channel->transport->begin_send(channel, units);
    vic_ledger_sent(channel->ledger, channel->edge, channel->kind, step, bytes,
                    end_of(channel, VIC_POSTING, begin));
    if (channel->transport->is_unseen)
        vic_ledger_shared(channel->ledger, channel->edge, channel->kind, bytes);
    return name_the_message(channel, false, status);
}

vic_status vic_channel_post_receive(vic_channel *channel, int step, size_t count) {
    double begin = begin_of(channel);
    vic_status status = channel->transport->begin_receive(channel, begin_message(channel, step, count));
    vic_ledger_waited(channel->ledger, channel->edge, channel->kind, step,
                      end_of(channel, VIC_POSTING_RECEIVE, begin));
    return name_the_message(channel, true, status);
}

vic_status vic_channel_receive(vic_channel *channel, const void **message) {
    double begin = begin_of(channel);
    vic_status status = channel->transport->finish_receive(channel);
    vic_ledger_waited(channel->ledger, channel->edge, channel->kind, channel->step,
                      end_of(channel, VIC_WAITING, begin));
    *message = channel->buffer;
    if (channel->coding && status == VIC_OK)
        *message = vic_coding_unpack(channel, channel->count);
    return name_the_message(channel, true, status);
}

bool vic_channel_can_send(const vic_channel *channel) {
    return channel->transport->can_send == NULL || channel->transport->can_send(channel);
}

bool vic_channel_has_arrived(const vic_channel *channel) {
    return channel->transport->has_arrived == NULL || channel->transport->has_arrived(channel);
}

void vic_channel_reset(vic_channel *channel) {
    const vic_coding *coding = channel->coding;
    if (coding && vic_wire_forgets(vic_codec_wire(coding->codec)))
        memset(coding->received, 0, coding->message_bytes);
}
