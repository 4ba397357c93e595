/* The rules that populations apply. Local, on rank 0. */
#ifndef VIC_OBSERVE_TALE_TALE_RULES_H
#define VIC_OBSERVE_TALE_TALE_RULES_H

#include "tale.h"

bool vic_tale_is_hidden(const vic_tale *tale, int p);

/* A line that begins with who applies it: "I apply ..." */
void vic_tell_applies(const vic_tale *tale, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What population p predicts in `step`, from what it believed after step `seen`, and the message; nothing
 * where it predicts nothing. */
vic_status vic_tell_predicting(const vic_tale *tale, int p, int seen, int step);

/* What population p hears, works out and says in a step from 1 on, as its algorithm has it. */
vic_status vic_tell_applying(const vic_tale *tale, int p, int step);

#endif
