/* --trace: opened before a command, told and written after it. */
#include "program.h"

vic_status vic_tracing_begin(vic_trace **trace, const vic_command_line *line, vic_group *group) {
    return line->trace ? vic_trace_open(trace, group) : VIC_OK;
}

static vic_status write_and_say(const vic_command_line *line, const vic_trace_story *story) {
    VIC_TRY(vic_trace_write(story, line->trace));
    unsigned long long left_out = story->inferences - story->n_takes;
    fprintf(stderr, "trace of %llu inference%s in %s", (unsigned long long)story->inferences,
            story->inferences == 1 ? "" : "s", line->trace);
    if (left_out > 0)
        fprintf(stderr, ", without %llu in the middle", left_out);
    fputs(": open it in ui.perfetto.dev or chrome://tracing\n", stderr);
    return VIC_OK;
}

static vic_status tell(vic_trace *trace, const vic_command_line *line, vic_group *group) {
    vic_trace_story story;
    vic_status status = vic_trace_tell(trace, &story);
    if (status == VIC_OK)
        status = vic_group_agree(group, vic_group_rank(group) == 0 ? write_and_say(line, &story) : VIC_OK);
    vic_trace_story_release(&story);
    return status;
}

/* Whether all ranks have come to the end of the command together, and inferences may have run. */
static bool is_worth_telling(vic_status status) {
    return status == VIC_OK || status == VIC_CHECK_FAILED || status == VIC_NOT_FINITE ||
           status == VIC_INTERRUPTED;
}

vic_status vic_tracing_end(vic_trace **trace, const vic_command_line *line, vic_group *group,
                           vic_status status) {
    char *text = NULL;
    if (*trace && is_worth_telling(status)) {
        vic_status kept = status == VIC_OK ? VIC_OK : vic_format(&text, "%s", vic_error_text());
        vic_status told = tell(*trace, line, group);
        if (status == VIC_OK)
            status = told;
        else if (kept == VIC_OK)
            vic_fail(status, "%s", text);
    }
    vic_release(&text);
    vic_trace_close(trace);
    return status;
}
