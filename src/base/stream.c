#include "stream.h"
#include "bytes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { BUFFER = 1 << 17, LARGEST_PIECE = 1 << 26 };

vic_status vic_stream_open(vic_stream *stream, const char *path) {
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (file == NULL)
        return vic_fail(errno ? VIC_BAD_FILE : VIC_NO_MEMORY, "%s: cannot open: %s", path,
                        errno ? strerror(errno) : "out of memory");
    gzbuffer(file, BUFFER);
    *stream = (vic_stream){path, file};
    return VIC_OK;
}

void vic_stream_close(vic_stream *stream) {
    gzclose_r(stream->file);
    stream->file = NULL;
}

static vic_status why(vic_stream stream) {
    int code;
    gzerror(stream.file, &code);
    switch (code) {
    case Z_OK:
        return VIC_OK;
    case Z_ERRNO:
        return vic_fail(VIC_BAD_FILE, "%s: cannot read: %s", stream.path, strerror(errno));
    case Z_MEM_ERROR:
        return vic_fail(VIC_NO_MEMORY, "out of memory while reading %s", stream.path);
    case Z_BUF_ERROR:
        return vic_fail(VIC_BAD_FILE, "%s: the gzip stream is truncated, expected its end mark", stream.path);
    default:
        return vic_fail(VIC_BAD_FILE, "%s: the gzip stream is damaged, expected one that gzip -t accepts",
                        stream.path);
    }
}

vic_status vic_stream_read(vic_stream stream, unsigned char *into, size_t n, size_t *got) {
    *got = 0;
    while (*got < n) {
        size_t piece = n - *got < LARGEST_PIECE ? n - *got : LARGEST_PIECE;
        errno = 0;
        int read = gzread(stream.file, into + *got, (unsigned)piece);
        if (read > 0)
            *got += (size_t)read;
        if (read == (int)piece)
            continue;
        VIC_TRY(why(stream));
        if (read <= 0)
            break;
    }
    return VIC_OK;
}

vic_status vic_stream_read_rest(vic_stream stream, size_t bytes, unsigned char **data) {
    size_t capacity = 0, size = 0;
    while (size < bytes) {
        size_t got;
        VIC_TRY(vic_bytes_grow(data, &capacity, bytes));
        VIC_TRY(vic_stream_read(stream, *data + size, capacity - size, &got));
        size += got;
        if (size < capacity)
            return vic_fail(VIC_BAD_FILE, "%s: truncated: %zu bytes of data, the header promises %zu",
                            stream.path, size, bytes);
    }
    /* Asking for one byte more also makes zlib check the stream's closing sum. */
    unsigned char beyond;
    size_t extra;
    VIC_TRY(vic_stream_read(stream, &beyond, 1, &extra));
    if (extra != 0)
        return vic_fail(VIC_BAD_FILE,
                        "%s: oversized: bytes follow the data, the header promises %zu bytes of data",
                        stream.path, bytes);
    return VIC_OK;
}

/* The last four bytes of a gzipped file are its unpacked size. */
static uint64_t size_of(FILE *file) {
    unsigned char first[2], last[4];
    bool zipped = fread(first, 1, 2, file) == 2 && first[0] == 0x1f && first[1] == 0x8b;
    if (ferror(file) || fseeko(file, 0, SEEK_END) != 0)
        return 0;
    off_t size = ftello(file);
    if (!zipped || fseeko(file, -4, SEEK_END) != 0 || fread(last, 1, 4, file) != 4)
        return size > 0 ? (uint64_t)size : 0;
    return last[0] | (uint64_t)last[1] << 8 | (uint64_t)last[2] << 16 | (uint64_t)last[3] << 24;
}

/* What is read from a pipe is gone: it is not opened. */
uint64_t vic_stream_size(const char *path) {
    struct stat there;
    FILE *file = stat(path, &there) == 0 && S_ISREG(there.st_mode) ? fopen(path, "rb") : NULL;
    if (file == NULL)
        return 0;
    uint64_t size = size_of(file);
    fclose(file);
    return size;
}
