/* Reading safetensors. Every part of the file is checked before a number of it is believed. */
#include "tensor.h"

#include "bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct vic_tensor_file {
    char *path;
    int fd;
    vic_tensor_header header;
    const vic_tensor **by_name; /* sorted */
};

static int compare_names(const void *a, const void *b) {
    const vic_tensor *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static int compare_with_name(const void *name, const void *b) {
    const vic_tensor *const *y = b;
    return strcmp(name, (*y)->name);
}

static vic_status open_regular(const char *path, int *fd, uint64_t *size) {
    struct stat about;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer must not block us */
    if (*fd < 0)
        return vic_fail(VIC_BAD_FILE, "%s: cannot open: %s", path, strerror(errno));
    if (fstat(*fd, &about) != 0)
        return vic_fail(VIC_BAD_FILE, "%s: cannot be examined: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode))
        return vic_fail(VIC_BAD_FILE, "%s: cannot read: %s", path, strerror(EISDIR));
    if (!S_ISREG(about.st_mode))
        return vic_fail(VIC_BAD_FILE, "%s: not a regular file, which safetensors have to be", path);
    *size = (uint64_t)about.st_size;
    return VIC_OK;
}

static vic_status header_length(const vic_tensor_file *file, uint64_t size, uint64_t *length) {
    unsigned char prefix[VIC_TENSOR_PREFIX];
    if (size < sizeof prefix)
        return vic_fail(VIC_BAD_FILE,
                        "%s: truncated: the file has %llu bytes, safetensors begin with 8 bytes of length",
                        file->path, (unsigned long long)size);
    VIC_TRY(vic_read_at(file->fd, file->path, prefix, sizeof prefix, 0));
    *length = 0;
    for (int i = VIC_TENSOR_PREFIX - 1; i >= 0; i--)
        *length = *length << 8 | prefix[i];
    if (*length > VIC_LARGEST_TENSOR_HEADER)
        return vic_fail(VIC_BAD_FILE, "%s: a header of %llu bytes (bytes 0 to 7), at most %d are allowed",
                        file->path, (unsigned long long)*length, VIC_LARGEST_TENSOR_HEADER);
    if (*length > size - sizeof prefix)
        return vic_fail(VIC_BAD_FILE,
                        "%s: truncated: a header of %llu bytes (bytes 0 to 7), but only %llu follow",
                        file->path, (unsigned long long)*length, (unsigned long long)(size - sizeof prefix));
    return VIC_OK;
}

static vic_status read_header(vic_tensor_file *file, uint64_t size) {
    uint64_t length = 0;
    char *text;
    VIC_TRY(header_length(file, size, &length));
    VIC_TRY(vic_allocate((size_t)length, 1, &text));
    vic_status status = vic_read_at(file->fd, file->path, text, (size_t)length, VIC_TENSOR_PREFIX);
    if (status == VIC_OK && text[0] != '{')
        status = vic_fail(VIC_BAD_FILE,
                          "%s: the header does not begin with { (byte 8), is this a safetensors file?",
                          file->path);
    else if (status == VIC_OK) {
        uint64_t start = VIC_TENSOR_PREFIX + length;
        status = vic_tensor_header_parse(&file->header, text, (size_t)length, start, size - start);
        if (status == VIC_BAD_FILE)
            vic_fail(status, "%s: %s", file->path, vic_error_text());
    }
    vic_release(&text);
    return status;
}

static vic_status sort_names(vic_tensor_file *file) {
    size_t n = file->header.n;
    VIC_TRY(vic_allocate(n, sizeof *file->by_name, &file->by_name));
    for (size_t i = 0; i < n; i++)
        file->by_name[i] = &file->header.tensors[i];
    qsort(file->by_name, n, sizeof *file->by_name, compare_names);
    return VIC_OK;
}

static vic_status open_file(vic_tensor_file *file, const char *path) {
    uint64_t size = 0;
    VIC_TRY(vic_format(&file->path, "%s", path));
    VIC_TRY(open_regular(path, &file->fd, &size));
    VIC_TRY(read_header(file, size));
    return sort_names(file);
}

vic_status vic_tensor_file_open(vic_tensor_file **file, const char *path) {
    VIC_TRY(vic_allocate(1, sizeof **file, file));
    (*file)->fd = -1;
    vic_status status = open_file(*file, path);
    if (status != VIC_OK)
        vic_tensor_file_close(file);
    return status;
}

void vic_tensor_file_close(vic_tensor_file **file) {
    if (*file == NULL)
        return;
    if ((*file)->fd >= 0)
        close((*file)->fd);
    vic_tensor_header_release(&(*file)->header);
    vic_release(&(*file)->by_name);
    vic_release(&(*file)->path);
    vic_release(file);
}

const char *vic_tensor_file_path(const vic_tensor_file *file) {
    return file->path;
}

size_t vic_tensor_file_count(const vic_tensor_file *file) {
    return file->header.n;
}

const vic_tensor *vic_tensor_file_at(const vic_tensor_file *file, size_t index) {
    return &file->header.tensors[index];
}

const vic_tensor *vic_tensor_file_find(const vic_tensor_file *file, const char *name) {
    const vic_tensor **found =
        bsearch(name, file->by_name, file->header.n, sizeof *file->by_name, compare_with_name);
    return found == NULL ? NULL : *found;
}

const char *vic_tensor_file_metadata(const vic_tensor_file *file, const char *key) {
    return json_string_value(json_object_get(file->header.metadata, key));
}

static vic_status check_range(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n) {
    if (first <= tensor->count && n <= tensor->count - first)
        return VIC_OK;
    return vic_fail(VIC_BAD_FILE,
                    "%s: tensor \"%.100s\": %zu elements from element %zu on are wanted, it has %zu",
                    file->path, tensor->name, n, first, tensor->count);
}

vic_status vic_tensor_read_int64(const vic_tensor_file *file, const vic_tensor *tensor, size_t first,
                                 size_t n, int64_t *values) {
    if (strcmp(tensor->dtype, "I64") != 0)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"%.100s\": dtype %s, expected I64", file->path,
                        tensor->name, tensor->dtype);
    VIC_TRY(check_range(file, tensor, first, n));
    return vic_read_at(file->fd, file->path, values, n * sizeof *values,
                       tensor->offset + first * sizeof *values);
}

static vic_status not_finite(const vic_tensor_file *file, const vic_tensor *tensor, size_t index,
                             double value) {
    if (isfinite(value))
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"%.100s\": %g (element %zu) is too large for float32",
                        file->path, tensor->name, value, index);
    return vic_fail(VIC_BAD_FILE,
                    "%s: tensor \"%.100s\": %g (element %zu) is not allowed, expected finite numbers",
                    file->path, tensor->name, value, index);
}

