/* A command under audit: it runs as ever, and the verdict follows its result. */
#include "audited.h"
#include "audit_json.h"
#include "json.h"

#include "observe/audit/audit.h"

#include <string.h>

enum { TEXT = 1024 };

static vic_status keep(const char *path, const json_t *audit) {
    char *text = json_dumps(audit, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    if (text == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory while writing JSON");
    vic_status status = vic_write_file(path, text, strlen(text));
    free(text);
    return status;
}

/* On the rank that prints. */
static vic_status print_report(const vic_audit_report *report, const char *path, bool json) {
    json_t *audit = vic_audit_json(report);
    vic_status status = path ? keep(path, audit) : VIC_OK;
    if (json) {
        vic_status printed = vic_json_let_go("audit", audit);
        return status ? status : printed;
    }
    json_decref(audit);
    vic_audit_print(stdout, report);
    return status;
}

static vic_status judge(const vic_audit_report *report) {
    if (report->passed)
        return VIC_OK;
    return vic_fail(VIC_CHECK_FAILED, "the audit failed: %s", report->faults[0]);
}

/* A run that failed before any inference has nothing to be audited. */
static vic_status conclude(const vic_command_line *line, vic_group *group, vic_status result) {
    vic_audit_report report;
    char text[TEXT], *path = NULL;
    snprintf(text, sizeof text, "%s", vic_error_text());
    vic_status status = vic_audit_kept() ? vic_format(&path, "%s", vic_audit_kept()) : VIC_OK;
    if (status == VIC_OK)
        status = vic_audit_finish(group, &report);
    if (status == VIC_OK) {
        if (vic_group_rank(group) == 0 && (result == VIC_OK || report.inferences > 0))
            status = print_report(&report, path, line->json);
        if (vic_group_rank(group) == 0 && status == VIC_OK)
            status = judge(&report);
        vic_audit_report_release(&report);
        status = vic_group_agree_on_status(group, status);
    }
    vic_release(&path);
    return result ? vic_fail(result, "%s", text) : status;
}

vic_status vic_run_audited(vic_run *run, const vic_command_line *line, vic_group *group) {
    VIC_TRY(vic_audit_start(group));
    if (line->json)
        vic_json_hold_back();
    vic_status result = run(line, group);
    return result >= VIC_NO_MEMORY ? result : conclude(line, group, result);
}
