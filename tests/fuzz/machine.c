/* Machine files: what is read survives being written. */
#include "run_folder.h"

#include "base/file.h"
#include "config/machine_file.h"

#include <stdio.h>
#include <stdlib.h>

static void write_and_read(const vic_machine *machine) {
    vic_machine *again;
    char *text;
    size_t size;
    char path[128];
    snprintf(path, sizeof path, "%s/machine.yaml", fuzz_run_folder("machine.yaml", NULL, 0));
    fuzz_demand(vic_machine_write(machine, path, "written") == VIC_OK);
    fuzz_demand(vic_read_file(path, VIC_BAD_FILE, &text, &size) == VIC_OK);
    fuzz_demand(vic_machine_parse(&again, "x.yaml", text, size) == VIC_OK);
    vic_machine_destroy(&again);
    vic_release(&text);
}

void fuzz_machine(const unsigned char *data, size_t size);

void fuzz_machine(const unsigned char *data, size_t size) {
    vic_machine *machine;
    char *text = fuzz_text(data, size);
    vic_status status = vic_machine_parse(&machine, "x.yaml", text, size);
    fuzz_ended(status, VIC_BAD_CONFIG);
    if (status == VIC_OK) {
        write_and_read(machine);
        vic_machine_destroy(&machine);
    }
    free(text);
}
