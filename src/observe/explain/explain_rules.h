/* The rules that populations apply. Local, on rank 0. */
#ifndef VIC_OBSERVE_EXPLAIN_EXPLAIN_RULES_H
#define VIC_OBSERVE_EXPLAIN_EXPLAIN_RULES_H

#include "explanation.h"

bool vic_explanation_is_hidden(const vic_explanation *explanation, int p);

/* A line that begins with who applies it: "I apply ..." */
void vic_print_applies(const vic_explanation *explanation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What population p predicts in `step`, from what it believed after step `seen`, and the message; nothing
 * where it predicts nothing. */
vic_status vic_print_prediction_rule(const vic_explanation *explanation, int p, int seen, int step);

/* What population p receives, computes and sends in a step from 1 on, by the phases of its algorithm. */
vic_status vic_print_applied_rules(const vic_explanation *explanation, int p, int step);

#endif
