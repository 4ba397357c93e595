/* Watching the calls of functions for numbers that are not finite, for this room alone. */
#ifndef VIC_POPULATIONS_ANOMALY_H
#define VIC_POPULATIONS_ANOMALY_H

#include "populations.h"

/* What a call of a function reads of `samples` samples, each in the shape of its input or output; NULL: it
 * does not read it, or that is not kept. Its parameters count, too. */
typedef struct vic_call {
    size_t samples;
    const void *in, *out, *change_in, *error_out;
} vic_call;

/* Is all finite that function k, in the order of computing, reads? */
bool vic_is_call_finite(const vic_projection *p, size_t k, const vic_call *call);
/* After such a call: notes the anomaly, unless there is one, where the result is not finite. `what` is the
 * call, for example "forward". */
void vic_watch_result(const vic_projection *p, size_t k, const char *what, size_t numbers,
                      const void *result);

#endif
