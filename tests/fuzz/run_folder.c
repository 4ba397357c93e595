#include "run_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/dev/shm/vicinal-fuzz-XXXXXX", path[64];

static void remove_folder(void) {
    unlink(path);
    rmdir(folder);
}

const char *fuzz_run_folder(const char *name, const unsigned char *data, size_t size) {
    if (path[0] == '\0') {
        fuzz_demand(mkdtemp(folder) != NULL);
        snprintf(path, sizeof path, "%s/%s", folder, name);
        atexit(remove_folder);
    }
    FILE *file = fopen(path, "wb");
    fuzz_demand(file != NULL && (size == 0 || fwrite(data, 1, size, file) == size) && fclose(file) == 0);
    return folder;
}

void fuzz_reported(vic_status status, json_t *json) {
    fuzz_ended(status, VIC_BAD_FILE);
    if (status != VIC_OK)
        return;
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    fuzz_demand(text != NULL);
    free(text);
    json_decref(json);
}
