/* What populations say and hear, and why they are silent. Local, on rank 0. */
#ifndef VIC_OBSERVE_TALE_TALE_SPEECH_H
#define VIC_OBSERVE_TALE_TALE_SPEECH_H

#include "tale.h"

/* Does population p hear, or say, such a message in this step? */
bool vic_tale_hears(const vic_tale *tale, int p, vic_message_kind kind, int step);
bool vic_tale_says(const vic_tale *tale, int p, vic_message_kind kind, int step);
/* Neither, of either kind. */
bool vic_tale_is_quiet(const vic_tale *tale, int p, int step);
/* Has an error come to population p by the end of this step? */
bool vic_tale_has_heard_error(const vic_tale *tale, int p, int step);

/* A line where there is a message; silence about an error has its own line, unless the tale is quiet. */
void vic_tell_hearing(const vic_tale *tale, int p, vic_message_kind kind, int step);
void vic_tell_saying(const vic_tale *tale, int p, vic_message_kind kind, int step);

#endif
