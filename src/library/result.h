/* Inside the library functions return vic_status; what a caller gets is a vic_result. */
#ifndef VIC_LIBRARY_RESULT_H
#define VIC_LIBRARY_RESULT_H

#include "vicinal.h"

#include "base/base.h"

/* Statuses of this room alone. */
enum { VIC_STATUS_WRONG_USE = 64, VIC_STATUS_NOT_HERE };

/* Records a printf-style text and gives the status. */
#define VIC_FAIL_WRONG_USE(...) vic_fail((vic_status)VIC_STATUS_WRONG_USE, __VA_ARGS__)
#define VIC_FAIL_NOT_HERE(...)  vic_fail((vic_status)VIC_STATUS_NOT_HERE, __VA_ARGS__)

vic_result vic_result_of(vic_status status);

/* Errors: wrong use, naming the argument, where the pointer is NULL. */
vic_status vic_check_pointer(const void *pointer, const char *argument);

#endif
