#include "coding.h"
#include "communicator.h"
#include "group.h"
#include "ledger.h"
#include "timeline.h"
#include "transport_mpi.h"
#include "transport_shared.h"

#include <limits.h>
#include <stdio.h>

struct vic_wiring {
    const vic_network *network;
    const int *rank_of;
    vic_group *group;
    MPI_Comm communicator;
    vic_segments segments;
    vic_ledger *ledger;
    vic_timeline *timeline;
    vic_draw draw;
    vic_channel **channels;      /* per (edge, kind); NULL where this rank has no end */
    const vic_dry_messages *dry; /* NULL: messages are sent */
    vic_channel **receivers;     /* in a dry wiring, whose ends are not at the same step; else NULL */
};

static vic_channel **slot(const vic_wiring *wiring, int edge, vic_message_kind kind) {
    return &wiring->channels[edge * VIC_MESSAGE_KINDS + (int)kind];
}

/* Joins the two ends by the transport that reaches from one to the other. */
static vic_status join(const vic_wiring *wiring, vic_channel *channel) {
    if (wiring->dry)
        return vic_transport_dry_open(channel, wiring->dry);
    int me = wiring->group->rank;
    int sender = wiring->rank_of[channel->sender], receiver = wiring->rank_of[channel->receiver];
    if (sender == receiver)
        return vic_transport_memory_open(channel);
    vic_segment *segment = wiring->segments.of ? &wiring->segments.of[channel->edge] : NULL;
    if (segment && vic_transport_shared_takes(segment, channel)) {
        vic_transport_shared_open(channel, segment);
        return VIC_OK;
    }
    int peer = sender == me ? receiver : sender;
    int tag = channel->edge * VIC_MESSAGE_KINDS + (int)channel->kind;
    return vic_transport_mpi_open(channel, wiring->communicator, peer, tag, &wiring->group->messages);
}

/* In whose slots messages are composed, and received. */
static bool has_segment(const vic_wiring *wiring, int edge) {
    return wiring->segments.of && wiring->segments.of[edge].own;
}

/* A pure function of its arguments: every rank returns the same. */
static vic_status check_messages(const vic_network *network, size_t capacity) {
    for (int e = 0; e < network->n_edges; e++) {
        size_t numbers = vic_message_numbers(network, e, capacity);
        if (numbers > INT_MAX)
            return vic_fail(VIC_BAD_CONFIG,
                            "edge %d: a message of %zu numbers is too large, at most %d: use a "
                            "smaller batch",
                            e, numbers, INT_MAX);
    }
    return VIC_OK;
}

static vic_status create_channel(vic_wiring *wiring, int edge, vic_message_kind kind, size_t capacity) {
    const vic_network *network = wiring->network;
    const vic_edge *e = &network->edges[edge];
    int me = wiring->group->rank;
    int sender = wiring->rank_of[vic_message_sender(e, kind)],
        receiver = wiring->rank_of[vic_message_receiver(e, kind)];
    if (sender != me && receiver != me)
        return VIC_OK;
    VIC_TRY(vic_ledger_open(wiring->ledger, edge));
    VIC_TRY(vic_allocate(1, sizeof(vic_channel), slot(wiring, edge, kind)));
    vic_channel *channel = *slot(wiring, edge, kind);
    *channel = (vic_channel){
        .capacity = vic_message_numbers(network, edge, capacity),
        .precision = network->precision,
        .edge = edge,
        .sender = vic_message_sender(e, kind),
        .receiver = vic_message_receiver(e, kind),
        .kind = kind,
        .is_sender = sender == me,
        .is_receiver = receiver == me,
        .ledger = wiring->ledger,
        .timeline = wiring->timeline,
    };
    if (!has_segment(wiring, edge))
        VIC_TRY(vic_allocate(channel->capacity, vic_precision_bytes(channel->precision), &channel->buffer));
    return join(wiring, channel);
}

