/* Bytes between memory and files, for the readers and writers of this room. Nothing here is collective. */
#ifndef VIC_BASE_BYTES_H
#define VIC_BASE_BYTES_H

#include "base.h"

#include <stdbool.h>

/* *data, of *capacity bytes, becomes about twice as long but never longer than `most`; its contents stay. A
 * NULL pointer is empty. So memory follows the bytes that come, not those that a header promises. Freed with
 * vic_release by the caller, also after an error. Errors: VIC_NO_MEMORY, also when *capacity is `most`
 * already. */
vic_status vic_bytes_grow(unsigned char **data, size_t *capacity, size_t most);

/* *product = a * b; false when that overflows. */
bool vic_multiply(size_t a, size_t b, size_t *product);

/* Reads, or writes, all `size` bytes at `offset`, however many calls of the system that takes. `path` is for
 * the message. Errors: VIC_BAD_FILE with path and reason. */
vic_status vic_read_at(int fd, const char *path, void *data, size_t size, uint64_t offset);
vic_status vic_write_at(int fd, const char *path, const void *data, size_t size, uint64_t offset);

#endif
