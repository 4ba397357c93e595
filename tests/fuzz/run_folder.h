/* A file of a run folder, for what report reads of it. */
#ifndef VICINAL_TESTS_FUZZ_RUN_FOLDER_H
#define VICINAL_TESTS_FUZZ_RUN_FOLDER_H

#include "fuzz.h"

#include "program/report/report.h"

/* The folder, which has the file `name` with these bytes until the next call, and no other. */
const char *fuzz_run_folder(const char *name, const unsigned char *data, size_t size);
/* What a reader of it made: JSON that can be written. */
void fuzz_reported(vic_status status, json_t *json);

#endif
