/* A wiring in different placements, and the two ends of an exchange over it. Every rank walks through the
 * same exchanges and does its part of each. */
#ifndef VICINAL_TESTS_MESSAGES_LINES_H
#define VICINAL_TESTS_MESSAGES_LINES_H

#include "support/graph.h"
#include "support/together.h"

enum { CAPACITY = 7, STEPS = 5 };

static vic_network *network;
static int *rank_of;
static vic_wiring *wiring;

/* ---- placements ---- */

static inline int on_first(int p) {
    (void)p;
    return 0;
}

static inline int on_last(int p) {
    (void)p;
    return together_size() - 1;
}

static inline int dealt_out(int p) {
    return p % together_size();
}

static inline int backwards(int p) {
    return (network->n_populations - 1 - p) % together_size();
}

static inline int in_halves(int p) {
    return p * 2 / network->n_populations % together_size();
}

static int (*const placements[])(int) = {on_first, on_last, dealt_out, backwards, in_halves};
enum { PLACEMENTS = sizeof placements / sizeof *placements };

/* Each placement, first by MPI, then through shared memory. */
enum { SETTINGS = 2 * PLACEMENTS };

static inline bool is_shared(int setting) {
    return setting >= PLACEMENTS;
}

static inline void create_wiring(int setting) {
    int placement = setting % PLACEMENTS;
    vic_group_set_transport(together_group(), is_shared(setting) ? VIC_TRANSPORT_SHARED : VIC_TRANSPORT_MPI);
    network = graph_dag(VIC_FLOAT64);
    together_assert_ok(vic_allocate((size_t)network->n_populations, sizeof *rank_of, &rank_of));
    for (int p = 0; p < network->n_populations; p++)
        rank_of[p] = placements[placement](p);
    together_assert_ok(vic_wiring_create(&wiring, together_group(), network, rank_of, CAPACITY, STEPS));
}

static inline void destroy_wiring(void) {
    vic_group_set_timeout(together_group(), 0);
    vic_wiring_destroy(&wiring);
    vic_network_destroy(&network);
    vic_release(&rank_of);
}

/* ---- one end of an exchange ---- */

typedef struct line {
    int edge;
    vic_message_kind kind;
} line;

static inline int sending_rank(line l) {
    const vic_edge *e = &network->edges[l.edge];
    return rank_of[l.kind == VIC_PREDICTION ? e->from : e->to];
}

static inline int receiving_rank(line l) {
    const vic_edge *e = &network->edges[l.edge];
    return rank_of[l.kind == VIC_PREDICTION ? e->to : e->from];
}

static inline size_t numbers(line l, size_t batch) {
    return vic_shape_count(network->shapes[network->edges[l.edge].to]) * batch;
}

static inline vic_channel *sender(line l) {
    return vic_wiring_sender(wiring, l.edge, l.kind);
}

static inline vic_channel *receiver(line l) {
    return vic_wiring_receiver(wiring, l.edge, l.kind);
}

/* Number i of message `serial` on this line. */
static inline double content(line l, int serial, size_t i) {
    return 1e6 * (2 * l.edge + (int)l.kind) + 1e3 * serial + (double)i + 0.125;
}

static inline vic_status send_message(line l, int step, size_t batch, int serial) {
    void *message;
    if (sender(l) == NULL)
        return VIC_OK;
    VIC_TRY(vic_channel_compose(sender(l), &message));
    for (size_t i = 0; i < numbers(l, batch); i++)
        ((double *)message)[i] = content(l, serial, i);
    return vic_channel_send(sender(l), step, numbers(l, batch));
}

static inline vic_status post_receive(line l, int step, size_t batch) {
    return receiver(l) ? vic_channel_post_receive(receiver(l), step, numbers(l, batch)) : VIC_OK;
}

static inline bool holds(line l, const double *message, size_t batch, int serial) {
    for (size_t i = 0; i < numbers(l, batch); i++)
        if (message[i] != content(l, serial, i))
            return false;
    return true;
}

static inline vic_status receive_message(line l, size_t batch, int serial) {
    const void *message;
    if (receiver(l) == NULL)
        return VIC_OK;
    VIC_TRY(vic_channel_receive(receiver(l), &message));
    if (!holds(l, message, batch, serial))
        return vic_fail(VIC_CHECK_FAILED, "%s on edge %d: message %d is not what was sent",
                        vic_message_kind_name(l.kind), l.edge, serial);
    return VIC_OK;
}

static inline vic_status exchange(line l, int step, size_t batch, int serial) {
    VIC_TRY(post_receive(l, step, batch));
    VIC_TRY(send_message(l, step, batch, serial));
    return receive_message(l, batch, serial);
}

/* As exchange, for whoever looks at the message later. */
static inline vic_status deliver(line l, int step, int serial, const void **message) {
    VIC_TRY(post_receive(l, step, CAPACITY));
    VIC_TRY(send_message(l, step, CAPACITY, serial));
    return receiver(l) ? vic_channel_receive(receiver(l), message) : VIC_OK;
}

static inline bool is_remembered(line l, const void *message, int serial) {
    return receiver(l) == NULL || holds(l, message, CAPACITY, serial);
}

/* All lines, predictions and errors in turns. */
static inline line line_at(int index) {
    return (line){index / VIC_MESSAGE_KINDS, index % VIC_MESSAGE_KINDS ? VIC_ERROR : VIC_PREDICTION};
}

static inline int lines(void) {
    return network->n_edges * VIC_MESSAGE_KINDS;
}

#endif
