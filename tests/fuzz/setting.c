/* The text of --set. */
#include "fuzz.h"

#include "config/config.h"

#include <stdlib.h>

static const char whole[] =
    "network: {input: [3], layers: [[linear: 4, relu], linear: 2], loss: cross-entropy}\n"
    "inference: {algorithm: strict, steps: 4}\n"
    "learning: {optimizer: {adam: {rate: 0.1}}, batch: 2, epochs: 1}\n"
    "data: {format: idx, train: {inputs: a, labels: b}}\n";

void fuzz_setting(const unsigned char *data, size_t size);

void fuzz_setting(const unsigned char *data, size_t size) {
    vic_config *config;
    char *text = fuzz_text(data, size);
    const char *overrides[] = {text};
    vic_status status = vic_config_parse(&config, "x.yaml", whole, sizeof whole - 1, overrides, 1);
    fuzz_ended(status, VIC_BAD_CONFIG);
    if (status == VIC_OK)
        vic_config_destroy(&config);
    free(text);
}