static vic_status split_channel(const vic_wiring *wiring, vic_channel *channel, int microbatches) {
    for (; channel->microbatch_index < microbatches - 1; channel = channel->next) {
        if (channel->next)
            continue;
        VIC_TRY(vic_allocate(1, sizeof *channel->next, &channel->next));
        *channel->next = *channel;
        channel->next->microbatch_index = channel->microbatch_index + 1;
        channel->next->next = NULL;
        channel->next->transport = NULL;
        channel->next->coding = NULL;
        VIC_TRY(join(wiring, channel->next));
    }
    return VIC_OK;
}

vic_status vic_wiring_split(vic_wiring *wiring, int microbatches) {
    for (int i = 0; i < wiring->network->n_edges * VIC_MESSAGE_KINDS; i++) {
        if (wiring->channels[i])
            VIC_TRY(split_channel(wiring, wiring->channels[i], microbatches));
        if (wiring->receivers)
            VIC_TRY(split_channel(wiring, wiring->receivers[i], microbatches));
    }
    return VIC_OK;
}

static vic_status create_all(vic_wiring *wiring, size_t capacity, int steps) {
    int n_edges = wiring->network->n_edges;
    VIC_TRY(vic_ledger_create(&wiring->ledger, n_edges, steps));
    VIC_TRY(vic_timeline_create(&wiring->timeline));
    VIC_TRY(vic_allocate((size_t)n_edges * VIC_MESSAGE_KINDS, sizeof *wiring->channels, &wiring->channels));
    for (int e = 0; e < n_edges; e++) {
        VIC_TRY(create_channel(wiring, e, VIC_PREDICTION, capacity));
        VIC_TRY(create_channel(wiring, e, VIC_ERROR, capacity));
    }
    return VIC_OK;
}

/* ---- wires that are not perfect ---- */

static vic_status encode(const vic_wiring *wiring, vic_channel *channel, const vic_wire *wire) {
    VIC_TRY(vic_coding_create(&channel->coding, channel, wire, &wiring->draw,
                              vic_message_numbers(wiring->network, channel->edge, 1), false));
    size_t bytes = vic_coding_bytes(channel->coding, channel->capacity);
    if (bytes > INT_MAX)
        return vic_fail(
            VIC_BAD_CONFIG,
            "edge %d: an encoded message of %zu bytes is too large, at most %d: use a smaller batch",
            channel->edge, bytes, INT_MAX);
    return VIC_OK;
}

/* The channel's coding is another one than that of `old`, the channel before: packets may go another way. */
static vic_status join_again(const vic_wiring *wiring, vic_channel *channel, vic_channel *old) {
    if (!has_segment(wiring, channel->edge))
        return VIC_OK;
    VIC_TRY(join(wiring, channel));
    if (old->transport->close(old))
        return VIC_OK;
    channel->transport->close(channel);
    return vic_fail(VIC_NO_PEER, "edge %d: a message is still on its way", channel->edge);
}

/* After a failure the channel is as it was. */
static vic_status replace_coding(const vic_wiring *wiring, vic_channel *channel, const vic_wire *wire,
                                 bool perfect) {
    vic_channel old = *channel;
    channel->coding = NULL;
    vic_status status = perfect ? VIC_OK : encode(wiring, channel, wire);
    if (status == VIC_OK)
        status = join_again(wiring, channel, &old);
    if (status == VIC_OK) {
        vic_coding_destroy(&old.coding);
        return VIC_OK;
    }
    vic_coding_destroy(&channel->coding);
    *channel = old;
    return status;
}

static vic_status use_wire(const vic_wiring *wiring, vic_channel *channel, const vic_wire *given) {
    vic_wire wire = given ? *given : (vic_wire){.keep = 1};
    if (wire.encoding == NULL)
        wire.encoding = vic_encoding_exact(channel->precision);
    bool perfect = vic_wire_is_perfect(&wire, channel->precision);
    if (channel->coding ? vic_wire_equal(vic_codec_wire(channel->coding->codec), &wire) : perfect)
        return VIC_OK;
    if (channel->is_sender)
        VIC_TRY(channel->transport->finish_send(channel));
    return replace_coding(wiring, channel, &wire, perfect);
}

