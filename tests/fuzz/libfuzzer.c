/* The target that the environment names in VICINAL_FUZZ, for libFuzzer. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static fuzz_reader *reader;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *name = getenv("VICINAL_FUZZ");
    (void)argc, (void)argv;
    reader = fuzz_find(name ? name : "");
    if (reader == NULL) {
        fprintf(stderr, "VICINAL_FUZZ has to be a target, not '%s'\n", name ? name : "");
        exit(2);
    }
    fuzz_small_model(); /* what MPI never gives back is no leak of a reader */
    return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
    reader(data, size);
    return 0;
}
