#include "stream.h"
#include "bytes.h"
#include "open_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { BUFFER = 1 << 15, LARGEST_PIECE = 1 << 26 };
/* What is packed tighter than this, and has unpacked so many bytes, holds no numbers. */
enum { LARGEST_RATIO = 200, HARMLESS = 256 << 20 };

typedef enum kind { NOT_KNOWN, PLAIN, PACKED, BETWEEN_MEMBERS, ENDED } kind;

typedef struct vic_stream_state vic_stream_state;

struct vic_stream_state {
    vic_open file;
    kind kind;
    bool at_end;    /* of the file; `next` may hold more */
    bool zipped;    /* it has begun with a gzip member */
    uint64_t given; /* bytes to the caller */
    double most;    /* bytes that it may give */
    z_stream unpacking;
    const unsigned char *next; /* `left` bytes of `bytes` that are not used yet */
    size_t left;
    unsigned char bytes[BUFFER];
};

/* ---- opening ---- */

static vic_status open_state(vic_stream_state *state, const char *path) {
    VIC_TRY(vic_open_file(&state->file, path, VIC_BAD_FILE));
    state->most = vic_machine_memory();
    vic_status status = vic_open_check_fits(&state->file);
    if (status != VIC_OK)
        vic_close_file(&state->file);
    return status;
}

vic_status vic_stream_open(vic_stream *stream, const char *path) {
    *stream = (vic_stream){.path = path};
    VIC_TRY(vic_allocate(1, sizeof *stream->state, &stream->state));
    vic_status status = open_state(stream->state, path);
    if (status != VIC_OK)
        vic_release(&stream->state);
    return status;
}

void vic_stream_close(vic_stream *stream) {
    if (stream->state->kind == PACKED)
        inflateEnd(&stream->state->unpacking);
    vic_close_file(&stream->state->file);
    vic_release(&stream->state);
}

/* ---- bytes of the file ---- */

/* Reads more where fewer than `wanted` bytes are there; fewer stay at the end of the file alone. */
static vic_status fill(vic_stream_state *s, size_t wanted) {
    if (s->left < wanted && !s->at_end && s->next != s->bytes) {
        if (s->left > 0)
            memmove(s->bytes, s->next, s->left);
        s->next = s->bytes;
    }
    while (s->left < wanted && !s->at_end) {
        size_t got;
        VIC_TRY(vic_open_read(&s->file, s->bytes + s->left, BUFFER - s->left, &got));
        s->left += got;
        s->at_end = got == 0;
    }
    return VIC_OK;
}

static vic_status take_plain(vic_stream_state *s, unsigned char *into, size_t n, size_t *got) {
    *got = 0;
    if (s->left == 0 && n >= BUFFER)
        return vic_open_read(&s->file, into, n, got);
    VIC_TRY(fill(s, 1));
    *got = s->left < n ? s->left : n;
    memcpy(into, s->next, *got);
    s->next += *got;
    s->left -= *got;
    return VIC_OK;
}

/* ---- gzip ---- */

static bool is_gzip(const vic_stream_state *s) {
    return s->left >= 2 && s->next[0] == 0x1f && s->next[1] == 0x8b;
}

static vic_status out_of_memory(const vic_stream_state *s) {
    return vic_fail(VIC_NO_MEMORY, "out of memory while reading %s", s->file.path);
}

/* What follows the last member is no part of it, as for gzip. */
static vic_status begin(vic_stream_state *s) {
    enum { LARGEST_WINDOW = 15, WITH_GZIP_HEADER = 16 };
    VIC_TRY(fill(s, 2));
    if (!is_gzip(s)) {
        s->kind = s->zipped ? ENDED : PLAIN;
        return s->zipped ? vic_open_check(&s->file) : VIC_OK;
    }
    s->unpacking = (z_stream){0};
    if (inflateInit2(&s->unpacking, LARGEST_WINDOW + WITH_GZIP_HEADER) != Z_OK)
        return out_of_memory(s);
    s->kind = PACKED;
    s->zipped = true;
    return VIC_OK;
}

static vic_status end_member(vic_stream_state *s) {
    inflateEnd(&s->unpacking);
    s->kind = BETWEEN_MEMBERS;
    return VIC_OK;
}

static vic_status inflate_some(vic_stream_state *s, unsigned char *into, size_t n, size_t *got) {
    z_stream *z = &s->unpacking;
    *got = 0;
    VIC_TRY(fill(s, 1));
    if (s->left == 0)
        return vic_fail(VIC_BAD_FILE, "%s: the gzip stream is truncated, expected its end mark",
                        s->file.path);
    z->next_in = (Bytef *)s->next;
    z->avail_in = (uInt)s->left;
    z->next_out = into;
    z->avail_out = (uInt)(n < LARGEST_PIECE ? n : LARGEST_PIECE);
    int code = inflate(z, Z_NO_FLUSH);
    *got = (size_t)(z->next_out - into);
    s->next = z->next_in;
    s->left = z->avail_in;
    if (code == Z_MEM_ERROR)
        return out_of_memory(s);
    if (code == Z_STREAM_END)
        return end_member(s);
    if (code == Z_OK || code == Z_BUF_ERROR)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE, "%s: the gzip stream is damaged, expected one that gzip -t accepts",
                    s->file.path);
}

