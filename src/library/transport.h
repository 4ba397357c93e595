/* How the messages of this process's models go from rank to rank. For this room alone. */
#ifndef VIC_LIBRARY_TRANSPORT_H
#define VIC_LIBRARY_TRANSPORT_H

#include "messages/messages.h"

/* Collective. Gives the group the transport that is set. Errors: wrong use where it is not the same on all
 * ranks. */
vic_status vic_library_agree_on_transport(vic_group *group);

#endif
