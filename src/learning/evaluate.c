#include "rounds.h"
#include "score.h"

#include <stdio.h>

/* Batches that are evaluated have occasions of their own, apart from those that are learned from. */
static const uint64_t first_occasion = (uint64_t)1 << 39;

static void note(vic_fault *first, const vic_fault *found, size_t batch) {
    char where[80];
    snprintf(where, sizeof where, "batch %zu of the evaluation", batch + 1);
    if (found->found)
        vic_fault_keep_of(first, found, batch, where);
}

static vic_status sweep_over(vic_inference *x, const vic_source *data, const vic_watcher *watcher,
                             size_t *order, int64_t *classes, double sums[VIC_SCORE_SUMS], vic_fault *fault) {
    size_t batch = vic_inference_capacity(x);
    vic_status mine = VIC_OK; /* the neighbours go on, and would wait for this rank */
    vic_rounds rounds = vic_rounds_begin(vic_inference_group(x), 0, data->count);
    for (size_t i = 0; i < data->count; i++)
        order[i] = i;
    for (size_t done = 0; done < data->count; done += batch) {
        size_t n = data->count - done < batch ? data->count - done : batch;
        VIC_TRY(vic_feed(x, data, order + done, n, classes));
        vic_inference_set_occasion(x, first_occasion + done / batch);
        VIC_TRY(vic_inference_sweep(x, n));
        note(fault, vic_inference_fault(x), done / batch);
        vic_score_add(x, classes, n, sums);
        if (watcher && watcher->swept && mine == VIC_OK)
            mine = watcher->swept(watcher->context, done, n, classes);
        if (watcher == NULL || done / batch + 1 != rounds.next)
            continue;
        VIC_TRY(vic_rounds_check(&rounds, watcher, mine));
        VIC_TRY(vic_rounds_go_on(&rounds, rounds.next));
    }
    return mine;
}

/* Numbers that are not finite are told before what could not be done with them. */
static vic_status settle(vic_inference *x, const vic_fault *fault, vic_status mine) {
    vic_status all = vic_group_agree(vic_inference_group(x), mine);
    if (all == VIC_NO_PEER || all == VIC_INTERRUPTED)
        return all;
    vic_status found = vic_fault_report(x, fault);
    return found == VIC_OK ? all : found;
}

vic_status vic_evaluate(vic_inference *x, const vic_source *data, const vic_watcher *watcher,
                        vic_score *score) {
    size_t *order = NULL;
    int64_t *classes = NULL;
    double sums[VIC_SCORE_SUMS] = {0};
    vic_fault fault = {0};
    vic_status status = vic_allocate(data->count, sizeof *order, &order);
    if (status == VIC_OK)
        status = vic_allocate(vic_inference_capacity(x), sizeof *classes, &classes);
    status = vic_group_agree(vic_inference_group(x), status);
    if (status == VIC_OK) {
        status = sweep_over(x, data, watcher, order, classes, sums, &fault);
        if (status != VIC_NO_PEER)
            status = settle(x, &fault, status);
    }
    if (status == VIC_OK)
        status = vic_score_collect(x, sums, data->count, score);
    vic_release(&order);
    vic_release(&classes);
    return status;
}
