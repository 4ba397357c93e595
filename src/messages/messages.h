/* Messages between populations, and the group of ranks that carries them. No other library code depends on
 * ranks.
 *
 * A channel has one contract for every transport:
 *   plan   vic_wiring_create creates all channels from the list of edges
 *   begin  the sender fills its buffer and sends, the receiver posts its receive
 *   end    the receiver waits for the message; the sender's buffer is free again at its next compose
 * A received message is valid until the next receive is posted at the same end. What wires do to messages is
 * messages/wires/wires.h: over one that is not perfect, the bytes that it makes of a message are what
 * travels. */
#ifndef VIC_MESSAGES_MESSAGES_H
#define VIC_MESSAGES_MESSAGES_H

#include "messages/wires/wires.h"
#include "populations/populations.h"

/* ---- the group: all ranks of a run. Calls marked collective are made by every rank, in the same order,
 * outside inference. They wait without spinning when ranks outnumber cores. ---- */

typedef struct vic_group vic_group;

int vic_group_rank(const vic_group *group);
int vic_group_size(const vic_group *group);

/* Collective. Every rank returns the status of the lowest rank that failed, and vic_error_text is its text
 * everywhere; VIC_OK when all are. */
vic_status vic_group_agree_on_status(vic_group *group, vic_status mine);
/* Local. What the last vic_group_agree_on_status returned: on every rank the same, unless that itself failed.
 */
vic_status vic_group_agreed_status(const vic_group *group);

/* Collective, before networks are made. The instruction level (functions/level.h) becomes the lowest of what
 * the ranks can run, or `forced` where that is not NULL; once it is chosen it stays, also for other groups.
 * Errors: VIC_BAD_CONFIG where a rank cannot run it or has another one already, or where OpenBLAS does not
 * have the same kernel on all ranks, naming what to do. */
vic_status vic_group_agree_on_level(vic_group *group, const char *forced);

/* Collective. A barrier. On a simulated cluster, where all have one clock, all ranks leave it at the same
 * time. */
vic_status vic_group_barrier(vic_group *group);

/* Collective. *bytes on rank 0 is copied to every rank; elsewhere *data becomes a new array of *size bytes
 * plus a closing zero, freed by the caller with vic_release. */
vic_status vic_group_broadcast(vic_group *group, void *data, size_t *size);

/* Collective. all[i] becomes the largest mine[i] over ranks. */
vic_status vic_group_allreduce_max(vic_group *group, size_t n, const int64_t *mine, int64_t *all);

/* Collective. Rank 0's `all` (one row of n doubles per population) gets each population's row from the rank
 * that holds it; `mine` has the rows of the local populations, in their order. `all` is ignored elsewhere. */
vic_status vic_group_gather_rows(vic_group *group, const int *rank_of, int n_populations, size_t n,
                                 const double *mine, double *all);

/* Collective. The n numbers that the rank of `population` holds in `values` replace those of rank 0. */
vic_status vic_group_fetch(vic_group *group, const int *rank_of, int population, size_t n, double *values);

/* Collective. On rank 0 *all becomes a new array, freed by the caller with vic_release: the `bytes` bytes at
 * `mine` of every rank, one behind the other in the order of the ranks, *size in all. Elsewhere *all is NULL
 * and *size 0. */
vic_status vic_group_gather(vic_group *group, const void *mine, size_t bytes, void *all, size_t *size);

/* Collective. node_of[rank] becomes the lowest rank that shares memory with it; one number for each rank. */
vic_status vic_group_nodes(vic_group *group, int *node_of);

/* Collective. *ahead becomes by how many seconds vic_now of this rank is ahead of rank 0's, give or take
 * *uncertainty. On one machine, where all have one clock, |*ahead| <= *uncertainty. */
vic_status vic_group_compare_clocks(vic_group *group, double *ahead, double *uncertainty);

/* Cores that each rank has for itself, the same on all ranks, at least 1: those that it may use, and a share
 * of those that other ranks of its node may use too. */
int vic_group_cores(const vic_group *group);

/* How to wait for a message. */
typedef enum vic_waiting { VIC_SPIN, VIC_BACK_OFF, VIC_BLOCK } vic_waiting;

/* The strategy that vic_group_create chose, the same on all ranks of a node: to spin where each has a core
 * among those that they may use, and to override it. */
vic_waiting vic_group_waiting(const vic_group *group);
void vic_group_set_waiting(vic_group *group, vic_waiting waiting);
/* The longest wait in seconds for a message of inference (0: for ever); past it the wait fails with
 * VIC_NO_PEER. Collective calls wait for as long as the slowest rank takes, which may be reading a file. */
void vic_group_set_timeout(vic_group *group, double timeout);

/* How messages of inference go from rank to rank in wirings that are created from now on; on every rank
 * alike. At first VIC_TRANSPORT_AUTO: through shared memory within a node where it can be had, else by MPI.
 */
typedef enum vic_transport_choice {
    VIC_TRANSPORT_AUTO,
    VIC_TRANSPORT_MPI,    /* all of them by MPI */
    VIC_TRANSPORT_SHARED, /* as AUTO, but a wiring fails where shared memory cannot be had */
} vic_transport_choice;

