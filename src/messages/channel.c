#include "channel.h"

#include "ledger.h"
#include "timeline.h"

static vic_status name_the_message(const vic_channel *channel, vic_status status) {
    if (status != VIC_NO_PEER)
        return status;
    return vic_fail(VIC_NO_PEER, "%s on edge %d at step %d: %s (see channels.timeout)",
                    vic_message_kind_name(channel->kind), channel->edge, channel->step, vic_error_text());
}

vic_status vic_channel_compose(vic_channel *channel, void **message) {
    double begin = vic_now();
    vic_status status = channel->transport->finish_send(channel);
    double end = vic_now();
    vic_ledger_cleared(channel->ledger, channel->edge, channel->kind, channel->step, end - begin);
    vic_timeline_note(channel->timeline, VIC_CLEARING, channel, begin, end);
    *message = channel->buffer;
    return name_the_message(channel, status);
}

vic_status vic_channel_say(vic_channel *channel, int step, size_t count) {
    double begin = vic_now();
    channel->step = step;
    vic_status status = channel->transport->begin_send(channel, count);
    double end = vic_now();
    uint64_t bytes = count * vic_precision_bytes(channel->precision);
    vic_ledger_sent(channel->ledger, channel->edge, channel->kind, step, bytes, end - begin);
    vic_timeline_note(channel->timeline, VIC_POSTING, channel, begin, end);
    return name_the_message(channel, status);
}

static void note_hearing(const vic_channel *channel, vic_doing doing, double begin) {
    double end = vic_now();
    vic_ledger_waited(channel->ledger, channel->edge, channel->kind, channel->step, end - begin);
    vic_timeline_note(channel->timeline, doing, channel, begin, end);
}

vic_status vic_channel_listen(vic_channel *channel, int step, size_t count) {
    double begin = vic_now();
    channel->step = step;
    vic_status status = channel->transport->begin_receive(channel, count);
    note_hearing(channel, VIC_LISTENING, begin);
    return name_the_message(channel, status);
}

vic_status vic_channel_hear(vic_channel *channel, const void **message) {
    double begin = vic_now();
    vic_status status = channel->transport->finish_receive(channel);
    note_hearing(channel, VIC_WAITING, begin);
    *message = channel->buffer;
    return name_the_message(channel, status);
}
