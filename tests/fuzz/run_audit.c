/* The audit of a run folder, as report shows it. */
#include "run_folder.h"

void fuzz_run_audit(const unsigned char *data, size_t size);

void fuzz_run_audit(const unsigned char *data, size_t size) {
    json_t *json = NULL;
    const char *folder = fuzz_run_folder("audit.json", data, size);
    vic_status status = vic_report_audit(folder, &json);
    fuzz_reported(status, json);
}