vic_status vic_wiring_use(vic_wiring *wiring, const vic_wires *wires) {
    if (wiring->dry)
        return VIC_OK;
    wiring->draw.seed = wires ? wires->seed : 0;
    for (int i = 0; i < wiring->network->n_edges * VIC_MESSAGE_KINDS; i++)
        if (wiring->channels[i])
            VIC_TRY(use_wire(wiring, wiring->channels[i], wires ? &wires->of[i] : NULL));
    return VIC_OK;
}

void vic_wiring_set_batch_index(vic_wiring *wiring, uint64_t batch_index) {
    wiring->draw.batch_index = batch_index;
}

vic_status vic_wiring_create(vic_wiring **wiring, vic_group *group, const vic_network *network,
                             const int *rank_of, size_t capacity, int steps) {
    vic_status status = vic_group_agree_on_status(group, vic_allocate(1, sizeof **wiring, wiring));
    if (status != VIC_OK) {
        vic_release(wiring);
        return status;
    }
    vic_wiring *w = *wiring;
    *w = (vic_wiring){.network = network, .rank_of = rank_of, .group = group, .communicator = MPI_COMM_NULL};
    status = check_messages(network, capacity);
    if (status == VIC_OK)
        status = vic_communicator_open(&w->communicator, group, network, rank_of);
    if (status == VIC_OK)
        status = vic_segments_open(&w->segments, group, w->communicator, network, rank_of, capacity);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, create_all(w, capacity, steps));
    if (status != VIC_OK)
        vic_wiring_destroy(wiring);
    return status;
}

/* The channel and those of its further micro-batches, which share the first one's buffer. MPI may still write
 * to the memory of a receive that was never completed: that memory is not freed. */
static void destroy_channel(vic_channel **first, bool owns_buffer) {
    void *buffer = (*first)->buffer;
    bool at_rest = true;
    for (vic_channel *channel = *first, *next; channel; channel = next) {
        next = channel->next;
        bool closed = channel->transport == NULL || channel->transport->close(channel);
        if (closed)
            vic_coding_destroy(&channel->coding);
        at_rest = at_rest && closed;
        vic_release(&channel);
    }
    if (at_rest && owns_buffer)
        vic_release(&buffer);
    *first = NULL;
}

void vic_wiring_destroy(vic_wiring **wiring) {
    vic_wiring *w = *wiring;
    if (w == NULL)
        return;
    for (int i = 0; i < w->network->n_edges * VIC_MESSAGE_KINDS; i++) {
        if (w->channels && w->channels[i])
            destroy_channel(&w->channels[i], !has_segment(w, i / VIC_MESSAGE_KINDS));
        if (w->receivers && w->receivers[i])
            destroy_channel(&w->receivers[i], true);
    }
    vic_release(&w->channels);
    vic_release(&w->receivers);
    vic_segments_close(&w->segments);
    vic_timeline_destroy(&w->timeline);
    vic_ledger_destroy(&w->ledger);
    if (w->communicator != MPI_COMM_NULL)
        MPI_Comm_free(&w->communicator);
    vic_release(wiring);
}

/* A buffer in memory counts as the sender's, as both slots of a segment do. */
void vic_wiring_list(const vic_wiring *wiring, vic_inventory_visitor visitor) {
    char name[64];
    for (int i = 0; i < wiring->network->n_edges * VIC_MESSAGE_KINDS; i++) {
        const vic_channel *c = wiring->channels[i];
        if (c == NULL)
            continue;
        vic_allocation message = {.population = c->is_sender ? c->sender : c->receiver,
                                  .kind = VIC_ALLOCATION_MESSAGE,
                                  .name = name,
                                  .item = vic_precision_bytes(c->precision)};
        snprintf(name, sizeof name, "%s %s %d", vic_message_kind_name(c->kind), c->is_sender ? "to" : "from",
                 c->is_sender ? c->receiver : c->sender);
        if (!has_segment(wiring, c->edge))
            vic_list_plain(visitor, c->buffer, message, c->capacity);
        else if (c->is_sender)
            vic_list_plain(visitor, c->buffer, message, VIC_SEGMENT_SLOTS * c->capacity);
        if (c->coding)
            vic_coding_list(c->coding, visitor, message);
    }
}

