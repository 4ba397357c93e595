/* Sums over a report. */
#include "audit.h"

#include <string.h>

int vic_audit_populations(const vic_audit_report *r) {
    int n = 0;
    for (size_t i = 0; i < r->n_allocations; i++)
        n = r->allocations[i].population >= n ? r->allocations[i].population + 1 : n;
    return n;
}

size_t vic_audit_bytes_of(const vic_audit_report *r, int population, vic_allocation_kind kind) {
    size_t bytes = 0;
    for (size_t i = 0; i < r->n_allocations; i++)
        if (r->allocations[i].kind == kind && (population < 0 || r->allocations[i].population == population))
            bytes += r->allocations[i].bytes;
    return bytes;
}

size_t vic_audit_parameter_bytes(const vic_audit_report *r) {
    size_t bytes = 0;
    for (size_t i = 0; i < r->n_parameters; i++)
        bytes += r->parameters[i].bytes;
    return bytes;
}

uint64_t vic_audit_messages(const vic_audit_report *r, vic_ledger_sum *shared) {
    uint64_t all = 0;
    *shared = (vic_ledger_sum){0};
    for (size_t i = 0; i < r->n_pairs; i++) {
        all += r->pairs[i].ledger_messages + r->pairs[i].shared_messages;
        shared->messages += r->pairs[i].shared_messages;
        shared->bytes += r->pairs[i].shared_bytes;
    }
    return all;
}

vic_audit_call *vic_audit_sum_calls(const vic_audit_report *r, size_t *n) {
    vic_audit_call *sums;
    *n = 0;
    if (vic_allocate(r->n_calls, sizeof *sums, &sums) != VIC_OK)
        return NULL;
    for (size_t i = 0; i < r->n_calls; i++) {
        const vic_audit_call *c = &r->calls[i];
        size_t k = 0;
        if (c->outside_calls == 0)
            continue;
        while (k < *n && strcmp(sums[k].name, c->name) != 0)
            k++;
        if (k == *n)
            memcpy(sums[(*n)++].name, c->name, sizeof c->name);
        sums[k].outside_calls += c->outside_calls;
        sums[k].outside_bytes += c->outside_bytes;
    }
    return sums;
}
