/* What messages cost, as a picture. */
#ifndef VIC_OBSERVE_COMMUNICATION_PICTURE_H
#define VIC_OBSERVE_COMMUNICATION_PICTURE_H

#include "cost.h"

/* One measured inference, and what to call it. */
typedef struct vic_communication_view {
    const char *title;
    const vic_network *network;
    const vic_communication *communication;
} vic_communication_view;

/* Writes an SVG file. With `maps`, each inference has a heat map of bytes, edges by steps, beside a bar per
 * rank of where its time went; without, one bar, the mean of its ranks. All bars have one scale. Errors:
 * VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_communication_draw(const char *path, const char *title, bool maps, size_t n,
                                  const vic_communication_view *views);

#endif
