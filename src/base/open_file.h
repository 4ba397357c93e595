/* Files that are read: opened without waiting for a device or for ever, and watched until their end. */
#ifndef VIC_BASE_OPEN_FILE_H
#define VIC_BASE_OPEN_FILE_H

#include "base.h"

#include <sys/stat.h>

enum {
    VIC_LARGEST_TEXT = 256 << 20, /* bytes of a config, a machine file, a table */
    VIC_LARGEST_JSON = 64 << 20,  /* of a manifest, an audit: parsed, they take a hundred times as much */
    VIC_WRITER_SECONDS = 30,      /* that a pipe may be silent */
};

typedef struct vic_open {
    const char *path;
    vic_status on_error;
    int fd;            /* -1: closed */
    bool has_size;     /* a regular file; those of /proc have 0 bytes whatever they hold */
    struct stat first; /* as it was opened */
    uint64_t taken;    /* bytes that vic_open_read gave */
} vic_open;

/* Opens a regular file, or a pipe, for reading; `path` must stay. Errors: `on_error` with the path and the
 * reason, also for folders, devices and sockets; *file is closed then. */
vic_status vic_open_file(vic_open *file, const char *path, vic_status on_error);
void vic_close_file(vic_open *file);

/* Reads up to `n` bytes; *got is 0 at the end of the file alone. Errors: `on_error`, also where a pipe has
 * been silent for VIC_WRITER_SECONDS, or the file is found changed at its end. */
vic_status vic_open_read(vic_open *file, void *into, size_t n, size_t *got);
/* Errors: `on_error` where the file has another size or time than when it was opened, or another file has its
 * name. */
vic_status vic_open_check(const vic_open *file);

/* Bytes of memory that this machine has, or its container may use; infinity where the system does not report
 * it. */
double vic_machine_memory(void);
/* Errors: `on_error` where a regular file has more bytes than the machine has memory. */
vic_status vic_open_check_fits(const vic_open *file);

enum { VIC_AMOUNT_TEXT = 32 };
/* "1.5 MiB" into `text`, which is returned. */
const char *vic_amount(double bytes, char text[VIC_AMOUNT_TEXT]);

#endif
