/* Opening the end of a channel whose other end is on another rank of this node. */
#ifndef VIC_MESSAGES_TRANSPORT_SHARED_H
#define VIC_MESSAGES_TRANSPORT_SHARED_H

#include "segments.h"
#include "transport.h"

/* May the channel go through the segment? An encoded message, which has one slot, may be too large. */
bool vic_transport_shared_takes(const vic_segment *segment, const vic_channel *channel);
/* The channel's buffer becomes one of the segment, which it does not own; segment and waiter must outlive it.
 */
void vic_transport_shared_open(vic_channel *channel, vic_segment *segment);

#endif