void vic_group_set_transport(vic_group *group, vic_transport_choice transport);
/* As "auto". */
const char *vic_transport_name(vic_transport_choice transport);
/* *transport becomes the one of this name; after an error it is what it was. Errors: VIC_BAD_CONFIG. */
vic_status vic_transport_find(const char *name, vic_transport_choice *transport);

void vic_group_destroy(vic_group **group);

/* ---- the ledger: every message, counted where it is sent ---- */

typedef enum vic_message_kind { VIC_PREDICTION, VIC_ERROR } vic_message_kind;
enum { VIC_MESSAGE_KINDS = 2 };

const char *vic_message_kind_name(vic_message_kind kind);

typedef struct vic_ledger_entry {
    uint64_t messages;
    uint64_t bytes;
    double seconds_posting; /* spent by the sender in handing messages over, until they had left */
    double seconds_waiting; /* spent by the receiver until they had arrived */
} vic_ledger_entry;

typedef struct vic_ledger vic_ledger;

/* Counts for an edge and a kind during one step (0 is the feedforward sweep), as far as this rank's
 * populations sent (messages, bytes, posting) or received (waiting) them. */
vic_ledger_entry vic_ledger_at(const vic_ledger *ledger, int edge, vic_message_kind kind, int step);
/* The same, summed over steps. */
vic_ledger_entry vic_ledger_total(const vic_ledger *ledger, int edge, vic_message_kind kind);
void vic_ledger_clear(vic_ledger *ledger);

typedef struct vic_ledger_sum {
    uint64_t messages, bytes;
} vic_ledger_sum;

/* All that this rank's populations ever sent along an edge, whatever has been cleared since. */
vic_ledger_sum vic_ledger_ever(const vic_ledger *ledger, int edge, vic_message_kind kind);
/* Those of them that went through shared memory. */
vic_ledger_sum vic_ledger_ever_shared(const vic_ledger *ledger, int edge, vic_message_kind kind);

/* ---- the timeline: what a rank did when ---- */

typedef enum vic_doing {
    VIC_COMPUTING,
    VIC_POSTING,         /* posting a send */
    VIC_CLEARING,        /* waiting for the completion of the last send on this channel */
    VIC_POSTING_RECEIVE, /* posting a receive */
    VIC_WAITING,         /* for the message to arrive */
} vic_doing;

/* A stretch of a rank's time, in seconds of its vic_now. */
typedef struct vic_span {
    double begin, end;
    int population; /* that the rank worked for */
    vic_doing doing;
    int edge, step, microbatch_index; /* of the message; -1 while computing */
    vic_message_kind kind;
} vic_span;

typedef struct vic_timeline vic_timeline;

/* Is this program built for simulated clusters? Then its clock does not advance while it computes. */
bool vic_time_is_simulated(void);
/* Are only times computed, and no results? Then arithmetic takes its simulated time and is skipped. */
bool vic_arithmetic_is_dry(void);
/* Where time is simulated, the clock advances by the time of the cost *done before each send and receive;
 * *done, which must outlive the timeline, is zero afterwards. */
void vic_timeline_follow(vic_timeline *timeline, vic_cost *done);

/* From now on every span is recorded, and earlier ones are discarded. */
void vic_timeline_start(vic_timeline *timeline);
/* Sets the population that following computation belongs to, as any message that it sends or receives does.
 * Costs almost nothing when nothing is recorded. */
void vic_timeline_set_current_population(vic_timeline *timeline, int population);
/* Errors: VIC_NO_MEMORY when spans were lost. */
vic_status vic_timeline_stop(vic_timeline *timeline);
/* Has it been started, and not stopped? */
bool vic_timeline_is_recording(const vic_timeline *timeline);
/* In their order and without gaps. They belong to the timeline, until it starts again. */
const vic_span *vic_timeline_spans(const vic_timeline *timeline, size_t *count);

/* Number of readings of the clock since the start. */
size_t vic_timeline_readings(const vic_timeline *timeline);
/* *seconds becomes the cost on this rank, as measured now, of reading the clock and recording that in ledger
 * and timeline. Errors: VIC_NO_MEMORY. */
vic_status vic_timeline_overhead(double *seconds);

/* ---- channels ---- */

typedef struct vic_channel vic_channel;
typedef struct vic_wiring vic_wiring;

/* Collective. Creates a PREDICTION channel up and an ERROR channel down every edge that has an end on this
 * rank. Messages hold at most `capacity` samples of the target population; `steps` is the largest step number
 * that the ledger counts separately. */
vic_status vic_wiring_create(vic_wiring **wiring, vic_group *group, const vic_network *network,
                             const int *rank_of, size_t capacity, int steps);
/* Local, a pure function of its arguments: the bytes of messages and ledger on a rank where the populations
 * of here[0..n_populations-1] are, in bytes. */
size_t vic_wiring_forecast(const vic_network *network, const bool *here, size_t capacity, int steps);
/* Collective. */
void vic_wiring_destroy(vic_wiring **wiring);

