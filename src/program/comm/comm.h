/* vicinal comm: what it measures and prints. */
#ifndef VIC_PROGRAM_COMM_COMM_H
#define VIC_PROGRAM_COMM_COMM_H

#include "model/sweep_grid.h"
#include "observe/cost.h"
#include "program/program.h"

#include <jansson.h>

enum { VIC_MOST_RUNS = 16 };

/* One algorithm with one setting. */
typedef struct vic_comm_run {
    vic_inference_options options;
    vic_communication communication;
} vic_comm_run;

/* One setting: the configured algorithm, then those that it is compared with. */
typedef struct vic_comm_setting {
    vic_session session; /* its config and placement */
    size_t batch;
    int ranks; /* that the network was placed on */
    size_t n_runs;
    vic_comm_run runs[VIC_MOST_RUNS];
} vic_comm_setting;

/* All combinations of what is swept over, in their order; one where nothing is. */
typedef struct vic_comm {
    vic_sweep_grid grid;
    int repeats;
    bool learns;
    size_t n_settings;
    vic_comm_setting *settings;
} vic_comm;

/* Collective. Whether every combination of comm->grid can be measured, as far as its config, its data and the
 * number of ranks show: a long sweep should not end at a setting that was wrong from the beginning. Errors:
 * VIC_BAD_CONFIG, VIC_BAD_FILE. */
vic_status vic_comm_check(const vic_comm *comm, vic_group *group, const vic_command_line *line);
/* Collective. Measures combination number `index` of comm->grid. Errors: VIC_BAD_CONFIG, VIC_BAD_FILE,
 * VIC_NOT_FINITE. *setting is released with vic_comm_setting_release on every rank, after an error too. */
vic_status vic_comm_measure(vic_comm_setting *setting, const vic_comm *comm, size_t index, vic_group *group,
                            const vic_command_line *line);
/* The configured algorithm and, unless it is to be alone, those beside it; nothing is run. */
void vic_comm_choose_runs(vic_comm_setting *setting, bool alone);
void vic_comm_setting_release(vic_comm_setting *setting);

/* Collective. --calibrate: measures this machine and writes it to line->calibrate. Errors: VIC_BAD_CONFIG,
 * VIC_BAD_FILE, VIC_NO_PEER. */
vic_status vic_comm_calibrate(vic_group *group, const vic_command_line *line);

/* Collective. The config of one combination, opened; `session` is closed by the caller, after an error too.
 * Errors: VIC_BAD_CONFIG, with --sweep KEY=VALUE in the text where that is wrong. */
vic_status vic_comm_open_config(vic_session *session, const vic_sweep_grid *grid, size_t index,
                                vic_group *group, const vic_command_line *line);

enum { VIC_RUN_NAME = 48 };
/* The name of its algorithm, and ", m = 4" with micro-batches; into `text`, which is returned. */
const char *vic_comm_name(const vic_comm_run *run, char text[VIC_RUN_NAME]);
enum { VIC_DURATION = 32 };
/* "12.3 us" into `text`, which is returned. */
const char *vic_duration_text(double seconds, char text[VIC_DURATION]);
const char *vic_comm_message_policy(const vic_comm_run *run); /* "event-driven" or "always" */

/* Local, on the rank that prints. */
void vic_comm_print_table(const vic_comm *comm);
/* The messages along every edge, per kind. */
json_t *vic_comm_edges_json(const vic_network *network, const vic_communication *c);
vic_status vic_comm_print_json(const vic_comm *comm);
/* Errors: VIC_BAD_FILE. */
vic_status vic_comm_write_csv(const vic_comm *comm, const char *path);
vic_status vic_comm_draw(const vic_comm *comm, const char *path);

#endif
