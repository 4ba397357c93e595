/* A folder for the files of one test, its bytes in and out, and what every error text must contain. */
#ifndef VICINAL_TESTS_IO_SCRATCH_H
#define VICINAL_TESTS_IO_SCRATCH_H

#include "base/base.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct scratch {
    char folder[64];
    char path[128];
} scratch;

static inline void scratch_open(scratch *s) {
    snprintf(s->folder, sizeof s->folder, "/tmp/vicinal-io-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(s->folder));
}

static inline const char *scratch_path(scratch *s, const char *name) {
    snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);
    return s->path;
}

static inline int scratch_count(const scratch *s) {
    int n = 0;
    DIR *folder = opendir(s->folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return n;
}

/* Removes the folder and the files and empty folders in it. */
static inline void scratch_close(scratch *s) {
    DIR *folder = opendir(s->folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", s->folder, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove(path);
    }
    closedir(folder);
    ck_assert_int_eq(rmdir(s->folder), 0);
}

static inline void write_bytes(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

/* The refusal is `status`, and its text names the path and contains `fragment`. */
static inline void assert_refused(vic_status status, vic_status expected, const char *path,
                                  const char *fragment) {
    ck_assert_msg(status == expected, "%s: status %d, expected %d (%s), text: %s", path, status, expected,
                  fragment, vic_error_text());
    ck_assert_msg(strstr(vic_error_text(), path) != NULL, "the path %s is not in: %s", path,
                  vic_error_text());
    ck_assert_msg(strstr(vic_error_text(), fragment) != NULL, "\"%s\" is not in: %s", fragment,
                  vic_error_text());
}

/* Numbers that look random and are the same in every run (splitmix64). */
static inline uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* Copies `size` bytes to `to`, with a few flipped bits, changed bytes, or the end cut off or repeated. `to`
 * holds twice as many. Returns the new size. */
static inline size_t mutate(const unsigned char *from, size_t size, unsigned char *to, uint64_t *state) {
    memcpy(to, from, size);
    memcpy(to + size, from, size);
    uint64_t kind = next_random(state) % 8;
    size_t new_size = size;
    if (kind == 0)
        new_size = next_random(state) % size;
    if (kind == 1)
        new_size = size + 1 + next_random(state) % size;
    for (uint64_t i = kind < 2 ? 0 : 1 + next_random(state) % 4; i > 0; i--) {
        /* Headers are where mistakes are: half of the changes go there. */
        size_t within = next_random(state) % 2 && size > 64 ? 64 : size;
        size_t place = next_random(state) % within;
        if (next_random(state) % 2)
            to[place] ^= (unsigned char)(1u << next_random(state) % 8);
        else
            to[place] = (unsigned char)next_random(state);
    }
    return new_size;
}

#endif
