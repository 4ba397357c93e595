/* The audit that runs, and the lists that it keeps. */
#include "audit_local.h"

#include <string.h>

vic_audit *vic_audit_now;

bool vic_audit_runs(void) {
    return vic_audit_now != NULL;
}

vic_status vic_list_add(vic_list *list, const void *item) {
    if (list->n == list->capacity) {
        char *larger;
        VIC_TRY(vic_allocate(2 * list->capacity + 16, list->item, &larger));
        if (list->items)
            memcpy(larger, list->items, list->n * list->item);
        vic_release(&list->items);
        list->items = larger;
        list->capacity = 2 * list->capacity + 16;
    }
    memcpy(list->items + list->n++ * list->item, item, list->item);
    return VIC_OK;
}

void vic_list_release(vic_list *list) {
    vic_release(&list->items);
    list->n = list->capacity = 0;
}
