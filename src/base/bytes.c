#include "bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1 << 16, LARGEST_PIECE = 1 << 30 };

vic_status vic_bytes_grow(unsigned char **data, size_t *capacity, size_t most) {
    if (*capacity >= most)
        return vic_fail(VIC_NO_MEMORY, "out of memory: no room for more than %zu bytes", most);
    size_t wanted = *capacity > most / 2 ? most : 2 * *capacity;
    if (wanted < FIRST_CAPACITY)
        wanted = most < FIRST_CAPACITY ? most : FIRST_CAPACITY;
    unsigned char *larger = realloc(*data, wanted);
    if (larger == NULL)
        return vic_fail(VIC_NO_MEMORY, "out of memory: %zu bytes are not to be had", wanted);
    *data = larger;
    *capacity = wanted;
    return VIC_OK;
}

bool vic_multiply(size_t a, size_t b, size_t *product) {
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

vic_status vic_read_at(int fd, const char *path, void *data, size_t size, uint64_t offset) {
    unsigned char *next = data;
    while (size > 0) {
        size_t piece = size < LARGEST_PIECE ? size : LARGEST_PIECE;
        ssize_t got = pread(fd, next, piece, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vic_fail(VIC_BAD_FILE, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0)
            return vic_fail(VIC_BAD_FILE, "%s: ends at byte %llu, expected %zu bytes more", path,
                            (unsigned long long)offset, size);
        next += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    }
    return VIC_OK;
}

vic_status vic_write_at(int fd, const char *path, const void *data, size_t size, uint64_t offset) {
    const unsigned char *next = data;
    while (size > 0) {
        size_t piece = size < LARGEST_PIECE ? size : LARGEST_PIECE;
        ssize_t put = pwrite(fd, next, piece, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return vic_fail(VIC_BAD_FILE, "%s: cannot write: %s", path, strerror(put < 0 ? errno : ENOSPC));
        next += put;
        size -= (size_t)put;
        offset += (uint64_t)put;
    }
    return VIC_OK;
}
