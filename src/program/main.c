#include "audited.h"

#include "base/pool.h"
#include "messages/group_mpi.h"
#include "messages/launcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A rank uses its own cores unless the line says otherwise. Threads poll only where each has one of them. */
static vic_status start_threads(const vic_command_line *line, vic_group *group) {
    int cores = vic_group_cores(group), threads = line->n_threads > 0 ? line->n_threads : cores;
    int granted;
    MPI_Query_thread(&granted);
    if (vic_time_is_simulated() || granted < MPI_THREAD_FUNNELED)
        threads = 1;
    vic_blas_use_one_thread();
    return vic_group_agree_on_status(group,
                                     vic_pool_start(threads, threads <= cores, vic_blas_use_one_thread));
}

static vic_status run_command(const vic_command_line *line, vic_group *group) {
    vic_trace *trace = NULL;
    VIC_TRY(vic_group_agree_on_level(group, line->level));
    VIC_TRY(start_threads(line, group));
    vic_detect_anomalies(line->detect_anomalies);
    VIC_TRY(vic_group_agree_on_status(group, vic_group_rank(group) == 0 ? vic_outputs_try(line) : VIC_OK));
    VIC_TRY(vic_tracing_begin(&trace, line, group));
    return vic_tracing_end(&trace, line, group, line->command->run(line, group));
}

static vic_status dispatch(const vic_command_line *line, vic_group *group) {
    bool prints = vic_group_rank(group) == 0;
    if (line->version) {
        if (prints)
            vic_print_version(stdout);
        return VIC_OK;
    }
    if (line->help_config)
        return prints ? vic_config_help(stdout, line->help_key) : VIC_OK;
    if (line->help_completion) {
        if (prints)
            vic_print_completion(stdout);
        return VIC_OK;
    }
    if (line->help) {
        if (prints)
            vic_print_help(stdout, line->command);
        return VIC_OK;
    }
    VIC_TRY(vic_set_transport(group, line));
    return line->audit ? vic_run_audited(run_command, line, group) : run_command(line, group);
}

/* Up to VIC_INTERRUPTED every rank has agreed on a failure and ends in order. A message that did not arrive,
 * or a failed allocation, may have been detected on this rank alone: then the others have to be aborted. */
static void end_if_alone(vic_status status, const vic_group *group) {
    bool all_know = status == VIC_NO_MEMORY && group && vic_group_agreed_status(group) == status;
    if (status < VIC_NO_MEMORY || all_know)
        return;
    fprintf(stderr, "vicinal: %s\n", vic_error_text());
    MPI_Abort(MPI_COMM_WORLD, (int)status);
}

/* A result that did not reach stdout is no success. */
static vic_status deliver(vic_status status) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    /* The reason of an earlier failure, as of a stdout that some MPIs leave unbuffered, is lost: another
     * write finds it again. */
    if (errno == 0 && putchar('\n') != EOF)
        fflush(stdout);
    return status ? status
                  : vic_fail(VIC_BAD_FILE, "stdout cannot be written: %s", strerror(errno ? errno : EIO));
}

static bool is_place_in(const char *path) {
    size_t length = path ? strlen(path) : 0;
    return length > 0 && strncmp(vic_error_text(), path, length) == 0 && vic_error_text()[length] == ':';
}

/* Does the text start with a place in the config, or in the machine? Editors find "file:line:column:" at the
 * start of a line. */
static bool is_placed(vic_status status, const vic_command_line *line) {
    bool is_config = line->command && line->command->operand == NULL;
    return (is_config && is_place_in(line->config)) ||
           (status == VIC_BAD_CONFIG && is_place_in(line->machine));
}

/* As "Open MPI v4.1.4" or "MPICH Version: 4.0.2". */
static void name_mpi(char name[MPI_MAX_LIBRARY_VERSION_STRING]) {
    int length;
    MPI_Get_library_version(name, &length);
    name[strcspn(name, ",\n")] = '\0';
    for (char *tab = name; (tab = strchr(tab, '\t')) != NULL;)
        *tab = ' ';
}

/* Whether this is one of several processes that do not see each other. Asking for help needs no others. */
static vic_status check_launch(const vic_launch *launch, const vic_command_line *line,
                               const vic_group *group) {
    char mpi[MPI_MAX_LIBRARY_VERSION_STRING];
    if (line->help || line->version)
        return VIC_OK;
    name_mpi(mpi);
    return vic_launch_check(launch, vic_group_size(group), mpi);
}

/* Open MPI 5.0's launcher reads stdout in pieces, and writes the first part of a line that it holds in front
 * of the next text from stderr; stdout lacks it then (launch/guide/systems.md). */
static void let_stdout_pass(void) {
    enum { NANOSECONDS = 100 * 1000 * 1000 };
    if (getenv("PMIX_RANK"))
        nanosleep(&(struct timespec){.tv_nsec = NANOSECONDS}, NULL);
}

static void report(vic_status status, const vic_command_line *line, const vic_group *group) {
    if (status == VIC_OK || vic_group_rank(group) != 0)
        return;
    let_stdout_pass();
    fprintf(stderr, "%s%s\n", is_placed(status, line) ? "" : "vicinal: ", vic_error_text());
}

int main(int argc, char **argv) {
    vic_group *group;
    vic_command_line line;
    int granted;
    const vic_launch launch = vic_launch_read(getenv);
    vic_inherit_signals();
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &granted);
    vic_status status = vic_group_create(&group, MPI_COMM_WORLD);
    end_if_alone(status, NULL);
    status = vic_command_line_read(&line, argc, argv);
    vic_status stray = check_launch(&launch, &line, group);
    if (stray == VIC_OK && status == VIC_OK)
        status = dispatch(&line, group);
    end_if_alone(status, group);
    status = deliver(stray ? stray : status);
    if (stray == VIC_OK || launch.prints)
        report(status, &line, group);
    vic_pool_stop();
    vic_command_line_release(&line);
    vic_group_destroy(&group);
    MPI_Finalize();
    return (int)status;
}
