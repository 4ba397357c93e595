/* On a simulated cluster (SimGrid's MPI) clocks stand still while a rank computes: the time that arithmetic
 * would have taken has to be told. Elsewhere nothing of this is left. */
#ifndef VIC_MESSAGES_SIMULATION_H
#define VIC_MESSAGES_SIMULATION_H

#include "messages.h"

#ifdef VIC_SIMULATED
enum { VIC_TIME_IS_SIMULATED = true };
/* Lets the time pass that the work takes on this rank's host, and forgets the work; NULL: none. */
void vic_let_pass(vic_work *work);
/* Returns when vic_now is `moment`. */
void vic_sleep_until(double moment);
#else
enum { VIC_TIME_IS_SIMULATED = false };
static inline void vic_let_pass(vic_work *work) {
    (void)work;
}
static inline void vic_sleep_until(double moment) {
    (void)moment;
}
#endif

#endif
