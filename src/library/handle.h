/* Which handles a program holds: a pointer that is none of them is refused before it is followed. */
#ifndef VIC_LIBRARY_HANDLE_H
#define VIC_LIBRARY_HANDLE_H

#include <stdbool.h>

typedef enum vic_handle_kind { VIC_HANDLE_DESIGN, VIC_HANDLE_MODEL, VIC_HANDLE_SUBSCRIPTION } vic_handle_kind;

/* The first member of what a handle points to. */
typedef struct vic_handle {
    vic_handle_kind kind;
    struct vic_handle *next;
} vic_handle;

void vic_handle_register(vic_handle *handle, vic_handle_kind kind);
void vic_handle_unregister(vic_handle *handle);

/* Is it a handle of this kind that has not been destroyed? The memory that it points to is not read unless it
 * is. */
bool vic_handle_is(const void *handle, vic_handle_kind kind);

#endif
