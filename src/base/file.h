/* Files and folders as a whole. Nothing here is collective. */
#ifndef VIC_BASE_FILE_H
#define VIC_BASE_FILE_H

#include "base.h"

/* Files that are read in this order as if they were one. */
typedef struct vic_file_list {
    size_t n;
    char **paths;
} vic_file_list;

/* A whole text, of at most VIC_LARGEST_TEXT bytes, in a new zero-terminated array, freed with vic_release.
 * Errors: `on_error` with the path and the reason: those of vic_open_file and vic_open_read (open_file.h). */
vic_status vic_read_file(const char *path, vic_status on_error, char **data, size_t *size);
/* The same of at most `most` bytes. */
vic_status vic_read_text(const char *path, vic_status on_error, size_t most, char **data, size_t *size);
/* *checksum becomes the CRC-32 of all bytes of a file. Errors: VIC_BAD_FILE. */
vic_status vic_file_checksum(const char *path, uint32_t *checksum);
/* The same of `bytes` bytes from byte `first` on. Errors: VIC_BAD_FILE, also where the file ends before. */
vic_status vic_file_checksum_part(const char *path, uint64_t first, uint64_t bytes, uint32_t *checksum);
/* Errors: VIC_BAD_FILE. */
vic_status vic_file_bytes(const char *path, uint64_t *bytes);

/* Whether both paths lead to one regular file. */
bool vic_is_same_file(const char *a, const char *b);

/* Creates the folder and those above it. Errors: VIC_BAD_FILE. */
vic_status vic_make_folder(const char *path);

/* Makes the names in a folder, or in that of a file, outlast a crash of the machine. The files are in place
 * by then, so that a file system that cannot do this is no error. */
void vic_sync_folder(const char *folder);
void vic_sync_beside(const char *file);

/* Writes a whole file or leaves nothing: it appears under its name only when complete. Devices, pipes, and
 * what stdout or stderr lead to are written to as they are; of a link, the file that it leads to is replaced.
 * Errors: VIC_BAD_FILE. */
vic_status vic_write_file(const char *path, const char *data, size_t size);
/* Whether vic_write_file could write there, as far as that is known before there is something to write.
 * Leaves nothing behind. Errors: VIC_BAD_FILE. */
vic_status vic_try_file(const char *path);

#endif
