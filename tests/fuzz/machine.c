/* Machine files. */
#include "fuzz.h"

#include "config/machine_file.h"

#include <stdlib.h>

void fuzz_machine(const unsigned char *data, size_t size);

void fuzz_machine(const unsigned char *data, size_t size) {
    vic_machine *machine;
    char *text = fuzz_text(data, size);
    vic_status status = vic_machine_parse(&machine, "x.yaml", text, size);
    fuzz_ended(status, VIC_BAD_CONFIG);
    if (status == VIC_OK)
        vic_machine_destroy(&machine);
    free(text);
}
