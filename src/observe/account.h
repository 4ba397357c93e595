/* Bringing what the ranks noted to rank 0, for this room alone. */
#ifndef VIC_OBSERVE_ACCOUNT_H
#define VIC_OBSERVE_ACCOUNT_H

#include "cost.h"

/* Collective. *c becomes what ledgers and timelines say of the last inference; `ahead`: this rank's clock
 * against rank 0's. Errors: VIC_NO_MEMORY. */
vic_status vic_account(vic_communication *c, vic_inference *inference, double ahead);

#endif
