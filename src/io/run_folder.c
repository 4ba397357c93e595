/* The run folder: made when missing, its small files written whole or not at all. */
#include "vicinal/records.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static vic_status make_one(const char *path) {
    struct stat there;
    if (mkdir(path, 0777) == 0)
        return VIC_OK;
    int reason = errno;
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: the folder cannot be made: %s", path,
                    strerror(reason == EEXIST ? ENOTDIR : reason));
}

vic_status vic_make_folder(const char *path) {
    char *part;
    VIC_TRY(vic_format(&part, "%s", path));
    vic_status status = VIC_OK;
    for (char *slash = strchr(part + 1, '/'); slash && status == VIC_OK; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_one(part);
        *slash = '/';
    }
    if (status == VIC_OK)
        status = make_one(part);
    if (status == VIC_OK && access(path, W_OK | X_OK) != 0)
        status = vic_fail(VIC_BAD_FILE, "%s: the folder cannot be written to: %s", path, strerror(errno));
    vic_release(&part);
    return status;
}

static int write_all(int file, const char *data, size_t size) {
    while (size > 0) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        data += written;
        size -= (size_t)written;
    }
    return fsync(file);
}

static int write_beside(const char *part, const char *data, size_t size) {
    int file = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0)
        return -1;
    int failed = write_all(file, data, size);
    int reason = errno;
    if (close(file) != 0 && !failed)
        return -1;
    errno = reason;
    return failed;
}

vic_status vic_write_file(const char *path, const char *data, size_t size) {
    char *part;
    VIC_TRY(vic_format(&part, "%s.part", path));
    vic_status status = VIC_OK;
    if (write_beside(part, data, size) != 0 || rename(part, path) != 0) {
        status = vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", path, strerror(errno));
        unlink(part);
    }
    vic_release(&part);
    return status;
}

vic_status vic_try_file(const char *path) {
    struct stat there;
    char *part;
    VIC_TRY(vic_format(&part, "%s.part", path));
    bool is_folder = stat(path, &there) == 0 && S_ISDIR(there.st_mode);
    int file = is_folder ? -1 : open(part, O_WRONLY | O_CREAT, 0666);
    vic_status status = file >= 0 ? VIC_OK
                                  : vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", path,
                                             strerror(is_folder ? EISDIR : errno));
    if (file >= 0) {
        close(file);
        unlink(part);
    }
    vic_release(&part);
    return status;
}