/* ---- what it gives ---- */

static vic_status check_bomb(const vic_stream_state *s) {
    char given[VIC_AMOUNT_TEXT], packed[VIC_AMOUNT_TEXT];
    double bytes = s->file.has_size ? (double)s->file.first.st_size : (double)s->file.taken;
    if (!s->zipped || s->given <= HARMLESS || (double)s->given <= LARGEST_RATIO * bytes)
        return VIC_OK;
    return vic_fail(
        VIC_BAD_FILE,
        "%s: a gzip bomb: its %s unpack to more than %s, expected at most %d times the size of the file",
        s->file.path, vic_amount(bytes, packed), vic_amount((double)s->given, given), LARGEST_RATIO);
}

static vic_status check_given(const vic_stream_state *s) {
    char all[VIC_AMOUNT_TEXT];
    VIC_TRY(check_bomb(s));
    if ((double)s->given <= s->most && (double)s->file.taken <= s->most)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: holds more than the %s of memory of this machine, expected a file that fits into it",
                    s->file.path, vic_amount(s->most, all));
}

/* Some bytes; none at the end alone. Members of a pipe may be empty without an end. */
static vic_status give(vic_stream_state *s, unsigned char *into, size_t n, size_t *got) {
    for (*got = 0; *got == 0 && s->kind != ENDED;) {
        VIC_TRY(check_given(s));
        if (s->kind == NOT_KNOWN || s->kind == BETWEEN_MEMBERS)
            VIC_TRY(begin(s));
        else if (s->kind == PACKED)
            VIC_TRY(inflate_some(s, into, n, got));
        else
            return take_plain(s, into, n, got);
    }
    return VIC_OK;
}

vic_status vic_stream_read(vic_stream stream, unsigned char *into, size_t n, size_t *got) {
    vic_stream_state *s = stream.state;
    for (*got = 0; *got < n;) {
        size_t some;
        VIC_TRY(give(s, into + *got, n - *got, &some));
        if (some == 0)
            break;
        *got += some;
        s->given += some;
        VIC_TRY(check_given(s));
    }
    return VIC_OK;
}

/* ---- the rest, of a length that a header promised ---- */

static vic_status truncated(const vic_stream_state *s, size_t size, size_t bytes) {
    return vic_fail(VIC_BAD_FILE, "%s: truncated: %zu bytes of data, the header promises %zu", s->file.path,
                    size, bytes);
}

static vic_status oversized(const vic_stream_state *s, size_t bytes) {
    return vic_fail(VIC_BAD_FILE,
                    "%s: oversized: bytes follow the data, the header promises %zu bytes of data",
                    s->file.path, bytes);
}

/* Where the size of what is left is known, nothing is allocated for a header that lies. */
static vic_status check_promise(const vic_stream_state *s, size_t bytes) {
    uint64_t size = (uint64_t)s->file.first.st_size, left = size > s->given ? size - s->given : 0;
    if (s->kind != PLAIN || !s->file.has_size || left == bytes)
        return VIC_OK;
    if (left > bytes)
        return oversized(s, bytes);
    return truncated(s, (size_t)left, bytes);
}

vic_status vic_stream_read_rest(vic_stream stream, size_t bytes, unsigned char **data) {
    size_t capacity = 0, size = 0;
    VIC_TRY(check_promise(stream.state, bytes));
    while (size < bytes) {
        size_t got;
        VIC_TRY(vic_bytes_grow(data, &capacity, bytes));
        VIC_TRY(vic_stream_read(stream, *data + size, capacity - size, &got));
        size += got;
        if (size < capacity)
            return truncated(stream.state, size, bytes);
    }
    /* Asking for one byte more also makes zlib check the stream's closing sum. */
    unsigned char beyond;
    size_t extra;
    VIC_TRY(vic_stream_read(stream, &beyond, 1, &extra));
    return extra == 0 ? VIC_OK : oversized(stream.state, bytes);
}

/* ---- how much it will be ---- */

/* The last four bytes of a gzipped file are its unpacked size, which may be anything: deflate packs 1032
 * bytes into one at most. */
static uint64_t size_of(FILE *file) {
    enum { MOST_OF_DEFLATE = 1032 };
    unsigned char first[2], last[4];
    bool zipped = fread(first, 1, 2, file) == 2 && first[0] == 0x1f && first[1] == 0x8b;
    if (ferror(file) || fseeko(file, 0, SEEK_END) != 0)
        return 0;
    off_t end = ftello(file);
    uint64_t size = end > 0 ? (uint64_t)end : 0;
    if (!zipped || fseeko(file, -4, SEEK_END) != 0 || fread(last, 1, 4, file) != 4)
        return size;
    uint64_t told = last[0] | (uint64_t)last[1] << 8 | (uint64_t)last[2] << 16 | (uint64_t)last[3] << 24;
    return told / MOST_OF_DEFLATE > size ? size : told;
}

/* What is read from a pipe is gone: it is not opened. What does not fit into memory is refused when it is
 * read. */
uint64_t vic_stream_size(const char *path) {
    struct stat there;
    bool is_file = stat(path, &there) == 0 && S_ISREG(there.st_mode);
    if (!is_file || (double)there.st_size > vic_machine_memory())
        return 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    uint64_t size = size_of(file);
    fclose(file);
    return size;
}