/* Numbers [first, first + n), with n no more than fits `piece`, to values[0..n-1]. */
static vic_status read_piece(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n,
                             vic_precision precision, void *piece, void *values) {
    bool from32 = tensor->bytes / tensor->count == sizeof(float);
    size_t bytes = from32 ? sizeof(float) : sizeof(double);
    VIC_TRY(vic_read_at(file->fd, file->path, piece, n * bytes, tensor->offset + first * bytes));
    for (size_t i = 0; i < n; i++) {
        double value = from32 ? (double)((const float *)piece)[i] : ((const double *)piece)[i];
        float rounded = (float)value;
        if (!isfinite(precision == VIC_FLOAT32 ? (double)rounded : value))
            return not_finite(file, tensor, first + i, value);
        if (precision == VIC_FLOAT32)
            ((float *)values)[i] = rounded;
        else
            ((double *)values)[i] = value;
    }
    return VIC_OK;
}

vic_status vic_tensor_read_real(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n,
                                vic_precision precision, void *values) {
    enum { PIECE = 4096 };
    double piece[PIECE];
    if (strcmp(tensor->dtype, "F32") != 0 && strcmp(tensor->dtype, "F64") != 0)
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"%.100s\": dtype %s, expected F32 or F64", file->path,
                        tensor->name, tensor->dtype);
    VIC_TRY(check_range(file, tensor, first, n));
    size_t stride = precision == VIC_FLOAT32 ? sizeof(float) : sizeof(double);
    for (size_t done = 0; done < n;) {
        size_t some = n - done < PIECE ? n - done : PIECE;
        VIC_TRY(read_piece(file, tensor, first + done, some, precision, piece,
                           (unsigned char *)values + done * stride));
        done += some;
    }
    return VIC_OK;
}
