#include "channel.h"

#include "ledger.h"

static vic_status name_the_message(const vic_channel *channel, vic_status status) {
    if (status != VIC_NO_PEER)
        return status;
    return vic_fail(VIC_NO_PEER, "%s on edge %d at step %d: %s (see channels.timeout)",
                    vic_message_kind_name(channel->kind), channel->edge, channel->step, vic_error_text());
}

vic_status vic_channel_compose(vic_channel *channel, void **message) {
    vic_status status = channel->transport->finish_send(channel);
    *message = channel->buffer;
    return name_the_message(channel, status);
}

vic_status vic_channel_say(vic_channel *channel, int step, size_t count) {
    double start = vic_now();
    channel->step = step;
    vic_status status = channel->transport->begin_send(channel, count);
    uint64_t bytes = count * vic_precision_bytes(channel->precision);
    vic_ledger_sent(channel->ledger, channel->edge, channel->kind, step, bytes, vic_now() - start);
    return name_the_message(channel, status);
}

vic_status vic_channel_listen(vic_channel *channel, int step, size_t count) {
    channel->step = step;
    return name_the_message(channel, channel->transport->begin_receive(channel, count));
}

vic_status vic_channel_hear(vic_channel *channel, const void **message) {
    double start = vic_now();
    vic_status status = channel->transport->finish_receive(channel);
    vic_ledger_waited(channel->ledger, channel->edge, channel->kind, channel->step, vic_now() - start);
    *message = channel->buffer;
    return name_the_message(channel, status);
}
