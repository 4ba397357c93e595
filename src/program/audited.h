#ifndef VIC_PROGRAM_AUDITED_H
#define VIC_PROGRAM_AUDITED_H

#include "program.h"

typedef vic_status vic_run(const vic_command_line *line, vic_group *group);

/* Collective. Runs the command of the line under audit, and prints the report after its result: as text, or
 * as the key `audit` of --json. Errors: those of the command; VIC_CHECK_FAILED where it succeeds and the
 * audit does not. */
vic_status vic_run_audited(vic_run *run, const vic_command_line *line, vic_group *group);

#endif
