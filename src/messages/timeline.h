/* Writing to the timeline, for this room alone. */
#ifndef VIC_MESSAGES_TIMELINE_H
#define VIC_MESSAGES_TIMELINE_H

#include "messages.h"

vic_status vic_timeline_create(vic_timeline **timeline);
void vic_timeline_destroy(vic_timeline **timeline);

/* Lets the time pass that what was done since the last call takes, where time is simulated. */
void vic_timeline_catch_up(vic_timeline *timeline);

/* Notes that the time from `begin` to `end` went into a message, and that from the last note to `begin` into
 * arithmetic. */
void vic_timeline_note(vic_timeline *timeline, vic_doing doing, const vic_channel *channel, double begin,
                       double end);

/* The same of what took no time. */
void vic_timeline_note_now(vic_timeline *timeline, vic_doing doing, const vic_channel *channel);

#endif
