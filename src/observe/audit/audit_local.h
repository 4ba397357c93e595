/* What one rank has under audit, for this room alone. */
#ifndef VIC_OBSERVE_AUDIT_AUDIT_LOCAL_H
#define VIC_OBSERVE_AUDIT_AUDIT_LOCAL_H

#include "audit.h"
#include "mpi_interposer.h"

/* One inference, from its first run to its end. */
typedef struct vic_stage {
    vic_inference *inference;
    vic_interposer_record *inside;
    double began;
    struct vic_stage *next;
} vic_stage;

/* A list that grows. */
typedef struct vic_list {
    size_t item, n, capacity;
    char *items;
} vic_list;

typedef struct vic_audit {
    int me, n_ranks;
    vic_interposer_record *outside; /* of all inferences */
    vic_stage *stages;
    vic_subscriber subscriber;
    vic_audit_pair *to, *from; /* per rank: this rank's messages there, and its receives from there */
    vic_audit_rank self;
    vic_list calls, allocations, parameters, segments;
    bool inventory_taken; /* of the first inference */
    vic_status trouble;   /* something could not be noted */
    char *path;
} vic_audit;

/* The one that runs; NULL: none. */
extern vic_audit *vic_audit_now;

vic_status vic_list_add(vic_list *list, const void *item);
void vic_list_release(vic_list *list);

/* Adds the counts inside the inferences of this stage, beside those of the ledger; ends the stage. */
void vic_audit_close_stage(vic_audit *a, vic_stage *stage);
/* Adds calls to the list by their names. */
vic_status vic_audit_add_calls(vic_audit *a, const vic_interposer_record *record, bool inside);

/* Checks what this rank holds of an inference; the first one's arrays and parameters go to the lists. */
void vic_audit_take_inventory(vic_audit *a, vic_inference *x);

/* Lists the shared memory that this rank has mapped now, and what the edges of this inference have of it.
 * Errors: VIC_NO_MEMORY. */
vic_status vic_audit_list_segments(vic_audit *a, vic_inference *x);
/* Sorts the segments of all ranks. */
void vic_audit_sort_segments(vic_audit_report *report);

/* Records a fault of this rank's inventory. */
void vic_audit_blame(vic_audit *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Judges a report that is complete but for its verdict. Errors: VIC_NO_MEMORY. */
vic_status vic_audit_judge(vic_audit_report *report);

/* Measures the overhead of counting a call, and of the begin and end of an inference, in seconds. */
void vic_audit_measure(double *call_cost, double *inference_cost);

#endif
