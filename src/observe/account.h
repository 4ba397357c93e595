/* Gathering what the ranks recorded on rank 0, for this room alone. */
#ifndef VIC_OBSERVE_ACCOUNT_H
#define VIC_OBSERVE_ACCOUNT_H

#include "cost.h"

/* Collective. *c becomes the communication of the last inference, from ledgers and timelines; `ahead`: this
 * rank's clock against rank 0's. Errors: VIC_NO_MEMORY. */
vic_status vic_account(vic_communication *c, vic_inference *inference, double ahead);

#endif
