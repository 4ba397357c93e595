/* Reading safetensors. Every part of the file is checked before a number of it is used. */
#include "npy.h"
#include "tensor.h"

#include "base/bytes.h"
#include "base/file_kind.h"
#include "base/open_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct vic_tensor_file {
    char *path;
    vic_open file;         /* closed: all of it is in memory */
    unsigned char *memory; /* or NULL */
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

static vic_status open_regular(vic_open *file, const char *path, uint64_t *size) {
    VIC_TRY(vic_open_file(file, path, VIC_BAD_FILE));
    if (!S_ISREG(file->first.st_mode))
        return vic_fail(VIC_BAD_FILE, "%s: not a regular file, which safetensors have to be", path);
    *size = (uint64_t)file->first.st_size;
    return VIC_OK;
}

/* Files of other kinds are named; a damaged file of this kind still looks like one. */
static vic_status check_kind(const vic_tensor_file *file, uint64_t size) {
    unsigned char head[VIC_FILE_HEAD];
    size_t n = size < sizeof head ? (size_t)size : sizeof head;
    VIC_TRY(vic_read_at(file->file.fd, file->path, head, n, 0));
    if (n > VIC_TENSOR_PREFIX && head[VIC_TENSOR_PREFIX] == '{')
        return VIC_OK;
    return vic_refuse_other_kind(file->path, "a safetensors file", false, head, n);
}

static vic_status header_length(const vic_tensor_file *file, uint64_t size, uint64_t *length) {
    unsigned char prefix[VIC_TENSOR_PREFIX];
    if (size < sizeof prefix)
        return vic_fail(VIC_BAD_FILE,
                        "%s: truncated: the file has %llu bytes, safetensors begin with 8 bytes of length",
                        file->path, (unsigned long long)size);
    VIC_TRY(vic_read_at(file->file.fd, file->path, prefix, sizeof prefix, 0));
    *length = 0;
    for (int i = VIC_TENSOR_PREFIX - 1; i >= 0; i--)
        *length = *length << 8 | prefix[i];
    if (*length > VIC_LARGEST_TENSOR_HEADER)
        return vic_fail(
            VIC_BAD_FILE,
            "%s: a header of %llu bytes (bytes 0 to 7), at most %d are allowed: is this a safetensors file?",
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
    VIC_TRY(check_kind(file, size));
    VIC_TRY(header_length(file, size, &length));
    VIC_TRY(vic_allocate((size_t)length, 1, &text));
    vic_status status = vic_read_at(file->file.fd, file->path, text, (size_t)length, VIC_TENSOR_PREFIX);
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
    VIC_TRY(open_regular(&file->file, file->path, &size));
    VIC_TRY(read_header(file, size));
    VIC_TRY(vic_open_check(&file->file));
    return sort_names(file);
}

vic_status vic_tensor_file_open(vic_tensor_file **file, const char *path) {
    VIC_TRY(vic_allocate(1, sizeof **file, file));
    (*file)->file.fd = -1;
    vic_status status = open_file(*file, path);
    if (status != VIC_OK)
        vic_tensor_file_close(file);
    return status;
}

static vic_status open_npy(vic_tensor_file *file, const char *path, const char *name) {
    vic_npy array;
    vic_status status = vic_npy_read(&array, path);
    if (status == VIC_OK)
        status = vic_format(&file->path, "%s", path);
    if (status == VIC_OK)
        status = vic_allocate(1, sizeof *file->header.tensors, &file->header.tensors);
    if (status == VIC_OK)
        status = vic_tensor_fill(file->header.tensors, name, array.type->name, array.rank, array.dim);
    if (status == VIC_OK) {
        file->header.n = 1;
        file->memory = array.data;
        array.data = NULL;
        status = sort_names(file);
    }
    vic_npy_release(&array);
    return status;
}

vic_status vic_tensor_file_open_npy(vic_tensor_file **file, const char *path, const char *name) {
    VIC_TRY(vic_allocate(1, sizeof **file, file));
    (*file)->file.fd = -1;
    vic_status status = open_npy(*file, path, name);
    if (status != VIC_OK)
        vic_tensor_file_close(file);
    return status;
}

void vic_tensor_file_close(vic_tensor_file **file) {
    if (*file == NULL)
        return;
    vic_close_file(&(*file)->file);
    vic_tensor_header_release(&(*file)->header);
    vic_release(&(*file)->by_name);
    vic_release(&(*file)->memory);
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

bool vic_tensor_is_whole(const vic_tensor *tensor) {
    return vic_number_type_find(tensor->dtype)->whole != NULL;
}

bool vic_tensor_is_real(const vic_tensor *tensor) {
    const vic_number_type *type = vic_number_type_find(tensor->dtype);
    return type->real != NULL && type->whole == NULL;
}

/* Takes a tensor's numbers piece by piece. */
typedef vic_status take_piece(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n,
                              const unsigned char *piece, vic_precision precision, void *values);

static vic_status read_pieces(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n,
                              take_piece *take, vic_precision precision, size_t stride, void *values) {
    enum { PIECE = 4096, WIDEST = 8 };
    unsigned char piece[PIECE * WIDEST];
    size_t bytes = vic_dtype_bytes(tensor->dtype);
    VIC_TRY(check_range(file, tensor, first, n));
    for (size_t done = 0, some; done < n; done += some) {
        some = n - done < PIECE ? n - done : PIECE;
        uint64_t place = tensor->offset + (first + done) * bytes;
        if (file->memory)
            memcpy(piece, file->memory + place, some * bytes);
        else
            VIC_TRY(vic_read_at(file->file.fd, file->path, piece, some * bytes, place));
        VIC_TRY(take(file, tensor, first + done, some, piece, precision,
                     (unsigned char *)values + done * stride));
    }
    return file->memory ? VIC_OK : vic_open_check(&file->file);
}

static vic_status take_wholes(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n,
                              const unsigned char *piece, vic_precision precision, void *values) {
    const vic_number_type *type = vic_number_type_find(tensor->dtype);
    (void)precision;
    for (size_t i = 0; i < n; i++)
        if (!type->whole(piece + i * type->bytes, (int64_t *)values + i))
            return vic_fail(VIC_BAD_FILE,
                            "%s: tensor \"%.100s\": element %zu is too large, expected below 2^63",
                            file->path, tensor->name, first + i);
    return VIC_OK;
}

vic_status vic_tensor_read_int64(const vic_tensor_file *file, const vic_tensor *tensor, size_t first,
                                 size_t n, int64_t *values) {
    if (!vic_tensor_is_whole(tensor))
        return vic_fail(VIC_BAD_FILE, "%s: tensor \"%.100s\": dtype %s, expected integers", file->path,
                        tensor->name, tensor->dtype);
    return read_pieces(file, tensor, first, n, take_wholes, VIC_FLOAT64, sizeof *values, values);
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

static vic_status take_reals(const vic_tensor_file *file, const vic_tensor *tensor, size_t first, size_t n,
                             const unsigned char *piece, vic_precision precision, void *values) {
    const vic_number_type *type = vic_number_type_find(tensor->dtype);
    for (size_t i = 0; i < n; i++) {
        double value = type->real(piece + i * type->bytes);
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
    if (!vic_tensor_is_real(tensor) && !vic_tensor_is_whole(tensor))
        return vic_fail(VIC_BAD_FILE,
                        "%s: tensor \"%.100s\": dtype %s, expected F64, F32, F16, BF16 or integers",
                        file->path, tensor->name, tensor->dtype);
    return read_pieces(file, tensor, first, n, take_reals, precision, vic_precision_bytes(precision), values);
}
