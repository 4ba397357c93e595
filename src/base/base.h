/* What every room stands on: status codes with a text, and memory. Nothing here is collective. */
#ifndef VIC_BASE_BASE_H
#define VIC_BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first six are the exit codes of the program. */
typedef enum vic_status {
    VIC_OK = 0,
    VIC_CHECK_FAILED = 1, /* a verification ran and found a difference */
    VIC_BAD_CONFIG = 2,   /* wrong command line or config text */
    VIC_BAD_FILE = 3,     /* any other file: missing, corrupt, unwritable, or unfit for the network */
    VIC_NOT_FINITE = 4,   /* NaN or infinity arose during inference or learning */
    VIC_INTERRUPTED = 5,  /* stopped by a signal, state saved */
    VIC_NO_MEMORY = 6,
    VIC_NO_PEER = 7, /* a message could not be sent or did not come */
} vic_status;

/* A short name of the code, for example "bad file". Never NULL. */
const char *vic_status_name(vic_status status);

/* Records a printf-style text for the calling thread and returns `status`, so that a function can `return
 * vic_fail(VIC_BAD_FILE, "%s: ...", path)`. A text names what is wrong, where, and what to do. */
vic_status vic_fail(vic_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text of the calling thread's last vic_fail. Owned by the library, valid until the next vic_fail. */
const char *vic_error_text(void);

#define VIC_TRY(expression)                                                                                  \
    do {                                                                                                     \
        vic_status vic_try_status_ = (expression);                                                           \
        if (vic_try_status_ != VIC_OK)                                                                       \
            return vic_try_status_;                                                                          \
    } while (0)

/* ---- sizes: products and sums that do not overflow ---- */

/* a * b and a + b, or SIZE_MAX where that is more; what began as SIZE_MAX stays so, unless it is multiplied
 * by 0. */
size_t vic_size_product(size_t a, size_t b);
size_t vic_size_sum(size_t a, size_t b);

/* The most numbers in one array: as many float64 as can be addressed. */
#define VIC_MOST_NUMBERS ((size_t)PTRDIFF_MAX / sizeof(double))

/* ---- memory ---- */

/* *memory becomes `count` zeroed items of `size` bytes, aligned to 64 bytes; the caller frees it with
 * vic_release. count = 0 gives one usable item. Errors: VIC_NO_MEMORY, also when count * size overflows. */
vic_status vic_allocate(size_t count, size_t size, void *memory);

/* Bytes of arrays. With `forecast` the same code counts them and allocates none. */
typedef struct vic_memory_counter {
    bool forecast;
    size_t bytes;
} vic_memory_counter;

/* As vic_allocate, and memory_counter->bytes grows by what the array takes; a forecast gives one item in its
 * place, to be released like any other. NULL: not counted. */
vic_status vic_allocate_counted(vic_memory_counter *memory_counter, size_t count, size_t size, void *memory);

/* Bytes of an array of `count` items of `size` bytes, as a memory counter counts them. */
size_t vic_allocated_bytes(size_t count, size_t size);
/* As vic_release, and its bytes are subtracted from the counter. *memory may be NULL. */
void vic_release_counted(vic_memory_counter *memory_counter, size_t count, size_t size, void *memory);

/* Frees *memory and sets it to NULL. `memory` is the address of a pointer; *memory may be NULL. */
void vic_release(void *memory);

/* *items, an array of `count` items of `size` bytes that was only grown by this, gets capacity for one more:
 * it becomes a copy where count is 0 or a power of 2. Freed with vic_release. Errors: VIC_NO_MEMORY. */
vic_status vic_grow(void *items, size_t count, size_t size);

/* *copy becomes a new string, printf-style; the caller frees it with vic_release. */
vic_status vic_format(char **copy, const char *format, ...) __attribute__((format(printf, 2, 3)));
vic_status vic_format_list(char **copy, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* The candidate that is closest to `word` by edit distance, or NULL when none is near enough to be a
 * plausible slip. `names` holds `count` strings, NULL entries are passed over. */
const char *vic_nearest(const char *word, const char *const *names, size_t count);

enum { VIC_NUMBER_TEXT = 32 };

/* Numbers as text, the same in every locale. *value becomes the decimal number that `text` is from end to end
 * (YAML 1.2: 1, -0.5, .5, 1e-3); *is_number is false when it is not one. Too large a number becomes an
 * infinity. Errors: VIC_NO_MEMORY. */
vic_status vic_number_read(const char *text, bool *is_number, double *value);
/* The shortest usual form that reads back as `value`, into `text` of VIC_NUMBER_TEXT bytes.
 * Errors: VIC_NO_MEMORY. */
vic_status vic_number_write(double value, char *text);

/* Seconds on a clock that never goes back, from an arbitrary origin. */
double vic_now(void);

#endif
