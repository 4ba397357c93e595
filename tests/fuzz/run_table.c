/* A table of a run folder, as report shows it. */
#include "run_folder.h"

void fuzz_run_table(const unsigned char *data, size_t size);

void fuzz_run_table(const unsigned char *data, size_t size) {
    json_t *json = NULL;
    const char *folder = fuzz_run_folder("metrics.csv", data, size);
    vic_status status = vic_report_table(folder, "metrics.csv", 40, &json);
    fuzz_reported(status, json);
}
