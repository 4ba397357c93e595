/* A data file, read from its start to its end, plain or gzipped. */
#ifndef VIC_BASE_STREAM_H
#define VIC_BASE_STREAM_H

#include "base.h"

typedef struct vic_stream_state vic_stream_state;

typedef struct vic_stream {
    const char *path; /* as it was given to vic_stream_open */
    vic_stream_state *state;
} vic_stream;

/* `path` must stay. Errors: VIC_BAD_FILE with the path and the reason: those of vic_open_file (open_file.h),
 * and a file that is larger than the memory of this machine. */
vic_status vic_stream_open(vic_stream *stream, const char *path);
void vic_stream_close(vic_stream *stream);

/* The number of bytes that a file will give, 0 where that is not known. Of a gzipped file it is the size of
 * its last member, modulo 2^32, as stored at its end. */
uint64_t vic_stream_size(const char *path);

/* Reads `n` bytes, or fewer where the file ends: *got becomes their number. Errors: VIC_BAD_FILE, also when a
 * gzip stream is damaged or a bomb, when there is more than memory, or the file changes meanwhile. */
vic_status vic_stream_read(vic_stream stream, unsigned char *into, size_t n, size_t *got);
/* *data, NULL before, becomes the rest of the stream, which has to be `bytes` bytes that a header promised;
 * memory follows those that come. Freed with vic_release by the caller, also after an error. Errors:
 * VIC_BAD_FILE when there are fewer or more. */
vic_status vic_stream_read_rest(vic_stream stream, size_t bytes, unsigned char **data);

#endif
