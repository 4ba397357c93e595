/* On a simulated cluster (SimGrid's MPI) clocks stand still while a rank computes: the time of the arithmetic
 * has to be simulated by these calls. Elsewhere nothing of this is left. */
#ifndef VIC_MESSAGES_SIMULATION_H
#define VIC_MESSAGES_SIMULATION_H

#include "messages.h"

#ifdef VIC_SIMULATED
enum { VIC_TIME_IS_SIMULATED = true };
/* Advances the simulated time by that of *cost on this rank's host, and sets *cost to zero; NULL: none. */
void vic_advance_time(vic_cost *cost);
/* Returns when vic_now is `moment`. */
void vic_sleep_until(double moment);
#else
enum { VIC_TIME_IS_SIMULATED = false };
static inline void vic_advance_time(vic_cost *cost) {
    (void)cost;
}
static inline void vic_sleep_until(double moment) {
    (void)moment;
}
#endif

#endif
