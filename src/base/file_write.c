/* The run folder: made when missing, its small files written whole or not at all. */
#include "file.h"
#include "temporary.h"

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

void vic_sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

void vic_sync_beside(const char *file) {
    const char *slash = strrchr(file, '/');
    char *folder;
    if (vic_format(&folder, "%.*s", slash ? (int)(slash - file) + 1 : 1, slash ? file : ".") != VIC_OK)
        return;
    vic_sync_folder(folder);
    vic_release(&folder);
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
    return 0;
}

/* `file` is open, or -1: then that was the error. */
static int write_and_close(int file, const char *data, size_t size, bool syncs) {
    if (file < 0)
        return -1;
    int failed = write_all(file, data, size);
    if (!failed && syncs)
        failed = fsync(file);
    int reason = errno;
    if (close(file) != 0 && !failed)
        return -1;
    errno = reason;
    return failed;
}

/* ---- places that are written to, and not replaced ---- */

static bool is_same(const struct stat *a, int file) {
    struct stat b;
    return fstat(file, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

/* A device, a pipe, or a file that is stdout or stderr already. */
static bool is_stream(const char *path, struct stat *there) {
    if (stat(path, there) != 0 || S_ISDIR(there->st_mode))
        return false;
    return !S_ISREG(there->st_mode) || is_same(there, STDOUT_FILENO) || is_same(there, STDERR_FILENO);
}

static int open_stream(const char *path, const struct stat *there) {
    if (!is_same(there, STDOUT_FILENO) && !is_same(there, STDERR_FILENO))
        return open(path, O_WRONLY);
    fflush(stdout);
    return dup(is_same(there, STDOUT_FILENO) ? STDOUT_FILENO : STDERR_FILENO);
}

/* ---- files ---- */

static vic_status cannot_write(const char *path, int reason) {
    return vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", path, strerror(reason));
}

vic_status vic_write_file(const char *path, const char *data, size_t size) {
    struct stat there;
    if (is_stream(path, &there))
        return write_and_close(open_stream(path, &there), data, size, false) == 0 ? VIC_OK
                                                                                  : cannot_write(path, errno);
    char *part;
    int file;
    VIC_TRY(vic_temporary_create(path, &part, &file));
    vic_status status = VIC_OK;
    if (write_and_close(file, data, size, true) != 0 || vic_temporary_put(part, path) != 0) {
        status = cannot_write(path, errno);
        unlink(part);
    } else
        vic_sync_beside(part);
    vic_release(&part);
    return status;
}

static vic_status try_regular(const char *path) {
    char *part;
    int file;
    VIC_TRY(vic_temporary_create(path, &part, &file));
    close(file);
    unlink(part);
    vic_release(&part);
    return VIC_OK;
}

/* A pipe is not opened: it may have no reader yet, and a reader would take the closing for the end. */
vic_status vic_try_file(const char *path) {
    struct stat there;
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return cannot_write(path, EISDIR);
    if (!is_stream(path, &there))
        return try_regular(path);
    return access(path, W_OK) == 0 ? VIC_OK : cannot_write(path, errno);
}
