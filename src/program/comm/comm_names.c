/* What the tables and files of comm call a run. */
#include "comm.h"

const char *vic_comm_message_policy(const vic_comm_run *run) {
    return run->options.always ? "always" : "event-driven";
}

const char *vic_comm_name(const vic_comm_run *run, char text[VIC_RUN_NAME]) {
    const char *algorithm = vic_algorithm_name(run->options.algorithm);
    if (run->options.microbatches > 1)
        snprintf(text, VIC_RUN_NAME, "%s, m = %d", algorithm, run->options.microbatches);
    else
        snprintf(text, VIC_RUN_NAME, "%s", algorithm);
    return text;
}
