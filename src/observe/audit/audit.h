/* vicinal --audit: what an independent MPI interposer counted in a run, and the allocated arrays of every
 * rank.
 *
 *     vic_audit_start ... the command runs ... vic_audit_finish
 *
 * Messages inside an inference may go from rank to rank where the network's edges and the placement join the
 * two, which is worked out here once more, and nothing else may happen there. */
#ifndef VIC_OBSERVE_AUDIT_AUDIT_H
#define VIC_OBSERVE_AUDIT_AUDIT_H

#include "data/dataset.h"
#include "learning/learning.h"

#include <stdio.h>

enum { VIC_AUDIT_NAME = 64, VIC_AUDIT_FAULT = 240 };

/* What went from one rank to another, over all inferences and around them. */
typedef struct vic_audit_pair {
    int from, to;
    bool wired;                             /* an edge joined populations of the two */
    uint64_t messages, bytes;               /* inside inferences, as seen where they are sent */
    uint64_t received;                      /* receives begun for them, as seen at the other end */
    uint64_t ledger_messages, ledger_bytes; /* the same, by the ledger */
    uint64_t shared_messages, shared_bytes; /* through shared memory, by the ledger alone */
    uint64_t disagreements;                 /* inferences whose ledger differs */
    uint64_t stray_messages, stray_bytes;   /* where no edge joined the two */
    uint64_t stray_receives;
    uint64_t outside_messages, outside_bytes; /* between inferences */
} vic_audit_pair;

/* A call of one rank that is more than a message between two ranks. */
typedef struct vic_audit_call {
    int rank;
    char name[VIC_AUDIT_NAME];
    uint64_t inside_calls, inside_bytes, outside_calls, outside_bytes;
} vic_audit_call;

/* One array that a rank holds for a population. */
typedef struct vic_audit_allocation {
    int rank, population;
    vic_allocation_kind kind;
    char name[VIC_AUDIT_NAME];
    int n_dims;
    size_t dim[VIC_MAX_RANK + 1];
    size_t bytes;
} vic_audit_allocation;

/* The counts of one rank. */
typedef struct vic_audit_rank {
    uint64_t inferences;
    uint64_t all_calls; /* calls inside inferences */
    uint64_t from_any_source, outside_world;
    uint64_t within_messages, within_bytes; /* between populations of this rank, in memory, by the ledger */
    double seconds;                         /* inside inferences */
    double call_cost,
        inference_cost; /* of noting a call, and the begin and end of an inference, in seconds */
    uint64_t inventory_faults;
    char inventory_fault[VIC_AUDIT_FAULT]; /* the first of them */
} vic_audit_rank;

/* Shared memory for messages that a rank has mapped, as its process's list of mappings says. */
typedef struct vic_audit_segment {
    int rank, edge; /* edge -1: no inference declares it */
    char name[VIC_AUDIT_NAME];
    size_t writable, readable; /* bytes mapped for writing, and for reading alone */
    size_t declared;           /* bytes that the edge declares */
} vic_audit_segment;

/* A parameter of the network, which one population has to hold. */
typedef struct vic_audit_parameter {
    char name[VIC_AUDIT_NAME];
    int population; /* whose it is */
    size_t bytes;
} vic_audit_parameter;

/* All of it, on rank 0. */
typedef struct vic_audit_report {
    bool passed, ledger_agrees, inventory_agrees;
    int n_ranks;
    uint64_t inferences;
    vic_audit_rank *ranks;
    size_t n_pairs, n_calls, n_allocations, n_parameters, n_segments, n_faults;
    vic_audit_pair
        *pairs; /* from the first rank to the last, those that are connected by an edge or sent something */
    vic_audit_call *calls;             /* rank by rank */
    vic_audit_allocation *allocations; /* of the first inference, rank by rank */
    vic_audit_parameter *parameters;
    vic_audit_segment *segments; /* by name, then by rank */
    char (*faults)[VIC_AUDIT_FAULT];
    double call_cost, inference_cost,
        overhead; /* seconds; share of the time inside inferences, busiest rank */
} vic_audit_report;

/* Collective. Starts to count, on every rank. Errors: VIC_BAD_CONFIG where MPI has no profiling interface,
 * VIC_NO_MEMORY. */
vic_status vic_audit_start(vic_group *group);
/* Local. Does an audit run? */
bool vic_audit_runs(void);

/* Local. Nothing unless an audit runs: adds arrays that belong to no inference to the inventory, before it
 * ends. */
void vic_audit_add_trainer(const vic_trainer *trainer, const vic_inference *inference);
void vic_audit_add_data(const vic_dataset *dataset, const vic_network *network);
/* The report is to be kept in this file too; the text is copied. */
void vic_audit_keep(const char *path);
const char *vic_audit_kept(void); /* NULL: nowhere */

/* Collective. Ends the audit and judges; *report is complete on rank 0 and freed with
 * vic_audit_report_release. Errors: VIC_NO_MEMORY, VIC_NO_PEER, not the verdict. */
vic_status vic_audit_finish(vic_group *group, vic_audit_report *report);
void vic_audit_report_release(vic_audit_report *report);

/* ---- sums over a report ---- */

/* One more than the highest number of a population that holds something. */
int vic_audit_populations(const vic_audit_report *report);
/* Bytes that a population holds of one kind; population -1: all. */
size_t vic_audit_bytes_of(const vic_audit_report *report, int population, vic_allocation_kind kind);
/* Bytes of the network's parameters, each once. */
size_t vic_audit_parameter_bytes(const vic_audit_report *report);
/* Messages between ranks, and those of them that went through shared memory. */
uint64_t vic_audit_messages(const vic_audit_report *report, vic_ledger_sum *shared);
/* Calls outside inferences by name, over all ranks: *n of them, freed by the caller; NULL where memory runs
 * out. */
vic_audit_call *vic_audit_sum_calls(const vic_audit_report *report, size_t *n);

/* ---- printing, on rank 0 ---- */

void vic_audit_print(FILE *to, const vic_audit_report *report);

#endif