/* ---- dry ---- */

/* An end whose buffer is not backed by memory. */
static vic_status create_dry_end(vic_wiring *wiring, int edge, vic_message_kind kind, bool is_sender,
                                 vic_channel **place) {
    const vic_edge *e = &wiring->network->edges[edge];
    VIC_TRY(vic_allocate(1, sizeof **place, place));
    **place = (vic_channel){
        .precision = wiring->network->precision,
        .edge = edge,
        .sender = vic_message_sender(e, kind),
        .receiver = vic_message_receiver(e, kind),
        .kind = kind,
        .is_sender = is_sender,
        .is_receiver = !is_sender,
    };
    VIC_TRY(vic_allocate(1, vic_precision_bytes(wiring->network->precision), &(*place)->buffer));
    return join(wiring, *place);
}

static vic_status create_dry(vic_wiring *wiring) {
    size_t n = (size_t)wiring->network->n_edges * VIC_MESSAGE_KINDS;
    VIC_TRY(vic_allocate(n, sizeof *wiring->channels, &wiring->channels));
    VIC_TRY(vic_allocate(n, sizeof *wiring->receivers, &wiring->receivers));
    for (size_t i = 0; i < n; i++) {
        int edge = (int)(i / VIC_MESSAGE_KINDS);
        vic_message_kind kind = (vic_message_kind)(i % VIC_MESSAGE_KINDS);
        VIC_TRY(create_dry_end(wiring, edge, kind, true, &wiring->channels[i]));
        VIC_TRY(create_dry_end(wiring, edge, kind, false, &wiring->receivers[i]));
    }
    return VIC_OK;
}

vic_status vic_wiring_create_dry(vic_wiring **wiring, const vic_network *network,
                                 const vic_dry_messages *messages) {
    VIC_TRY(vic_allocate(1, sizeof **wiring, wiring));
    **wiring = (vic_wiring){.network = network, .communicator = MPI_COMM_NULL, .dry = messages};
    vic_status status = create_dry(*wiring);
    if (status != VIC_OK)
        vic_wiring_destroy(wiring);
    return status;
}

bool vic_wiring_is_dry(const vic_wiring *wiring) {
    return wiring->dry != NULL;
}

void vic_wiring_set_current_population(vic_wiring *wiring, int population) {
    if (wiring->dry)
        wiring->dry->set_current_population(wiring->dry->context, population);
    else
        vic_timeline_set_current_population(wiring->timeline, population);
}

const char *vic_wiring_note(const vic_wiring *wiring) {
    return wiring->segments.note;
}

void vic_wiring_segment(const vic_wiring *wiring, int edge, const char **name, size_t *bytes) {
    bool is_there = has_segment(wiring, edge);
    *name = is_there ? wiring->segments.of[edge].name : "";
    *bytes = is_there ? 2 * wiring->segments.of[edge].part_bytes : 0;
}

vic_ledger *vic_wiring_ledger(vic_wiring *wiring) {
    return wiring->ledger;
}

vic_timeline *vic_wiring_timeline(vic_wiring *wiring) {
    return wiring->timeline;
}

vic_channel *vic_wiring_sender(vic_wiring *wiring, int edge, vic_message_kind kind) {
    vic_channel *channel = *slot(wiring, edge, kind);
    return channel && channel->is_sender ? channel : NULL;
}

vic_channel *vic_wiring_receiver(vic_wiring *wiring, int edge, vic_message_kind kind) {
    vic_channel **receivers = wiring->receivers ? wiring->receivers : wiring->channels;
    vic_channel *channel = receivers[edge * VIC_MESSAGE_KINDS + (int)kind];
    return channel && channel->is_receiver ? channel : NULL;
}
