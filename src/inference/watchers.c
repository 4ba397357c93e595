/* Who wants to know when inferences run. */
#include "inference.h"

static vic_inference_watcher *first;

void vic_inference_watch(vic_inference_watcher *watcher) {
    watcher->next = first;
    first = watcher;
}

void vic_inference_unwatch(vic_inference_watcher *watcher) {
    for (vic_inference_watcher **place = &first; *place; place = &(*place)->next)
        if (*place == watcher) {
            *place = watcher->next;
            return;
        }
}

void vic_tell_begin(vic_inference *x) {
    for (vic_inference_watcher *w = first; w; w = w->next)
        if (w->begins)
            w->begins(w->context, x);
}

void vic_tell_step(vic_inference *x, int step) {
    for (vic_inference_watcher *w = first; w; w = w->next)
        if (w->step_ends)
            w->step_ends(w->context, x, step);
}

void vic_tell_end(vic_inference *x) {
    for (vic_inference_watcher *w = first; w; w = w->next)
        if (w->ends)
            w->ends(w->context, x);
}

void vic_tell_leave(vic_inference *x) {
    for (vic_inference_watcher *w = first; w; w = w->next)
        if (w->leaves)
            w->leaves(w->context, x);
}
