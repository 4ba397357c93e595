/* The end of an audit: the counts of all ranks are gathered on rank 0 and merged. */
#include "audit_local.h"

#include <stdlib.h>

/* ---- on every rank ---- */

static bool has_traffic(const vic_audit_pair *p) {
    return p->wired || p->messages || p->received || p->ledger_messages || p->outside_messages;
}

static vic_status list_pairs(const vic_audit *a, vic_list *pairs) {
    for (int rank = 0; rank < a->n_ranks; rank++) {
        a->to[rank].outside_messages = a->outside->messages[rank];
        a->to[rank].outside_bytes = a->outside->bytes[rank];
        if (has_traffic(&a->to[rank]))
            VIC_TRY(vic_list_add(pairs, &a->to[rank]));
        if (has_traffic(&a->from[rank]))
            VIC_TRY(vic_list_add(pairs, &a->from[rank]));
    }
    return VIC_OK;
}

/* Inferences that are still there are taken as they are. */
static void close_stages(vic_audit *a) {
    while (a->stages) {
        vic_stage *s = a->stages;
        a->stages = s->next;
        vic_audit_close_stage(a, s);
        vic_interposer_record_destroy(&s->inside);
        vic_release(&s);
    }
}

static vic_status sum_up(vic_audit *a, vic_list *pairs) {
    close_stages(a);
    VIC_TRY(list_pairs(a, pairs));
    VIC_TRY(vic_audit_add_calls(a, a->outside, false));
    return a->trouble ? vic_fail(a->trouble, "out of memory: the audit is incomplete") : VIC_OK;
}

/* ---- on rank 0 ---- */

static int by_ends(const void *a, const void *b) {
    const vic_audit_pair *x = a, *y = b;
    return x->from != y->from ? x->from - y->from : x->to - y->to;
}

static void add(vic_audit_pair *to, const vic_audit_pair *more) {
    to->wired = to->wired || more->wired;
    to->messages += more->messages;
    to->bytes += more->bytes;
    to->received += more->received;
    to->ledger_messages += more->ledger_messages;
    to->ledger_bytes += more->ledger_bytes;
    to->shared_messages += more->shared_messages;
    to->shared_bytes += more->shared_bytes;
    to->disagreements += more->disagreements;
    to->stray_messages += more->stray_messages;
    to->stray_bytes += more->stray_bytes;
    to->stray_receives += more->stray_receives;
    to->outside_messages += more->outside_messages;
    to->outside_bytes += more->outside_bytes;
}

/* Merges the counts of sender and receiver. */
static void join_ends(vic_audit_report *r) {
    size_t n = 0;
    qsort(r->pairs, r->n_pairs, sizeof *r->pairs, by_ends);
    for (size_t i = 0; i < r->n_pairs; i++) {
        if (n > 0 && by_ends(&r->pairs[n - 1], &r->pairs[i]) == 0)
            add(&r->pairs[n - 1], &r->pairs[i]);
        else
            r->pairs[n++] = r->pairs[i];
    }
    r->n_pairs = n;
}

static void sum_costs(vic_audit_report *r) {
    for (int i = 0; i < r->n_ranks; i++) {
        const vic_audit_rank *rank = &r->ranks[i];
        double cost =
            (double)rank->all_calls * rank->call_cost + (double)rank->inferences * rank->inference_cost;
        double share = rank->seconds > 0 ? cost / rank->seconds : 0;
        if (share < r->overhead)
            continue;
        r->overhead = share;
        r->call_cost = rank->call_cost;
        r->inference_cost = rank->inference_cost;
    }
}

static vic_status complete(vic_audit_report *r) {
    r->inferences = r->ranks[0].inferences;
    join_ends(r);
    vic_audit_sort_segments(r);
    sum_costs(r);
    return vic_audit_judge(r);
}

/* ---- together ---- */

static vic_status gather(vic_group *group, const void *mine, size_t n, size_t item, void *all,
                         size_t *count) {
    size_t size;
    VIC_TRY(vic_group_gather(group, mine, n * item, all, &size));
    *count = size / item;
    return VIC_OK;
}

static vic_status gather_list(vic_group *group, const vic_list *mine, void *all, size_t *count) {
    return gather(group, mine->items, mine->n, mine->item, all, count);
}

static vic_status gather_all(vic_group *group, const vic_audit *a, const vic_list *pairs,
                             vic_audit_report *r) {
    size_t n_ranks;
    bool first = a->me == 0;
    VIC_TRY(gather(group, &a->self, 1, sizeof a->self, &r->ranks, &n_ranks));
    VIC_TRY(gather_list(group, pairs, &r->pairs, &r->n_pairs));
    VIC_TRY(gather_list(group, &a->calls, &r->calls, &r->n_calls));
    VIC_TRY(gather_list(group, &a->allocations, &r->allocations, &r->n_allocations));
    VIC_TRY(gather_list(group, &a->segments, &r->segments, &r->n_segments));
    r->n_ranks = a->n_ranks;
    /* The same on every rank. */
    return gather(group, a->parameters.items, first ? a->parameters.n : 0, a->parameters.item, &r->parameters,
                  &r->n_parameters);
}

static void destroy(vic_audit **audit) {
    vic_audit *a = *audit;
    vic_interposer_record_destroy(&a->outside);
    vic_release(&a->to);
    vic_release(&a->from);
    vic_list_release(&a->calls);
    vic_list_release(&a->allocations);
    vic_list_release(&a->parameters);
    vic_list_release(&a->segments);
    vic_release(&a->path);
    vic_release(audit);
}

vic_status vic_audit_finish(vic_group *group, vic_audit_report *report) {
    vic_audit *a = vic_audit_now;
    vic_list pairs = {.item = sizeof(vic_audit_pair)};
    *report = (vic_audit_report){0};
    vic_interposer_set_record(NULL);
    vic_unsubscribe(&a->subscriber);
    vic_status status = vic_group_agree_on_status(group, sum_up(a, &pairs));
    if (status == VIC_OK)
        status = gather_all(group, a, &pairs, report);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(group, a->me == 0 ? complete(report) : VIC_OK);
    vic_list_release(&pairs);
    destroy(&vic_audit_now);
    if (status != VIC_OK)
        vic_audit_report_release(report);
    return status;
}

void vic_audit_report_release(vic_audit_report *report) {
    vic_release(&report->ranks);
    vic_release(&report->pairs);
    vic_release(&report->calls);
    vic_release(&report->allocations);
    vic_release(&report->parameters);
    vic_release(&report->segments);
    vic_release(&report->faults);
}
