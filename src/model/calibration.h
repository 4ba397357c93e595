/* A machine described by measuring it. */
#ifndef VIC_MODEL_CALIBRATION_H
#define VIC_MODEL_CALIBRATION_H

#include "machine.h"

#include "messages/messages.h"

/* What was measured of messages of one size; medians, in seconds. */
typedef struct vic_wire_sample {
    size_t bytes;
    double message; /* from the begin of the send to the end of the receive: half a round trip; no less than
                       send + receive */
    double send;    /* the sender was busy */
    double post_receive; /* the receiver, posting the receive */
    double receive;      /* and completing it after the message was sent, while the sender computes */
    double burst;        /* from one message to the next of many at once; 0: not measured */
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

#endif
