/* --trace: opened before a command, collected and written after it. */
#include "program.h"

vic_status vic_tracing_begin(vic_trace **trace, const vic_command_line *line, vic_group *group) {
    return line->trace ? vic_trace_open(trace, group) : VIC_OK;
}

static vic_status write_and_report(const vic_command_line *line, const vic_trace_data *trace_data) {
    VIC_TRY(vic_trace_write(trace_data, line->trace));
    unsigned long long left_out = trace_data->inferences - trace_data->n_takes;
    fprintf(stderr, "trace of %llu inference%s in %s", (unsigned long long)trace_data->inferences,
            trace_data->inferences == 1 ? "" : "s", line->trace);
    if (left_out > 0)
        fprintf(stderr, ", without %llu in the middle", left_out);
    fputs(": open it in ui.perfetto.dev or chrome://tracing\n", stderr);
    return VIC_OK;
}

static vic_status write_trace(vic_trace *trace, const vic_command_line *line, vic_group *group) {
    vic_trace_data trace_data;
    vic_status status = vic_trace_collect(trace, &trace_data);
    if (status == VIC_OK)
        status = vic_group_agree_on_status(
            group, vic_group_rank(group) == 0 ? write_and_report(line, &trace_data) : VIC_OK);
    vic_trace_data_release(&trace_data);
    return status;
}

/* Whether all ranks have come to the end of the command together, and inferences may have run. */
static bool has_trace(vic_status status) {
    return status == VIC_OK || status == VIC_CHECK_FAILED || status == VIC_NOT_FINITE ||
           status == VIC_INTERRUPTED;
}

vic_status vic_tracing_end(vic_trace **trace, const vic_command_line *line, vic_group *group,
                           vic_status status) {
    char *text = NULL;
    if (*trace && has_trace(status)) {
        vic_status kept = status == VIC_OK ? VIC_OK : vic_format(&text, "%s", vic_error_text());
        vic_status written = write_trace(*trace, line, group);
        if (status == VIC_OK)
            status = written;
        else if (kept == VIC_OK)
            vic_fail(status, "%s", text);
    }
    vic_release(&text);
    vic_trace_close(trace);
    return status;
}
