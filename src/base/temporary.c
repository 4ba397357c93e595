/* Temporary names: ".FINAL.vicinal-" and eight hexadecimal digits, created exclusively. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ATTEMPTS = 100, DIGITS = 8, LONGEST_STEM = 200 };

static const char mark[] = ".vicinal-";

/* Different in every process and in every call; the file system ensures that the name is new. */
static unsigned next_number(void) {
    static unsigned calls;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 20 ^ (uint64_t)getpid() << 40;
    return (unsigned)((seed + ++calls) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static vic_status name_beside(const char *path, char **name) {
    const char *slash = strrchr(path, '/'), *final = slash ? slash + 1 : path;
    return vic_format(name, "%.*s.%.*s%s%0*x", (int)(final - path), path, LONGEST_STEM, final, mark, DIGITS,
                      next_number());
}

static vic_status create_beside(const char *target, const char *path, char **name, int *file) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        VIC_TRY(name_beside(target, name));
        *file = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*file >= 0)
            return VIC_OK;
        int reason = errno;
        vic_release(name);
        if (reason != EEXIST)
            return vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", path, strerror(reason));
    }
    return vic_fail(VIC_BAD_FILE, "%s: cannot be written: its folder has no free temporary name", path);
}

/* What a link leads to, to be freed with free; NULL where `path` is no link, or one that leads nowhere. */
static char *target_of(const char *path) {
    struct stat there;
    return lstat(path, &there) == 0 && S_ISLNK(there.st_mode) ? realpath(path, NULL) : NULL;
}

vic_status vic_temporary_create(const char *path, char **name, int *file) {
    char *target = target_of(path);
    vic_status status = create_beside(target ? target : path, path, name, file);
    free(target);
    return status;
}

int vic_temporary_put(const char *name, const char *path) {
    char *target = target_of(path);
    int failed = rename(name, target ? target : path), reason = errno;
    free(target);
    errno = reason;
    return failed;
}

bool vic_temporary_is_for(const char *name, const char *final) {
    size_t stem = strlen(final) < LONGEST_STEM ? strlen(final) : LONGEST_STEM;
    if (name[0] != '.' || strncmp(name + 1, final, stem) != 0)
        return false;
    name += 1 + stem;
    if (strncmp(name, mark, sizeof mark - 1) != 0)
        return false;
    name += sizeof mark - 1;
    return strlen(name) == DIGITS && strspn(name, "0123456789abcdef") == DIGITS;
}
