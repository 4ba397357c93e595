/* Writing to the timeline, for this room alone. */
#ifndef VIC_MESSAGES_TIMELINE_H
#define VIC_MESSAGES_TIMELINE_H

#include "messages.h"

vic_status vic_timeline_create(vic_timeline **timeline);
void vic_timeline_destroy(vic_timeline **timeline);

/* Advances simulated time by the cost since the last call. */
void vic_timeline_catch_up(vic_timeline *timeline);

/* Adds a span from `begin` to `end` of a message, and one of computing from the last span to `begin`. */
void vic_timeline_add_span(vic_timeline *timeline, vic_doing doing, const vic_channel *channel, double begin,
                           double end);

/* The same with a length of 0. */
void vic_timeline_add_instant(vic_timeline *timeline, vic_doing doing, const vic_channel *channel);

#endif
