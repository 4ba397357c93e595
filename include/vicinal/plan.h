/* Machines as numbers, and what an inference would take on one. Nothing here needs a machine, or is
 * collective, but where a comment says so. */
#ifndef VICINAL_PLAN_H
#define VICINAL_PLAN_H

#include "vicinal/study.h"

/* ---- wires ---- */

/* LogGP (Alexandrov, Ionescu, Schauser, Scheiman, SPAA 1995; after LogP, Culler et al., PPoPP 1993) for the
 * messages of `from` bytes or more. Overheads are told apart by side and may grow with the message, since a
 * processor that shares memory copies it, as in SimGrid's model of MPI (Degomme et al., IEEE TPDS 28(8),
 * 2017). Times are in seconds. */
typedef struct vic_link_piece {
    size_t from;
    double latency;                   /* L: on the way, no processor at work */
    double gap, gap_per_byte;         /* g, G: from one message of a rank to its next, at least g and G m */
    double send, send_per_byte;       /* o_s: the speaker's processor, o + O m */
    double listen;                    /* the listener's, to say where the message shall go */
    bool rendezvous;                  /* it sets off when its listener listens, if that is later */
    double receive, receive_per_byte; /* o_r: the listener's, to take a message that is there */
} vic_link_piece;

/* Pieces in the order of `from`, the first from 0; protocols change with size. n = 0: no such wire. */
typedef struct vic_link {
    size_t n;
    vic_link_piece *pieces;
} vic_link;

double vic_link_send(const vic_link *link, size_t bytes); /* o_s */
double vic_link_listen(const vic_link *link, size_t bytes);
double vic_link_receive(const vic_link *link, size_t bytes); /* o_r */
double vic_link_flight(const vic_link *link,
                       size_t bytes); /* L + G m: from having been sent to being there */
double vic_link_crossing(const vic_link *link, size_t bytes); /* G m: from leaving to having left */
double vic_link_gap(const vic_link *link, size_t bytes);      /* max(g, G m) */
bool vic_link_needs_rendezvous(const vic_link *link, size_t bytes);
/* All of it, o_s + L + G m + o_r: from beginning to say to having heard, when the listener waits. */
double vic_link_message(const vic_link *link, size_t bytes);

/* ---- machines ---- */

/* What one core does in a precision. */
typedef struct vic_speed {
    double products;  /* operations a second of vic_work.products; 0: this precision is not described */
    double bandwidth; /* bytes a second of vic_work.bytes */
    double call;      /* seconds that each task takes besides */
} vic_speed;

enum { VIC_PRECISIONS = 2 };

typedef struct vic_machine {
    char *name;
    size_t nodes, cores; /* cores of a node: ranks fill one node after the other, each has a core */
    double memory;       /* of a node, in bytes */
    vic_speed speed[VIC_PRECISIONS]; /* by vic_precision */
    vic_link node, network;          /* between ranks of one node, and of two */
} vic_machine;

void vic_machine_destroy(vic_machine **machine);

/* Seconds that a core takes for this work. */
double vic_speed_seconds(const vic_speed *speed, vic_work work);

/* ---- calibration: a machine described by measuring it ---- */

/* What was measured of messages of one size; medians, in seconds. */
typedef struct vic_wire_sample {
    size_t bytes;
    double message; /* from saying to having heard: half a round trip; no less than send + receive */
    double send;    /* the speaker was busy */
    double listen;  /* the listener, saying where the message shall go */
    double receive; /* and taking it when it has been said, and its speaker goes on computing */
    double burst;   /* from one message to the next of many at once; 0: not measured */
} vic_wire_sample;

/* Collective. Measures messages of samples[i].bytes, multiples of 4 in ascending order, i < n, between rank 0
 * and rank `other`, on channels like those of an inference and waiting like it; the rest is filled in on rank
 * 0, which calls `progress` after each size. Errors: VIC_NO_MEMORY, VIC_NO_PEER. */
vic_status vic_calibrate_wire(vic_group *group, int other, size_t n, vic_wire_sample *samples,
                              void (*progress)(const vic_wire_sample *sample));

/* Local, a pure function of its arguments. *link becomes pieces that come closest to the samples (relative to
 * what was measured), as few as will do; vic_link_message is what was fitted, the overheads are parts of it.
 * The caller frees link->pieces with vic_release. Errors: VIC_NO_MEMORY. */
vic_status vic_link_fit(vic_link *link, size_t n, const vic_wire_sample *samples);

/* Local. Measures how fast this core is at this network's arithmetic in its precision, a batch at a time.
 * Errors: VIC_NO_MEMORY; VIC_BAD_CONFIG when it has no products. */
vic_status vic_calibrate_speed(vic_speed *speed, const vic_network *network, size_t batch);

/* ---- plans ---- */

/* One inference of a batch that learns nothing, foretold. */
typedef struct vic_plan {
    vic_communication cost; /* as vic_communication_measure would give it; no note is taken */
    double free_seconds;    /* cost.seconds if messages took no time */
    double step;            /* seconds from one inference step to the next, the mean of the later half */
    double free_step;       /* the same if messages took no time */
    double step_messages, step_bytes; /* between populations, likewise */
    double rank_messages, rank_bytes; /* of those, between ranks */
    int bottleneck;                   /* the rank that computes and posts longest */
} vic_plan;

/* Local, a pure function of its arguments. Ranks that rank_of names have a core each, and everyone begins
 * when all are there. Free with vic_plan_release, after an error too. Errors: VIC_BAD_CONFIG when the machine
 * is too small, or does not describe the precision; VIC_NO_MEMORY. */
vic_status vic_plan_make(vic_plan *plan, const vic_machine *machine, const vic_network *network,
                         const int *rank_of, size_t batch, vic_inference_options options);
void vic_plan_release(vic_plan *plan);

#endif
