/* The instruction level of this process's models. For this room alone. */
#ifndef VIC_LIBRARY_LEVEL_H
#define VIC_LIBRARY_LEVEL_H

#include "messages/messages.h"

/* Collective. Errors: wrong use. */
vic_status vic_library_agree_on_level(vic_group *group);

#endif
