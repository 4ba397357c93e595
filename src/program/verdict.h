/* The output of verify: text, JSON and CSV. */
#ifndef VIC_PROGRAM_VERDICT_H
#define VIC_PROGRAM_VERDICT_H

#include "program.h"

#include "verify/verify.h"

#include <jansson.h>

typedef struct vic_verdict {
    const vic_session *session;
    const char *reference; /* in words */
    bool against_exact, judges, passed;
    int n_layers, first_steps, steps; /* compared after every number of steps between the two */
    vic_layer_check *checks;          /* (steps - first_steps + 1) times n_layers */
} vic_verdict;

/* The checks after the last step. */
const vic_layer_check *vic_verdict_layers(const vic_verdict *verdict);

/* One layer as JSON has it, counted from 1. */
json_t *vic_verdict_layer_json(int layer, const vic_layer_check *check);
vic_status vic_verdict_print_json(const vic_verdict *verdict);
void vic_verdict_print_table(const vic_verdict *verdict);
/* One line per number of steps and layer with parameters; `nan` where a number is not defined or not finite.
 * Errors: VIC_BAD_FILE. */
vic_status vic_verdict_write_csv(const vic_verdict *verdict, const char *path);

#endif
