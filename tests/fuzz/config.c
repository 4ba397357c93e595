/* Configs: what is read survives its resolved form. */
#include "fuzz.h"

#include "config/config.h"

#include <stdlib.h>
#include <string.h>

void fuzz_config(const unsigned char *data, size_t size);

void fuzz_config(const unsigned char *data, size_t size) {
    vic_config *config, *again;
    char *text = fuzz_text(data, size), *resolved;
    vic_status status = vic_config_parse(&config, "x.yaml", text, size, NULL, 0);
    fuzz_ended(status, VIC_BAD_CONFIG);
    if (status == VIC_OK) {
        fuzz_demand(vic_config_resolved(config, &resolved) == VIC_OK);
        fuzz_demand(vic_config_parse(&again, "x.yaml", resolved, strlen(resolved), NULL, 0) == VIC_OK);
        vic_config_destroy(&again);
        vic_release(&resolved);
        vic_config_destroy(&config);
    }
    free(text);
}
