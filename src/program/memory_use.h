/* The memory that the processes of a command take, beside what was forecast. */
#ifndef VIC_PROGRAM_MEMORY_USE_H
#define VIC_PROGRAM_MEMORY_USE_H

#include "json.h"
#include "program.h"

/* Of one rank, in bytes. Pages of shared memory count for a share of those that map them. */
typedef struct vic_memory_use {
    double bare;     /* before anything of the network is allocated */
    double forecast; /* in all, what is there already included */
    double peak;     /* the most so far */
} vic_memory_use;

/* Local. What this process holds now; 0 where the system does not report it. */
double vic_memory_resident(void);

/* Local, around vic_session_assemble: the first notes what is there before, the second what was forecast.
 * Errors: those of vic_forecast_own. */
void vic_memory_use_begin(vic_memory_use *use);
vic_status vic_memory_use_forecast(vic_memory_use *use, const vic_session *session, const vic_demand *demand);
/* Collective. On rank 0 *all becomes a new array with the memory of every rank, freed by the caller with
 * vic_release; elsewhere, and where ranks are simulated in one process, it is NULL. */
vic_status vic_memory_use_gather(vic_memory_use use, vic_group *group, vic_memory_use **all);

/* A line on stdout. */
void vic_memory_use_print(const vic_memory_use *all, int ranks);
/* A list for each of the three, with a number for each rank; NULL where memory ran out. */
json_t *vic_memory_use_json(const vic_memory_use *all, int ranks);

#endif
