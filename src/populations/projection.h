/* Making and clearing a projection in place; its rules are in vicinal/populations.h. */
#ifndef VIC_POPULATIONS_PROJECTION_H
#define VIC_POPULATIONS_PROJECTION_H

#include "vicinal/populations.h"

/* `p` is zeroed; vic_projection_clear frees what was made, also after a failure. */
vic_status vic_projection_init(vic_projection *p, const vic_network *network, int edge,
                               vic_population_needs needs);
void vic_projection_clear(vic_projection *p);

#endif
