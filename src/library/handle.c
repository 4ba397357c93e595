#include "handle.h"

#include <stddef.h>

static vic_handle *first;

void vic_handle_register(vic_handle *handle, vic_handle_kind kind) {
    handle->kind = kind;
    handle->next = first;
    first = handle;
}

void vic_handle_unregister(vic_handle *handle) {
    for (vic_handle **place = &first; *place; place = &(*place)->next)
        if (*place == handle) {
            *place = handle->next;
            return;
        }
}

bool vic_handle_is(const void *handle, vic_handle_kind kind) {
    for (const vic_handle *known = first; known; known = known->next)
        if (known == handle)
            return known->kind == kind;
    return false;
}
