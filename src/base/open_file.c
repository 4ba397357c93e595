#include "open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ---- */

static vic_status cannot(const vic_open *file, const char *what) {
    return vic_fail(file->on_error, "%s: cannot %s: %s", file->path, what, strerror(errno));
}

static const char *kind_of(mode_t mode) {
    return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : S_ISSOCK(mode) ? "a socket" : "of no known kind";
}

static vic_status check_kind(const vic_open *file, mode_t mode) {
    if (S_ISREG(mode) || S_ISFIFO(mode))
        return VIC_OK;
    if (S_ISDIR(mode))
        return vic_fail(file->on_error, "%s: cannot read: %s, expected a file", file->path, strerror(EISDIR));
    return vic_fail(file->on_error, "%s: not a regular file but %s, expected a file or a pipe", file->path,
                    kind_of(mode));
}

/* To open a device may already do something, so that its kind is asked for before. */
static vic_status open_checked(vic_open *file) {
    if (stat(file->path, &file->first) != 0)
        return cannot(file, "open");
    VIC_TRY(check_kind(file, file->first.st_mode));
    file->fd = open(file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file->fd < 0)
        return cannot(file, "open");
    if (fstat(file->fd, &file->first) != 0)
        return cannot(file, "open");
    file->has_size = S_ISREG(file->first.st_mode) && file->first.st_size > 0;
    return check_kind(file, file->first.st_mode);
}

vic_status vic_open_file(vic_open *file, const char *path, vic_status on_error) {
    *file = (vic_open){.path = path, .on_error = on_error, .fd = -1};
    vic_status status = open_checked(file);
    if (status != VIC_OK)
        vic_close_file(file);
    return status;
}

void vic_close_file(vic_open *file) {
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* ---- is it still what was opened? ---- */

static bool is_same_time(struct timespec a, struct timespec b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static vic_status changed(const vic_open *file, const char *how) {
    return vic_fail(file->on_error,
                    "%s: changed while it was read (%s), expected a file that stays as it is: read it again "
                    "when nothing writes to it",
                    file->path, how);
}

/* A file that was removed is whole for those that have opened it. */
vic_status vic_open_check(const vic_open *file) {
    struct stat now, named;
    if (!S_ISREG(file->first.st_mode))
        return VIC_OK;
    if (fstat(file->fd, &now) != 0)
        return cannot(file, "read");
    if (now.st_size != file->first.st_size)
        return changed(file, "its size");
    if (!is_same_time(now.st_mtim, file->first.st_mtim))
        return changed(file, "its time");
    if (stat(file->path, &named) == 0 && (named.st_dev != now.st_dev || named.st_ino != now.st_ino))
        return changed(file, "another file has its name");
    return VIC_OK;
}

/* ---- reading ---- */

/* Waits until there is something to read, or the end. */
static vic_status await(const vic_open *file) {
    struct pollfd one = {.fd = file->fd, .events = POLLIN};
    double end = vic_now() + VIC_WRITER_SECONDS;
    for (double left; (left = end - vic_now()) > 0;) {
        int ready = poll(&one, 1, (int)(1000 * left) + 1);
        if (ready > 0)
            return VIC_OK;
        if (ready < 0 && errno != EINTR)
            return cannot(file, "read");
    }
    return vic_fail(file->on_error,
                    "%s: a pipe, and nothing has come for %d s, expected what is written into it", file->path,
                    VIC_WRITER_SECONDS);
}

static vic_status read_some(vic_open *file, void *into, size_t n, size_t *got) {
    enum { LARGEST_PIECE = 1 << 26 };
    for (;;) {
        if (!S_ISREG(file->first.st_mode))
            VIC_TRY(await(file));
        ssize_t some = read(file->fd, into, n < LARGEST_PIECE ? n : LARGEST_PIECE);
        if (some >= 0) {
            *got = (size_t)some;
            return VIC_OK;
        }
        if (errno == EAGAIN && S_ISREG(file->first.st_mode))
            VIC_TRY(await(file));
        else if (errno != EINTR && errno != EAGAIN)
            return cannot(file, "read");
    }
}

vic_status vic_open_read(vic_open *file, void *into, size_t n, size_t *got) {
    *got = 0;
    if (n == 0)
        return VIC_OK;
    VIC_TRY(read_some(file, into, n, got));
    file->taken += *got;
    if (file->has_size && file->taken > (uint64_t)file->first.st_size)
        return changed(file, "its size");
    return *got == 0 ? vic_open_check(file) : VIC_OK;
}

/* ---- sizes ---- */

vic_status vic_open_check_fits(const vic_open *file) {
    char size[VIC_AMOUNT_TEXT], all[VIC_AMOUNT_TEXT];
    double memory = vic_machine_memory();
    if (!file->has_size || (double)file->first.st_size <= memory)
        return VIC_OK;
    return vic_fail(file->on_error,
                    "%s: has %s, and this machine has %s of memory, expected a file that fits into it",
                    file->path, vic_amount((double)file->first.st_size, size), vic_amount(memory, all));
}
