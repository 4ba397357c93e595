#include "npy.h"

#include "base/bytes.h"
#include "base/file_kind.h"
#include "base/stream.h"

#include <string.h>
#include <sys/stat.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC = sizeof magic - 1, VERSION = 2, LONGEST_HEADER = 1 << 20 };

bool vic_is_npy(const char *path) {
    struct stat about;
    vic_stream source;
    unsigned char head[MAGIC];
    size_t got = 0;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || vic_stream_open(&source, path) != VIC_OK)
        return false;
    vic_status status = vic_stream_read(source, head, sizeof head, &got);
    vic_stream_close(&source);
    return status == VIC_OK && got == MAGIC && memcmp(head, magic, MAGIC) == 0;
}

void vic_npy_release(vic_npy *array) {
    vic_release(&array->dim);
    vic_release(&array->data);
    memset(array, 0, sizeof *array);
}

void vic_swap_bytes(unsigned char *data, size_t count, size_t bytes) {
    for (size_t i = 0; i < count; i++, data += bytes)
        for (size_t k = 0; k < bytes / 2; k++) {
            unsigned char other = data[k];
            data[k] = data[bytes - 1 - k];
            data[bytes - 1 - k] = other;
        }
}

static vic_status read_exactly(vic_stream source, unsigned char *into, size_t n) {
    size_t got;
    VIC_TRY(vic_stream_read(source, into, n, &got));
    if (got < n)
        return vic_fail(VIC_BAD_FILE, "%s: truncated: the header of the numpy array is not whole",
                        source.path);
    return VIC_OK;
}

/* *length becomes that of the header's text. */
static vic_status read_start(vic_stream source, size_t *length) {
    unsigned char head[VIC_FILE_HEAD], size[4] = {0};
    size_t got, start = MAGIC + VERSION;
    VIC_TRY(vic_stream_read(source, head, start, &got));
    if (got < MAGIC || memcmp(head, magic, MAGIC) != 0) {
        size_t more = 0;
        VIC_TRY(vic_stream_read(source, head + got, sizeof head - got, &more));
        VIC_TRY(vic_refuse_other_kind(source.path, "a numpy array (.npy)", false, head, got + more));
        return vic_fail(VIC_BAD_FILE, "%s: not a numpy array (.npy): it does not begin with \\x93NUMPY",
                        source.path);
    }
    if (got < start || head[MAGIC] < 1 || head[MAGIC] > 3 || head[MAGIC + 1] != 0)
        return vic_fail(VIC_BAD_FILE, "%s: format %d.%d of numpy arrays, expected 1.0, 2.0 or 3.0",
                        source.path, got < start ? 0 : head[MAGIC], got < start ? 0 : head[MAGIC + 1]);
    VIC_TRY(read_exactly(source, size, head[MAGIC] == 1 ? 2 : 4));
    *length = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    if (*length > LONGEST_HEADER)
        return vic_fail(VIC_BAD_FILE, "%s: a header of %zu bytes, at most %d are allowed", source.path,
                        *length, LONGEST_HEADER);
    return VIC_OK;
}

static vic_status read_header(vic_stream source, npy_header *header, vic_npy *array) {
    size_t length = 0;
    char *text;
    VIC_TRY(read_start(source, &length));
    VIC_TRY(vic_allocate(length + 1, 1, &text));
    vic_status status = read_exactly(source, (unsigned char *)text, length);
    if (status == VIC_OK && strlen(text) != length)
        status = vic_fail(VIC_BAD_FILE, "%s: a byte 0 in the header of the numpy array", source.path);
    if (status == VIC_OK)
        status = npy_header_parse(source.path, text, header, array);
    vic_release(&text);
    return status;
}

/* From the first axis contiguous to the last. */
static vic_status turn_over(vic_npy *array) {
    size_t at[64] = {0}, stride[64], bytes = array->type->bytes, from = 0;
    unsigned char *turned;
    VIC_TRY(vic_allocate(array->count, bytes, &turned));
    for (int i = 0; i < array->rank; i++)
        stride[i] = i == 0 ? 1 : stride[i - 1] * array->dim[i - 1];
    for (size_t to = 0; to < array->count; to++) {
        memcpy(turned + to * bytes, array->data + from * bytes, bytes);
        for (int axis = array->rank - 1; axis >= 0; axis--) {
            from += stride[axis];
            if (++at[axis] < array->dim[axis])
                break;
            from -= stride[axis] * array->dim[axis];
            at[axis] = 0;
        }
    }
    vic_release(&array->data);
    array->data = turned;
    return VIC_OK;
}

static vic_status read_stream(vic_stream source, vic_npy *array) {
    npy_header header = {0};
    VIC_TRY(read_header(source, &header, array));
    VIC_TRY(vic_stream_read_rest(source, array->bytes, &array->data));
    if (header.big_endian)
        vic_swap_bytes(array->data, array->count, array->type->bytes);
    return header.fortran && array->rank > 1 ? turn_over(array) : VIC_OK;
}

vic_status vic_npy_read(vic_npy *array, const char *path) {
    vic_stream source;
    memset(array, 0, sizeof *array);
    VIC_TRY(vic_stream_open(&source, path));
    vic_status status = read_stream(source, array);
    vic_stream_close(&source);
    return status;
}
