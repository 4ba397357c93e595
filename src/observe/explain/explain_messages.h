/* The messages that populations send and receive, and why they send none. Local, on rank 0. */
#ifndef VIC_OBSERVE_EXPLAIN_EXPLAIN_MESSAGES_H
#define VIC_OBSERVE_EXPLAIN_EXPLAIN_MESSAGES_H

#include "explanation.h"

/* Does population p receive, or send, such a message in this step? */
bool vic_explanation_receives(const vic_explanation *explanation, int p, vic_message_kind kind, int step);
bool vic_explanation_sends(const vic_explanation *explanation, int p, vic_message_kind kind, int step);
/* Neither, of either kind. */
bool vic_explanation_is_silent(const vic_explanation *explanation, int p, int step);
/* Has an error come to population p by the end of this step? */
bool vic_explanation_has_received_error(const vic_explanation *explanation, int p, int step);

/* A line where there is a message; an error that is not sent has its own line, unless `quiet` is set. */
void vic_print_received(const vic_explanation *explanation, int p, vic_message_kind kind, int step);
void vic_print_sent(const vic_explanation *explanation, int p, vic_message_kind kind, int step);

#endif
