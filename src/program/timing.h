/* What --timing prints. */
#ifndef VIC_PROGRAM_TIMING_H
#define VIC_PROGRAM_TIMING_H

#include "json.h"

#include "observe/step_timing.h"

/* A table on stdout, in milliseconds. */
void vic_timing_print(const vic_step_summary *summary);
/* The same in seconds; NULL where memory ran out. */
json_t *vic_timing_json(const vic_step_summary *summary);

#endif
