/* The threads of this process's models. For this room alone. */
#ifndef VIC_LIBRARY_THREADS_H
#define VIC_LIBRARY_THREADS_H

#include "messages/messages.h"

/* Collective, once for each model: the first one starts the threads that are set. After a success,
 * vic_library_end_threads has to be called. Errors: wrong use where MPI does not allow threads, VIC_NO_MEMORY
 * where one cannot be had. */
vic_status vic_library_begin_threads(vic_group *group);
/* Local. The last model ends the threads. */
void vic_library_end_threads(void);

#endif