/* Local, the same on every rank. Why messages go by MPI although two ranks share a node; NULL: for no reason
 * that would have to be told. */
const char *vic_wiring_note(const vic_wiring *wiring);
/* Local. *name becomes that of the shared memory through which messages of this edge go, "" where there is
 * none, and *bytes its size. */
void vic_wiring_segment(const vic_wiring *wiring, int edge, const char **name, size_t *bytes);

/* Local. From now on every channel carries up to `microbatches` messages at a time, one for each micro-batch,
 * stored one after the other in the buffer. Errors: VIC_NO_MEMORY. */
vic_status vic_wiring_split(vic_wiring *wiring, int microbatches);

/* Local. Visits the buffers of messages, channel by channel. */
void vic_wiring_list(const vic_wiring *wiring, vic_inventory_visitor visitor);

/* Local, between inferences, on every rank alike. Replaces the wires; NULL: perfect ones, as at first. They
 * must outlive the wiring or the next call. All ranks have to agree on the status before any sends again;
 * where one failed, all go back to the wires before. Errors: VIC_NO_MEMORY, VIC_BAD_CONFIG when a message is
 * too large, VIC_NO_PEER. */
vic_status vic_wiring_use(vic_wiring *wiring, const vic_wires *wires);
/* Sets the batch index, below 2^40, which the random numbers of wires depend on. */
void vic_wiring_set_batch_index(vic_wiring *wiring, uint64_t batch_index);
/* Local, a pure function of its arguments: visits the arrays that vic_wiring_use allocates, and
 * vic_wiring_list visits then, on a rank where the populations of here[0..n_populations-1] are. Errors:
 * VIC_NO_MEMORY, VIC_BAD_CONFIG when a message is too large. */
vic_status vic_wiring_forecast_wires(const vic_network *network, const bool *here, size_t capacity,
                                     const vic_wires *wires, vic_inventory_visitor visitor);

/* ---- messages that are not sent, for a clock that is not real ---- */

typedef struct vic_dry_message {
    int edge;
    vic_message_kind kind;
    int step, microbatch_index;
    int sender, receiver; /* populations */
} vic_dry_message;

/* Hooks in the place of a transport; `context` is passed to each. */
typedef struct vic_dry_messages {
    void *context;
    /* Sets the current population of its rank, as any message that it sends or receives does. */
    void (*set_current_population)(void *context, int population);
    vic_status (*send)(void *context, vic_dry_message message);
    vic_status (*clear)(void *context, vic_dry_message last); /* waits until the last one has left */
    vic_status (*post_receive)(void *context, vic_dry_message message);
    vic_status (*receive)(void *context, vic_dry_message message);
    bool (*has_left)(void *context, vic_dry_message last);
    bool (*has_arrived)(void *context, vic_dry_message message);
} vic_dry_messages;

/* Local. A wiring of all populations, whichever ranks they would be on, that calls `messages`, which must
 * outlive it, and has neither ledger nor timeline. Errors: VIC_NO_MEMORY. */
vic_status vic_wiring_create_dry(vic_wiring **wiring, const vic_network *network,
                                 const vic_dry_messages *messages);
bool vic_wiring_is_dry(const vic_wiring *wiring);

/* Sets the current population in the timeline. */
void vic_wiring_set_current_population(vic_wiring *wiring, int population);

vic_ledger *vic_wiring_ledger(vic_wiring *wiring);
vic_timeline *vic_wiring_timeline(vic_wiring *wiring);

/* The channel end that sends, or receives, for a local population; NULL when that population is on another
 * rank. */
vic_channel *vic_wiring_sender(vic_wiring *wiring, int edge, vic_message_kind kind);
vic_channel *vic_wiring_receiver(vic_wiring *wiring, int edge, vic_message_kind kind);

/* The channel for micro-batch number `microbatch_index` of what `channel` carries, whose message begins
 * `first` numbers into the buffer. Micro-batches are sent in their order. */
vic_channel *vic_channel_microbatch(vic_channel *channel, int microbatch_index, size_t first);

/* *message becomes the buffer to write the next message to; waits for the completion of the last send. */
vic_status vic_channel_compose(vic_channel *channel, void **message);
/* Begins to send `count` numbers of the buffer, as a message of `step`. */
vic_status vic_channel_send(vic_channel *channel, int step, size_t count);
/* Posts the receive of `count` numbers, as a message of `step`. What was received before is no longer valid.
 */
vic_status vic_channel_post_receive(vic_channel *channel, int step, size_t count);
/* Waits for the posted receive. *message belongs to the channel: it is what the wire delivers in this step,
 * an earlier message where that is late or lost. Errors: VIC_NO_PEER. */
vic_status vic_channel_receive(vic_channel *channel, const void **message);
/* Is the send buffer free, and is the posted receive complete? True where a transport waits by itself. */
bool vic_channel_can_send(const vic_channel *channel);
bool vic_channel_has_arrived(const vic_channel *channel);
/* Discards what was received: until a message arrives, zeros are received. */
void vic_channel_reset(vic_channel *channel);

#endif
