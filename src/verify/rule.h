/* The predicted length of an update, and the rule that it is judged by. For this room alone. */
#ifndef VIC_VERIFY_RULE_H
#define VIC_VERIFY_RULE_H

#include "compare.h"

/* Heights of the populations: see vic_network_heights. */
typedef struct vic_rule {
    const vic_network *network;
    int *shortest, *longest;
} vic_rule;

/* Local. */
vic_status vic_rule_create(vic_rule *rule, const vic_network *network);
void vic_rule_release(vic_rule *rule);

/* Fills in law, law_error and kept of a pair whose reference is exact and whose update follows `options`. */
void vic_rule_apply(const vic_rule *rule, vic_inference_options options, const vic_pair *pair,
                    vic_layer_check *check);

#endif
