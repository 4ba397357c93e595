#include "feeder.h"
#include "metrics.h"
#include "rounds.h"

#include <stdio.h>

/* Batches that are evaluated have occasions of their own, apart from those that are learned from. */
static const uint64_t first_batch_index = (uint64_t)1 << 39;

static void note(vic_fault *first, const vic_fault *found, size_t batch) {
    char where[80];
    snprintf(where, sizeof where, "batch %zu of the evaluation", batch + 1);
    if (found->found)
        vic_fault_keep_of(first, found, batch, where);
}

/* Of the batch that begins with sample `first`; 0 past the end. */
static size_t batch_size(const vic_feeder *feeder, size_t first) {
    size_t batch = vic_inference_capacity(feeder->inference), count = feeder->data->count;
    return first >= count ? 0 : count - first < batch ? count - first : batch;
}

static vic_status sweep_over(vic_feeder *feeder, const vic_learning_callbacks *callbacks, size_t *order,
                             int64_t *classes, double sums[VIC_METRICS_SUMS], vic_fault *fault) {
    vic_inference *x = feeder->inference;
    const vic_source *data = feeder->data;
    size_t batch = vic_inference_capacity(x);
    vic_status mine = VIC_OK; /* the neighbours go on, and would wait for this rank */
    vic_rounds rounds = vic_rounds_begin(vic_inference_group(x), 0, data->count);
    for (size_t i = 0; i < data->count; i++)
        order[i] = i;
    for (size_t done = 0; done < data->count; done += batch) {
        size_t n = batch_size(feeder, done), next = batch_size(feeder, done + n);
        VIC_TRY(vic_feeder_feed(feeder, order + done, n, next, classes));
        vic_inference_set_batch_index(x, first_batch_index + done / batch);
        VIC_TRY(vic_inference_sweep(x, n));
        note(fault, vic_inference_fault(x), done / batch);
        vic_metrics_add(x, classes, n, sums);
        if (callbacks && callbacks->swept && mine == VIC_OK)
            mine = callbacks->swept(callbacks->context, done, n, classes);
        if (callbacks == NULL || done / batch + 1 != rounds.next)
            continue;
        VIC_TRY(vic_rounds_check(&rounds, callbacks, mine));
        VIC_TRY(vic_rounds_schedule_next(&rounds, rounds.next));
    }
    return mine;
}

/* Numbers that are not finite are reported before errors that follow from them. */
static vic_status agree_on_fault(vic_inference *x, const vic_fault *fault, vic_status mine) {
    vic_status all = vic_group_agree_on_status(vic_inference_group(x), mine);
    if (all == VIC_NO_PEER || all == VIC_INTERRUPTED)
        return all;
    vic_status found = vic_fault_report(x, fault);
    return found == VIC_OK ? all : found;
}

vic_status vic_evaluate(vic_inference *x, const vic_source *data, const vic_learning_callbacks *callbacks,
                        vic_metrics *metrics) {
    size_t *order = NULL;
    int64_t *classes = NULL;
    double sums[VIC_METRICS_SUMS] = {0};
    vic_fault fault = {0};
    vic_feeder feeder = {0};
    vic_status status = vic_allocate(data->count, sizeof *order, &order);
    if (status == VIC_OK)
        status = vic_allocate(vic_inference_capacity(x), sizeof *classes, &classes);
    if (status == VIC_OK)
        status = vic_feeder_open(&feeder, x, data);
    status = vic_group_agree_on_status(vic_inference_group(x), status);
    if (status == VIC_OK) {
        status = sweep_over(&feeder, callbacks, order, classes, sums, &fault);
        if (status != VIC_NO_PEER)
            status = agree_on_fault(x, &fault, status);
    }
    vic_feeder_close(&feeder);
    if (status == VIC_OK)
        status = vic_metrics_gather(x, sums, data->count, metrics);
    vic_release(&order);
    vic_release(&classes);
    return status;
}
