#include "base.h"

#include <string.h>

vic_status vic_grow(void *items, size_t count, size_t size) {
    void *old, *larger;
    if (count > 0 && (count & (count - 1)) != 0)
        return VIC_OK;
    memcpy(&old, items, sizeof old);
    VIC_TRY(vic_allocate(count > 0 ? 2 * count : 1, size, &larger));
    if (count > 0)
        memcpy(larger, old, count * size);
    memcpy(items, &larger, sizeof larger);
    vic_release(&old);
    return VIC_OK;
}
