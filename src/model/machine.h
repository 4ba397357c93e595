/* Machines as numbers. Nothing here needs a machine, or is collective. */
#ifndef VIC_MODEL_MACHINE_H
#define VIC_MODEL_MACHINE_H

#include "network/network.h"

/* ---- wires ---- */

/* LogGP (Alexandrov, Ionescu, Schauser, Scheiman, SPAA 1995; after LogP, Culler et al., PPoPP 1993) for the
 * messages of `from` bytes or more. Overheads are separate for each side and may grow with the message, since
 * a processor that shares memory copies it, as in SimGrid's model of MPI (Degomme et al., IEEE TPDS 28(8),
 * 2017). Times are in seconds. */
typedef struct vic_link_piece {
    size_t from;
    double latency;                   /* L: on the way, no processor at work */
    double gap, gap_per_byte;         /* g, G: from one message of a rank to its next, at least g and G m */
    double send, send_per_byte;       /* o_s: on the sender's processor, o + O m */
    double post_receive;              /* on the receiver's processor, to post the receive */
    bool rendezvous;                  /* it leaves when its receive is posted, if that is later */
    double receive, receive_per_byte; /* o_r: on the receiver's processor, to complete the receive of a
                                         message that has arrived */
} vic_link_piece;

/* Pieces in the order of `from`, the first from 0; protocols change with size. n = 0: no such wire. */
typedef struct vic_link {
    size_t n;
    vic_link_piece *pieces;
} vic_link;

double vic_link_send(const vic_link *link, size_t bytes); /* o_s */
double vic_link_post_receive(const vic_link *link, size_t bytes);
double vic_link_receive(const vic_link *link, size_t bytes); /* o_r */
double vic_link_flight(const vic_link *link,
                       size_t bytes); /* L + G m: from the end of the send to the arrival */
double vic_link_transmission(const vic_link *link, size_t bytes); /* G m: the time of transmission */
double vic_link_gap(const vic_link *link, size_t bytes);          /* max(g, G m) */
bool vic_link_needs_rendezvous(const vic_link *link, size_t bytes);
/* All of it, o_s + L + G m + o_r: from the begin of the send to the end of the receive, when the receiver
 * waits. */
double vic_link_message(const vic_link *link, size_t bytes);

/* ---- machines ---- */

/* What a rank does in a precision, with the threads of the machine. */
typedef struct vic_speed {
    double products;  /* operations a second of vic_cost.products; 0: this precision is not described */
    double bandwidth; /* bytes a second of vic_cost.bytes */
    double call;      /* seconds that each task takes besides */
} vic_speed;

enum { VIC_PRECISIONS = 2 };

typedef struct vic_machine {
    char *name;
    size_t nodes, cores;             /* cores of a node: ranks fill one node after the other */
    size_t threads;                  /* of a rank, each has a core; 0 is 1 */
    double memory;                   /* of a node, in bytes */
    vic_speed speed[VIC_PRECISIONS]; /* by vic_precision */
    vic_link node, network;          /* between ranks of one node, and of two */
} vic_machine;

void vic_machine_destroy(vic_machine **machine);

/* Ranks that a node has cores for, at least 1. */
size_t vic_machine_ranks_of_node(const vic_machine *machine);

/* Seconds that a rank takes for this work. */
double vic_speed_seconds(const vic_speed *speed, vic_cost cost);

#endif
