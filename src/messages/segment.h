/* A segment of shared memory that carries the messages of one edge between two ranks of a node. Each of the
 * two owns a part, which it alone can write: the other one maps it read-only. For this room alone. */
#ifndef VIC_MESSAGES_SEGMENT_H
#define VIC_MESSAGES_SEGMENT_H

#include "base/base.h"

#include <stdatomic.h>

/* The beginning of a part. Its owner sends one kind of message on the edge, and receives the other. Counts
 * wrap around. */
typedef struct vic_segment_words {
    _Alignas(64) _Atomic uint32_t sent; /* messages */
    _Alignas(
        64) _Atomic uint32_t ready; /* rounds for which the slot of the round before may be written again */
    _Alignas(64) _Atomic uint32_t awaits_sent; /* 1 while the owner sleeps until the other has sent */
    _Atomic uint32_t awaits_ready;
} vic_segment_words;

enum { VIC_SEGMENT_SLOTS = 2, VIC_SEGMENT_NAME = 32 };

typedef struct vic_segment {
    char name[VIC_SEGMENT_NAME]; /* as of shm_open; "": there is no segment */
    size_t slot_bytes, part_bytes;
    vic_segment_words *own; /* NULL, as the other: not mapped */
    const vic_segment_words *others;
    bool is_named;               /* by this rank, and not unlinked yet */
    bool is_made;                /* by this rank, and without pages yet */
    int file;                    /* open as long as it is so */
    uint32_t rounds;             /* that this rank has sent: one is all micro-batches of a message */
    uint32_t expected, received; /* messages */
    struct vic_waiter *waiter;   /* that this rank waits with */
} vic_segment;

/* Of a segment for messages of up to `message_bytes`. */
size_t vic_segment_bytes(size_t message_bytes);
/* Do segments of `bytes` in all leave `reserve` bytes free? Errors: VIC_BAD_FILE. */
vic_status vic_segment_check_room(size_t bytes, size_t reserve);

/* Makes a segment of a random name for messages of up to `message_bytes`, or opens the one that another rank
 * of this node has made and named so. It may be used when the rank that made it has allocated its pages.
 * Errors: VIC_BAD_FILE. Close with vic_segment_close. */
vic_status vic_segment_make(vic_segment *segment, size_t message_bytes);
vic_status vic_segment_open(vic_segment *segment, const char *name, size_t message_bytes);
/* Allocates the pages of a segment that this rank has made: on a full file system, writing to one that is not
 * there ends the process. Of any other it does nothing. Errors: VIC_BAD_FILE. */
vic_status vic_segment_allocate(vic_segment *segment);
/* Takes the name away; the memory stays until both ranks have closed it. */
void vic_segment_unlink(vic_segment *segment);
void vic_segment_close(vic_segment *segment);

/* One of the two slots of a part. */
void *vic_segment_slot(const vic_segment *segment, const vic_segment_words *part, uint32_t round);

#endif
