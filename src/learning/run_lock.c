/* One run at a time in a folder: an fcntl lock, which also other nodes see on a shared file system, and which
 * ends with its process, however that ends. The file of the lock stays: removing it could remove the
 * next owner's. */
#include "run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OWNER = 320 };

/* Whose process and node the last owner wrote down; "" where it did not come to that. */
static void read_owner(int file, char text[OWNER]) {
    ssize_t size = pread(file, text, OWNER - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

/* For people alone, so that a full disk is no error. */
static void write_owner(int file) {
    char host[256] = "", text[OWNER];
    gethostname(host, sizeof host - 1);
    int size = snprintf(text, sizeof text, "process %ld on %s\n", (long)getpid(), host);
    if (ftruncate(file, 0) != 0 || pwrite(file, text, (size_t)size, 0) != size)
        errno = 0;
}

static vic_status refuse(const char *folder, int file) {
    char owner[OWNER];
    read_owner(file, owner);
    return vic_fail(VIC_BAD_FILE,
                    "%s: the folder is in use by another run%s%s%s: wait for its end, or name another folder "
                    "with --out",
                    folder, owner[0] ? " (" : "", owner, owner[0] ? ")" : "");
}

static bool is_taken(int reason) {
    return reason == EACCES || reason == EAGAIN;
}

/* Not every file system can lock. */
static bool cannot_lock(int reason) {
    return reason == ENOLCK || reason == ENOSYS || reason == EINVAL || reason == EOPNOTSUPP;
}

static vic_status lock_file(const char *folder, const char *path, int file, int *lock) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_SETLK, &whole) == 0) {
        *lock = file;
        write_owner(file);
        return VIC_OK;
    }
    vic_status status = is_taken(errno) ? refuse(folder, file)
                        : cannot_lock(errno)
                            ? VIC_OK
                            : vic_fail(VIC_BAD_FILE, "%s: cannot be locked: %s", path, strerror(errno));
    close(file);
    return status;
}

vic_status vic_run_folder_lock(const char *folder, int *lock) {
    char *path;
    *lock = -1;
    VIC_TRY(vic_format(&path, "%s/" VIC_RUN_LOCK, folder));
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    vic_status status = file >= 0
                            ? lock_file(folder, path, file, lock)
                            : vic_fail(VIC_BAD_FILE, "%s: cannot be written: %s", path, strerror(errno));
    vic_release(&path);
    return status;
}
