/* One inference as data, on stdout. */
#ifndef VIC_PROGRAM_EXPLAIN_JSON_H
#define VIC_PROGRAM_EXPLAIN_JSON_H

#include "observe/explain/explanation.h"

/* Local, on rank 0. The keys are stable. Errors: VIC_NO_MEMORY. */
vic_status vic_explanation_print_json(const vic_explanation *explanation);

#endif
