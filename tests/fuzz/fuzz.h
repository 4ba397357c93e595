/* Readers under fuzzing: each target gives the bytes to one reader, which must read or refuse them. */
#ifndef VICINAL_TESTS_FUZZ_H
#define VICINAL_TESTS_FUZZ_H

#include "learning/learning.h"

typedef void fuzz_reader(const unsigned char *data, size_t size);

/* Ends the process at the line of what does not hold. */
#define fuzz_demand(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* The target of this name; NULL: there is none. */
fuzz_reader *fuzz_find(const char *name);

/* A reader ended with `status`: it is VIC_OK, or `expected` with a text. */
void fuzz_ended(vic_status status, vic_status expected);

/* The path of a file that holds these bytes, until the next call with the same slot. */
enum { FUZZ_SLOTS = 2 };
const char *fuzz_file(int slot, const unsigned char *data, size_t size);

/* *text becomes a zero-terminated copy, of its own so that a read behind its end is seen; freed by free. */
char *fuzz_text(const unsigned char *data, size_t size);

/* A small network that learns, on this process alone; the same one in every call. */
typedef struct fuzz_model {
    vic_network *network;
    vic_inference *inference;
    vic_trainer *trainer;
} fuzz_model;
const fuzz_model *fuzz_small_model(void);

/* Reads inputs and labels in this format. */
void fuzz_data(const char *format, const unsigned char *data, size_t size);

#endif
