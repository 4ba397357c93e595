#include "account.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void vic_communication_release(vic_communication *c) {
    vic_release(&c->entries);
    vic_release(&c->ranks);
}

/* ---- measuring ---- */

/* Clocks that differ by less than the uncertainty count as one clock. */
static vic_status compare_clocks(vic_group *group, double *ahead) {
    double uncertainty;
    *ahead = 0;
    if (vic_time_is_simulated())
        return VIC_OK;
    VIC_TRY(vic_group_compare_clocks(group, ahead, &uncertainty));
    if (fabs(*ahead) <= uncertainty)
        *ahead = 0;
    return VIC_OK;
}

static vic_status run_once(vic_inference *x, size_t batch) {
    vic_timeline *timeline = vic_wiring_timeline(vic_inference_wiring(x));
    vic_ledger_clear(vic_wiring_ledger(vic_inference_wiring(x)));
    VIC_TRY(vic_group_barrier(vic_inference_group(x)));
    vic_timeline_start(timeline);
    VIC_TRY(vic_inference_run(x, batch));
    return vic_group_agree_on_status(vic_inference_group(x), vic_timeline_stop(timeline));
}

static int by_seconds(const void *a, const void *b) {
    const vic_communication *one = a, *other = b;
    return (one->seconds > other->seconds) - (one->seconds < other->seconds);
}

static vic_status run_all(vic_communication *trials, vic_inference *x, size_t batch, int repeats) {
    double ahead;
    VIC_TRY(compare_clocks(vic_inference_group(x), &ahead));
    if (!vic_time_is_simulated()) /* to warm up */
        VIC_TRY(run_once(x, batch));
    for (int i = 0; i < repeats; i++) {
        VIC_TRY(run_once(x, batch));
        VIC_TRY(vic_account(&trials[i], x, ahead));
    }
    return VIC_OK;
}

vic_status vic_communication_measure(vic_communication *c, vic_inference *x, size_t batch, int repeats) {
    vic_communication *trials = NULL;
    double cost = 0;
    size_t n = (size_t)repeats;
    *c = (vic_communication){0};
    vic_status status = vic_allocate(n, sizeof *trials, &trials);
    if (status == VIC_OK)
        status = vic_time_is_simulated() ? VIC_OK : vic_timeline_overhead(&cost);
    status = vic_group_agree_on_status(vic_inference_group(x), status);
    if (status == VIC_OK)
        status = run_all(trials, x, batch, repeats);
    if (status == VIC_OK) {
        qsort(trials, n, sizeof *trials, by_seconds);
        *c = trials[(n - 1) / 2];
        c->reading_cost = cost;
        trials[(n - 1) / 2] = (vic_communication){0};
    }
    for (size_t i = 0; trials && i < n; i++)
        vic_communication_release(&trials[i]);
    vic_release(&trials);
    return status;
}

/* ---- reading ---- */

vic_ledger_entry vic_communication_at(const vic_communication *c, int edge, vic_message_kind kind, int step) {
    size_t row = (size_t)edge * VIC_MESSAGE_KINDS + kind;
    return c->entries[row * ((size_t)c->steps + 1) + (size_t)step];
}

static void add(vic_ledger_entry *sum, vic_ledger_entry e) {
    sum->messages += e.messages;
    sum->bytes += e.bytes;
    sum->seconds_posting += e.seconds_posting;
    sum->seconds_waiting += e.seconds_waiting;
}

vic_ledger_entry vic_communication_of(const vic_communication *c, int edge, vic_message_kind kind) {
    vic_ledger_entry sum = {0};
    for (int step = 0; step <= c->steps; step++)
        add(&sum, vic_communication_at(c, edge, kind, step));
    return sum;
}

vic_ledger_entry vic_communication_total(const vic_communication *c, vic_message_kind kind) {
    vic_ledger_entry sum = {0};
    for (int e = 0; e < c->n_edges; e++)
        add(&sum, vic_communication_of(c, e, kind));
    return sum;
}

vic_rank_time vic_communication_mean(const vic_communication *c) {
    vic_rank_time mean = {0};
    int busy = 0;
    for (int k = 0; k < c->n_ranks; k++) {
        const vic_rank_time *t = &c->ranks[k];
        busy += t->computing > 0;
        mean.computing += t->computing;
        mean.posting += t->posting;
        mean.late += t->late;
        mean.wire += t->wire;
    }
    mean.computing /= busy;
    mean.posting /= busy;
    mean.late /= busy;
    mean.wire /= busy;
    return mean;
}

double vic_communication_share(const vic_communication *c) {
    return 1 - c->free_path / c->path;
}

double vic_communication_overhead(const vic_communication *c) {
    return c->reading_cost * (double)c->most_readings / c->seconds;
}
