/* The inside of a channel and the contract of its transports, for this room alone. */
#ifndef VIC_MESSAGES_TRANSPORT_H
#define VIC_MESSAGES_TRANSPORT_H

#include "messages.h"

/* How messages cross an edge. A new transport is one new file that fills this table, one line where
 * wiring.c chooses, and one build line. All functions return VIC_NO_PEER when the other end is not there. */
typedef struct vic_transport {
    const char *name;
    bool immediate; /* a message arrives as soon as it is sent: there is no wait to time */
    bool is_unseen; /* MPI is not called for a message between ranks */
    vic_status (*begin_send)(vic_channel *channel, size_t count);
    /* The buffer may be written again. */
    vic_status (*finish_send)(vic_channel *channel);
    vic_status (*begin_receive)(vic_channel *channel, size_t count);
    /* The buffer holds the message. */
    vic_status (*finish_receive)(vic_channel *channel);
    /* Would finish_send, or finish_receive, not have to wait? NULL: they wait. */
    bool (*can_send)(const vic_channel *channel);
    bool (*has_arrived)(const vic_channel *channel);
    /* False: a message is still under way from or to the buffer, which then must stay. */
    bool (*close)(vic_channel *channel);
} vic_transport;

typedef struct vic_coding vic_coding;

/* The channel of one (edge, kind) on this rank: either end, or both where both populations are local. */
struct vic_channel {
    const vic_transport *transport;
    void *state;        /* the transport's own */
    void *buffer;       /* what is composed, and over a perfect wire received */
    void *packet;       /* what is transmitted: the buffer, or its encoding */
    vic_coding *coding; /* NULL: the wire is perfect */
    size_t capacity;    /* numbers */
    vic_precision precision;
    int edge;
    int sender, receiver; /* the populations at its ends */
    vic_message_kind kind;
    bool is_sender, is_receiver;
    int microbatch_index; /* that it carries */
    vic_channel *next;    /* for the next micro-batch, with a state of its own in the same buffer; or NULL */
    int step;             /* of the last message sent or of the last receive posted */
    size_t count;         /* and its numbers */
    vic_ledger *ledger;   /* NULL, as the timeline: nothing is measured */
    vic_timeline *timeline;
};

extern const vic_transport vic_transport_memory;
extern const vic_transport vic_transport_mpi;
extern const vic_transport vic_transport_shared;
extern const vic_transport vic_transport_dry;

/* Of a message on this edge with `capacity` samples; SIZE_MAX where there are more. */
size_t vic_message_numbers(const vic_network *network, int edge, size_t capacity);
/* The population that sends a message of this kind on the edge, and the one that receives it. */
int vic_message_sender(const vic_edge *edge, vic_message_kind kind);
int vic_message_receiver(const vic_edge *edge, vic_message_kind kind);

vic_status vic_transport_memory_open(vic_channel *channel);
vic_status vic_transport_dry_open(vic_channel *channel, const vic_dry_messages *messages);

#endif
