/* vicinal report: what it finds out about a run, and how that becomes the data of a page. */
#ifndef VIC_PROGRAM_REPORT_REPORT_H
#define VIC_PROGRAM_REPORT_REPORT_H

#include "observe/cost.h"
#include "observe/recording.h"
#include "program/program.h"
#include "verify/verify.h"

#include <jansson.h>

enum {
    VIC_REPORT_RUNS = 16,
    VIC_REPORT_SAMPLES = 3,
    VIC_REPORT_STEPS = 48,      /* that a page plays at most */
    VIC_REPORT_NEURONS = 256,   /* that it shows of a population at most, ... */
    VIC_REPORT_PIXELS = 3072,   /* ... and of the input, which never changes */
    VIC_REPORT_BYTES = 1500000, /* that beliefs and errors may take */
};

/* One algorithm with one setting, on the batch of the report. */
typedef struct vic_report_run {
    vic_inference_options options;
    bool configured;
    int played, compared;    /* steps of the recording; and of the trajectory, which has no closing ones */
    vic_layer_check *layers; /* after options.steps */
    vic_layer_check *trajectory; /* compared times layers; NULL of a single pass */
    vic_communication communication;
    vic_recording *recording;
} vic_report_run;

/* One sample of the batch that is looked into. */
typedef struct vic_report_sample {
    size_t index;
    const char *about; /* why this one */
    int64_t class, predicted;
} vic_report_sample;

typedef struct vic_report {
    const char *folder;
    vic_session session;
    size_t batch;
    size_t n_samples;
    vic_report_sample samples[VIC_REPORT_SAMPLES];
    size_t n_runs; /* the configured one first */
    vic_report_run runs[VIC_REPORT_RUNS];
} vic_report;

/* Collective. Chooses samples and runs everything on a network that is placed; on rank 0 the report is
 * complete afterwards. Released with vic_report_release on every rank, after an error too. Errors:
 * VIC_NOT_FINITE, where the configured algorithm is at fault; others are left out. */
vic_status vic_report_run_all(vic_report *report, const char *weights, const vic_source *data);
void vic_report_release(vic_report *report);

/* Local, on rank 0. *json becomes all data of the page. Errors: VIC_BAD_FILE, VIC_NO_MEMORY. */
vic_status vic_report_json(const vic_report *report, json_t **json);

/* ---- its parts ---- */

/* How a population is shown: so many maps of rows by columns, `count` numbers in all; of the pixels of a map
 * every stride-th. */
typedef struct vic_report_view {
    size_t maps, rows, columns, stride, count;
} vic_report_view;

/* Local. At most about `limit` numbers of a shape. */
vic_report_view vic_report_view_of(vic_shape shape, size_t limit);
/* Local. A row of numbers in few bytes: 0 where all are 0, otherwise [scale, base64 of signed bytes], a
 * number being scale * byte / 127. NULL where memory runs out. */
json_t *vic_report_row(vic_shape shape, vic_report_view view, const double *numbers);
/* Local. A CSV file of the run folder as {columns, rows, left_out}: at most `most` groups of rows, which
 * share the number in their first column. JSON null where there is no such file. Errors: VIC_BAD_FILE. */
vic_status vic_report_table(const char *folder, const char *name, size_t most, json_t **table);
/* Local. What a page shows of the folder's audit.json; JSON null where there is none. Errors: VIC_BAD_FILE.
 */
vic_status vic_report_audit(const char *folder, json_t **audit);

#endif
